/** Switching off and on, rotating secrets, deleting: each asked about with its consequences. */
import { type Endpoint, type EndpointWithSecrets, isApiError } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { defineMessages, useMessages } from '@flowbit/ui';
import { ActDialog } from '../../parts/act-dialog';
import { useEndpointChanges } from './endpoint-queries';
import { nameOf } from './endpoint-state';

export type EndpointDeed = 'off' | 'on' | 'rotate' | 'delete';

const words = defineMessages({
  en: {
    offTitle: (name: string) => `Switch “${name}” off?`,
    offConfirm: 'Switch off',
    offEvents: 'Events that happen meanwhile are not sent to it, now or later.',
    offWaiting: 'Deliveries that wait stay and go out once it is switched on again.',
    offDone: (name: string) => `“${name}” is off`,
    onTitle: (name: string) => `Switch “${name}” on?`,
    onConfirm: 'Switch on',
    onFresh: 'It gets events from now on, and deliveries that waited. Earlier failures are forgotten.',
    onDone: (name: string) => `“${name}” is on`,
    rotateTitle: (name: string) => `New secrets for “${name}”?`,
    rotateConfirm: 'Rotate secrets',
    rotateOnce: 'Both secrets are made anew and shown once.',
    rotateOld: 'The old ones stay good for 24 hours, so that the workflow can be changed over without a gap.',
    rotateLeaked:
      'Has one leaked? Then don’t wait a day: delete the endpoint and add it again, which makes the old ones void at once.',
    deleteTitle: (name: string) => `Delete “${name}”?`,
    deleteConfirm: 'Delete endpoint',
    deleteSecrets: 'Its secrets are erased: callbacks of running workflows are refused from now on.',
    deleteWaiting: 'Deliveries that wait are given up. Past ones can still be read.',
    deleteBack: 'It can’t be brought back; a new one gets new secrets.',
    deleteDone: (name: string) => `“${name}” is deleted`,
    gone: 'This endpoint is no longer here',
    goneMeaning: 'Someone deleted it in the meantime.',
  },
  de: {
    offTitle: (name: string) => `„${name}“ ausschalten?`,
    offConfirm: 'Ausschalten',
    offEvents: 'Was in der Zwischenzeit geschieht, wird ihm nicht gesendet, auch später nicht.',
    offWaiting: 'Wartende Zustellungen bleiben und gehen hinaus, sobald er wieder an ist.',
    offDone: (name: string) => `„${name}“ ist aus`,
    onTitle: (name: string) => `„${name}“ einschalten?`,
    onConfirm: 'Einschalten',
    onFresh: 'Ab jetzt bekommt er Ereignisse und die wartenden Zustellungen. Frühere Fehler sind vergessen.',
    onDone: (name: string) => `„${name}“ ist an`,
    rotateTitle: (name: string) => `Neue Geheimnisse für „${name}“?`,
    rotateConfirm: 'Geheimnisse erneuern',
    rotateOnce: 'Beide Geheimnisse entstehen neu und werden einmal gezeigt.',
    rotateOld: 'Die alten gelten noch 24 Stunden, damit der Workflow ohne Lücke umgestellt werden kann.',
    rotateLeaked:
      'Ist eines bekannt geworden? Dann warten Sie keinen Tag: Löschen Sie den Endpunkt und legen Sie ihn neu an; damit gelten die alten sofort nicht mehr.',
    deleteTitle: (name: string) => `„${name}“ löschen?`,
    deleteConfirm: 'Endpunkt löschen',
    deleteSecrets:
      'Seine Geheimnisse werden gelöscht: Rückrufe laufender Workflows werden ab jetzt abgelehnt.',
    deleteWaiting: 'Wartende Zustellungen werden aufgegeben. Vergangene bleiben lesbar.',
    deleteBack: 'Er lässt sich nicht zurückholen; ein neuer bekommt neue Geheimnisse.',
    deleteDone: (name: string) => `„${name}“ ist gelöscht`,
    gone: 'Diesen Endpunkt gibt es nicht mehr',
    goneMeaning: 'Jemand hat ihn inzwischen gelöscht.',
  },
});

export interface EndpointDeedProps {
  deed: EndpointDeed;
  endpoint: Endpoint;
  onClose(): void;
  onRotated(endpoint: EndpointWithSecrets): void;
  onDeleted(): void;
}

export function EndpointDeedDialog({ deed, endpoint, onClose, onRotated, onDeleted }: EndpointDeedProps) {
  const text = useMessages(words);
  const { toast } = useScreen();
  const { update, rotate, remove } = useEndpointChanges();
  const { id } = endpoint;
  const name = nameOf(endpoint);

  const deeds = {
    off: {
      title: text.offTitle(name),
      consequences: [text.offEvents, text.offWaiting],
      confirmLabel: text.offConfirm,
      onConfirm: async () => {
        await update(id, { active: false });
        toast({ kind: 'success', title: text.offDone(name) });
      },
    },
    on: {
      title: text.onTitle(name),
      consequences: [text.onFresh],
      confirmLabel: text.onConfirm,
      onConfirm: async () => {
        await update(id, { active: true });
        toast({ kind: 'success', title: text.onDone(name) });
      },
    },
    rotate: {
      title: text.rotateTitle(name),
      consequences: [text.rotateOnce, text.rotateOld, text.rotateLeaked],
      confirmLabel: text.rotateConfirm,
      onConfirm: async () => onRotated(await rotate(id)),
    },
    delete: {
      title: text.deleteTitle(name),
      consequences: [text.deleteSecrets, text.deleteWaiting, text.deleteBack],
      confirmLabel: text.deleteConfirm,
      isDangerous: true,
      onConfirm: async () => {
        await remove(id);
        toast({ kind: 'success', title: text.deleteDone(name) });
        onDeleted();
      },
    },
  };
  return (
    <ActDialog
      opened
      onClose={onClose}
      explain={(error) =>
        isApiError(error, 'not_found') ? { title: text.gone, meaning: text.goneMeaning } : null
      }
      {...deeds[deed]}
    />
  );
}
