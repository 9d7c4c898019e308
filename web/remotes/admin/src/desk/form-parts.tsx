/** The foot of a form, and what the server refused of it beyond its fields. */
import { isApiError } from '@flowbit/api';
import { Button, defineMessages, describeError, Group, Text, useMessages } from '@flowbit/ui';

const words = defineMessages({
  en: { cancel: 'Cancel', tooMany: 'There are as many as can be kept. Remove one that is no longer used.' },
  de: { cancel: 'Abbrechen', tooMany: 'Mehr können nicht behalten werden. Entfernen Sie etwas Unbenutztes.' },
});

/** What is said of an error that none of the form's fields shows. */
export function FormError({ error, shown }: { error: unknown; shown: readonly string[] }) {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  if (error === null) return null;
  const fields = isApiError(error) ? Object.entries(error.fieldErrors) : [];
  const rest = fields.filter(([path]) => !shown.some((one) => path.startsWith(one)));
  if (fields.length > 0 && rest.length === 0) return null;
  const { title, meaning } = describe(error);
  return (
    <Text size="sm" c="var(--fb-danger)" role="alert">
      {rest.length > 0
        ? rest.map(([path, message]) => `${path}: ${message}`).join(' ')
        : isApiError(error, 'too_many')
          ? text.tooMany
          : `${title}. ${meaning}`}
    </Text>
  );
}

/** The first error of a field, such as `options[1]` of `options`. */
export function errorAt(error: unknown, path: string): string | undefined {
  if (!isApiError(error)) return undefined;
  const found = Object.entries(error.fieldErrors).find(([one]) => one === path || one.startsWith(`${path}[`));
  return found?.[1];
}

export function FormFoot({ save, isBusy, onCancel }: { save: string; isBusy: boolean; onCancel(): void }) {
  const text = useMessages(words);
  return (
    <Group justify="flex-end" gap={8} mt={8}>
      <Button variant="default" onClick={onCancel}>
        {text.cancel}
      </Button>
      <Button type="submit" loading={isBusy}>
        {save}
      </Button>
    </Group>
  );
}
