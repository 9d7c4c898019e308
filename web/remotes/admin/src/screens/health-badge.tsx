/** The health of a screen's program in a few words, the long ones on hover. */
import type { ScreenRemote } from '@flowbit/api';
import {
  defineMessages,
  Skeleton,
  StateBadge,
  type StateBadgeProps,
  Tooltip,
  useFormats,
  useMessages,
} from '@flowbit/ui';
import { type Health, judge, type ManifestReport } from './remote-health';

const words = defineMessages({
  en: {
    ok: (time: string) => `Answers in ${time}`,
    slow: (time: string) => `Slow: ${time}`,
    refused: (status: string) => `Answers ${status}`,
    unreadable: 'Not a manifest',
    unreachable: 'Not reachable',
    timeout: 'No answer in 8 s',
    missingModule: 'Module missing',
    altered: 'Altered',
    okMeaning: 'Its manifest was fetched from here and offers the module that this screen needs.',
    slowMeaning: 'It works, but people wait for it. Over 8 seconds it is given up.',
    refusedMeaning: 'The address of its manifest answers with an error. People see an error in its place.',
    unreadableMeaning: 'What answers there is not a manifest. People see an error in its place.',
    unreachableMeaning:
      'Nothing answers at its address, or the browser may not ask there. People see an error in its place.',
    timeoutMeaning: 'It did not answer within 8 seconds, which is when people see an error in its place.',
    missingModuleMeaning: (module: string) => `Its manifest is there, but offers no module ${module}.`,
    alteredMeaning: 'Its manifest is not the one whose hash the operator has pinned in the registry.',
  },
  de: {
    ok: (time: string) => `Antwortet in ${time}`,
    slow: (time: string) => `Langsam: ${time}`,
    refused: (status: string) => `Antwortet ${status}`,
    unreadable: 'Kein Manifest',
    unreachable: 'Nicht erreichbar',
    timeout: 'Keine Antwort in 8 s',
    missingModule: 'Modul fehlt',
    altered: 'Verändert',
    okMeaning: 'Das Manifest wurde von hier abgerufen und bietet das Modul, das dieser Bereich braucht.',
    slowMeaning: 'Es geht, aber man wartet darauf. Nach 8 Sekunden wird abgebrochen.',
    refusedMeaning:
      'Die Adresse des Manifests antwortet mit einem Fehler. Statt des Bereichs steht ein Fehler.',
    unreadableMeaning: 'Was dort antwortet, ist kein Manifest. Statt des Bereichs steht ein Fehler.',
    unreachableMeaning:
      'Unter der Adresse antwortet nichts, oder der Browser darf dort nicht fragen. Statt des Bereichs steht ein Fehler.',
    timeoutMeaning: 'Keine Antwort innerhalb von 8 Sekunden; dann steht statt des Bereichs ein Fehler.',
    missingModuleMeaning: (module: string) => `Das Manifest ist da, bietet aber kein Modul ${module}.`,
    alteredMeaning: 'Das Manifest ist nicht das, dessen Hash der Betreiber im Register festgelegt hat.',
  },
});

type Words = ReturnType<typeof useMessages<(typeof words)['en']>>;

const LOOKS: Record<Health['state'], Pick<StateBadgeProps, 'tone' | 'icon'>> = {
  ok: { tone: 'success', icon: 'circle-check' },
  slow: { tone: 'warning', icon: 'clock-exclamation' },
  refused: { tone: 'danger', icon: 'circle-x' },
  unreadable: { tone: 'danger', icon: 'circle-x' },
  unreachable: { tone: 'danger', icon: 'cloud-off' },
  timeout: { tone: 'danger', icon: 'clock-exclamation' },
  missingModule: { tone: 'danger', icon: 'puzzle' },
  altered: { tone: 'danger', icon: 'alert-triangle' },
};

function describe(health: Health, module: string, text: Words, duration: (ms: number) => string) {
  switch (health.state) {
    case 'ok':
      return { label: text.ok(duration(health.ms)), meaning: text.okMeaning };
    case 'slow':
      return { label: text.slow(duration(health.ms)), meaning: text.slowMeaning };
    case 'refused':
      return { label: text.refused(String(health.status)), meaning: text.refusedMeaning };
    case 'missingModule':
      return { label: text.missingModule, meaning: text.missingModuleMeaning(module) };
    default:
      return { label: text[health.state], meaning: text[`${health.state}Meaning`] };
  }
}

export function HealthBadge({
  report,
  remote,
}: {
  report: ManifestReport | undefined;
  remote: ScreenRemote;
}) {
  const text = useMessages(words);
  const formats = useFormats();
  if (report === undefined) return <Skeleton height={10} width={96} radius={3} />;
  const health = judge(report, remote);
  const { label, meaning } = describe(health, remote.module, text, formats.duration);
  return (
    <Tooltip
      label={meaning}
      multiline
      w={280}
      openDelay={200}
      events={{ hover: true, focus: true, touch: true }}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what it means must be readable by keyboard too */}
      <span tabIndex={0}>
        <StateBadge {...LOOKS[health.state]} label={label} variant="plain" />
      </span>
    </Tooltip>
  );
}
