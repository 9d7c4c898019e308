/** What happened, what it means, and the way back. */
import { Button, Code, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { defineMessages, useMessages } from '../i18n/locale';
import { AppIcon } from './app-icon';
import { describeError } from './describe-error';
import classes from './states.module.css';

const words = defineMessages({
  en: { retry: 'Try again', request: (id: string) => `Request ${id}` },
  de: { retry: 'Noch einmal versuchen', request: (id: string) => `Anfrage ${id}` },
});

export interface ErrorStateProps {
  /** What happened; taken from the error unless given. */
  title?: string;
  /** What it means for the person; taken from the error unless given. */
  children?: ReactNode;
  error?: unknown;
  onRetry?: (() => void) | undefined;
  /** Other ways out, beside the retry. */
  action?: ReactNode;
  /** `inline` stands within a panel, `page` fills a screen. */
  variant?: 'page' | 'inline';
}

export function ErrorState({ title, children, error, onRetry, action, variant = 'page' }: ErrorStateProps) {
  const text = useMessages(words);
  const described = useMessages(describeError)(error, { isReading: true });
  return (
    <Stack className={classes.root} data-variant={variant} gap={8} align="center" role="alert">
      <span className={classes.icon} data-tone="danger">
        <AppIcon name={described.isOffline ? 'wifi-off' : 'alert-triangle'} size={20} />
      </span>
      <Title order={2} size="h3">
        {title ?? described.title}
      </Title>
      <Text size="sm" c="dimmed" ta="center" maw={460} component="div">
        {children ?? described.meaning}
      </Text>
      {(onRetry || action) && (
        <div className={classes.action}>
          {onRetry && (
            <Button variant="default" leftSection={<AppIcon name="refresh" />} onClick={onRetry}>
              {text.retry}
            </Button>
          )}
          {action}
        </div>
      )}
      {described.requestId && <Code className={classes.request}>{text.request(described.requestId)}</Code>}
    </Stack>
  );
}
