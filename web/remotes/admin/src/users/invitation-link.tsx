/** An invitation link, on the one occasion that it is shown. */
import type { Invitation } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  AppIcon,
  Button,
  CopyField,
  defineMessages,
  Group,
  Stack,
  Text,
  useFormats,
  useMessages,
} from '@flowbit/ui';

const words = defineMessages({
  en: {
    label: 'Link',
    once: 'This is the only time the link is shown. Copy it now and send it yourself; Flowbit sends no email.',
    until: (at: string) => `Good for one use, until ${at}. A newer link replaces it.`,
    mail: 'Write an email',
    done: 'Done',
    subject: (company: string) => `Your access to ${company}’s support desk`,
    body: (name: string, url: string) =>
      `Hello ${name},\n\nplease choose your password here:\n${url}\n\nThe link works once.`,
  },
  de: {
    label: 'Link',
    once: 'Der Link wird nur dieses eine Mal gezeigt. Kopieren und senden Sie ihn selbst; Flowbit verschickt keine E-Mail.',
    until: (at: string) => `Gilt für eine Verwendung, bis ${at}. Ein neuerer Link ersetzt ihn.`,
    mail: 'E-Mail schreiben',
    done: 'Fertig',
    subject: (company: string) => `Ihr Zugang zum Support von ${company}`,
    body: (name: string, url: string) =>
      `Guten Tag ${name},\n\nbitte wählen Sie hier Ihr Passwort:\n${url}\n\nDer Link gilt einmal.`,
  },
});

export interface InvitationLinkProps {
  person: { name: string; email: string };
  invitation: Invitation;
  onDone(): void;
}

export function InvitationLink({ person, invitation, onDone }: InvitationLinkProps) {
  const text = useMessages(words);
  const formats = useFormats();
  const { customer } = useScreen();
  const subject = encodeURIComponent(text.subject(customer.name));
  const body = encodeURIComponent(text.body(person.name, invitation.url));
  return (
    <Stack gap={16}>
      <Text size="md">{text.once}</Text>
      <CopyField
        label={text.label}
        value={invitation.url}
        description={text.until(formats.exact(new Date(invitation.expiresAt)))}
      />
      <Group justify="flex-end" gap={8} mt={8}>
        <Button
          component="a"
          variant="default"
          leftSection={<AppIcon name="mail" />}
          href={`mailto:${encodeURIComponent(person.email)}?subject=${subject}&body=${body}`}
        >
          {text.mail}
        </Button>
        <Button onClick={onDone}>{text.done}</Button>
      </Group>
    </Stack>
  );
}
