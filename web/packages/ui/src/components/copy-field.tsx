/** A value to take along: shown whole, copied with one press, and said so. */
import { ActionIcon, CopyButton, TextInput, Tooltip, VisuallyHidden } from '@mantine/core';
import { defineMessages, useMessages } from '../i18n/locale';
import { AppIcon } from './app-icon';

const words = defineMessages({
  en: { copy: 'Copy', copied: 'Copied' },
  de: { copy: 'Kopieren', copied: 'Kopiert' },
});

export interface CopyFieldProps {
  label: string;
  value: string;
  description?: string;
}

export function CopyField({ label, value, description }: CopyFieldProps) {
  const text = useMessages(words);
  return (
    <CopyButton value={value} timeout={2000}>
      {({ copied, copy }) => (
        <>
          <TextInput
            label={label}
            {...(description === undefined ? {} : { description })}
            value={value}
            readOnly
            onFocus={(event) => event.currentTarget.select()}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            rightSection={
              <Tooltip label={copied ? text.copied : text.copy}>
                <ActionIcon onClick={copy} aria-label={`${text.copy}: ${label}`}>
                  <AppIcon name={copied ? 'check' : 'copy'} />
                </ActionIcon>
              </Tooltip>
            }
          />
          <VisuallyHidden role="status">{copied ? text.copied : ''}</VisuallyHidden>
        </>
      )}
    </CopyButton>
  );
}
