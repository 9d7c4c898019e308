/** The two secrets of an endpoint, on the one occasion that they are shown, and what to do with them. */
import type { EndpointWithSecrets } from '@flowbit/api';
import { Button, CopyField, defineMessages, Group, Stack, Text, useMessages } from '@flowbit/ui';
import { Dialog } from '../../parts/dialog';
import { nameOf } from './endpoint-state';
import { N8nSteps } from './n8n-steps';

const words = defineMessages({
  en: {
    created: (name: string) => `Secrets of “${name}”`,
    rotated: (name: string) => `New secrets of “${name}”`,
    once: 'This is the only time they are shown. Store both where the workflow runs before you close this.',
    old: 'The old ones stay good for 24 hours: deliveries carry signatures of both, and callbacks with either are taken. Change them over within that time.',
    shared: 'Shared secret',
    sharedMeaning: 'Stands in the header X-Webhook-Secret, on the way out and on the way back.',
    signing: 'Signing secret',
    signingMeaning: 'Proves that a delivery is genuine (Standard Webhooks, header webhook-signature).',
    done: 'I have stored both',
  },
  de: {
    created: (name: string) => `Geheimnisse von „${name}“`,
    rotated: (name: string) => `Neue Geheimnisse von „${name}“`,
    once: 'Sie werden nur dieses eine Mal gezeigt. Hinterlegen Sie beide dort, wo der Workflow läuft, bevor Sie schließen.',
    old: 'Die alten gelten noch 24 Stunden: Zustellungen tragen Signaturen von beiden, Rückrufe mit beiden werden angenommen. Stellen Sie in dieser Zeit um.',
    shared: 'Gemeinsames Geheimnis',
    sharedMeaning: 'Steht im Header X-Webhook-Secret, auf dem Hinweg und auf dem Rückweg.',
    signing: 'Signaturschlüssel',
    signingMeaning: 'Beweist, dass eine Zustellung echt ist (Standard Webhooks, Header webhook-signature).',
    done: 'Beide sind hinterlegt',
  },
});

export interface SecretsDialogProps {
  endpoint: EndpointWithSecrets;
  /** Made anew for an endpoint that had others before. */
  isRotation: boolean;
  onDone(): void;
}

export function SecretsDialog({ endpoint, isRotation, onDone }: SecretsDialogProps) {
  const text = useMessages(words);
  const name = nameOf(endpoint);
  return (
    <Dialog
      opened
      onClose={onDone}
      title={isRotation ? text.rotated(name) : text.created(name)}
      size={600}
      // What is shown once must not vanish by a stray click or key.
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack gap={16}>
        <Text size="md">{text.once}</Text>
        {isRotation && (
          <Text size="sm" c="dimmed">
            {text.old}
          </Text>
        )}
        <CopyField label={text.shared} description={text.sharedMeaning} value={endpoint.sharedSecret} />
        <CopyField label={text.signing} description={text.signingMeaning} value={endpoint.secret} />
        {!isRotation && <N8nSteps />}
        <Group justify="flex-end">
          <Button onClick={onDone} data-autofocus>
            {text.done}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
