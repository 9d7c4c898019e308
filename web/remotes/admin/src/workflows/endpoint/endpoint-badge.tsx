/** How an endpoint fares, as colour, icon and words. */
import type { Endpoint } from '@flowbit/api';
import {
  defineMessages,
  plural,
  StateBadge,
  type StateBadgeProps,
  useFormats,
  useLocale,
  useMessages,
} from '@flowbit/ui';
import { type EndpointState, stateOf } from './endpoint-state';

const words = defineMessages({
  en: {
    off: 'Off',
    paused: (time: string) => `Paused until ${time}`,
    failing: (count: string) => `${count} failures in a row`,
    failingOnce: 'Last attempt failed',
    untried: 'Nothing sent yet',
    well: 'Working',
  },
  de: {
    off: 'Aus',
    paused: (time: string) => `Pause bis ${time}`,
    failing: (count: string) => `${count} Fehler in Folge`,
    failingOnce: 'Letzter Versuch fehlgeschlagen',
    untried: 'Noch nichts gesendet',
    well: 'Arbeitet',
  },
});

const LOOKS: Record<EndpointState['kind'], Pick<StateBadgeProps, 'tone' | 'icon'>> = {
  off: { tone: 'neutral', icon: 'circle-minus' },
  paused: { tone: 'danger', icon: 'pause' },
  failing: { tone: 'warning', icon: 'alert-triangle' },
  untried: { tone: 'info', icon: 'circle-dashed' },
  well: { tone: 'success', icon: 'circle-check' },
};

export function EndpointBadge({ endpoint }: { endpoint: Endpoint }) {
  const text = useMessages(words);
  const locale = useLocale();
  const formats = useFormats();
  const state = stateOf(endpoint, Date.now());

  function label(): string {
    if (state.kind === 'paused') return text.paused(formats.time(new Date(state.until)));
    if (state.kind !== 'failing') return text[state.kind];
    const forms = { one: text.failingOnce, other: text.failing(formats.number(state.failures)) };
    return plural(locale, state.failures, forms);
  }

  return <StateBadge {...LOOKS[state.kind]} label={label()} />;
}
