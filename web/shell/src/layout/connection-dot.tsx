/** How current the page is: live, catching up, or offline since when. */
import type { ConnectionState, LiveEvents } from '@flowbit/api';
import { defineMessages, Tooltip, useFormats, useMessages } from '@flowbit/ui';
import { useEffect, useState, useSyncExternalStore } from 'react';
import classes from './connection-dot.module.css';

const words = defineMessages({
  en: {
    live: 'Live',
    liveMeaning: 'Changes appear as they happen.',
    connecting: 'Connecting',
    connectingMeaning: 'Changes appear once the connection stands.',
    catchingUp: 'Catching up',
    catchingUpMeaning: 'Reading what happened in the meantime.',
    offline: (time: string) => `Offline since ${time}`,
    offlineMeaning: 'What you see may be old. You can go on reading; drafts are kept.',
  },
  de: {
    live: 'Live',
    liveMeaning: 'Änderungen erscheinen sofort.',
    connecting: 'Verbindet',
    connectingMeaning: 'Änderungen erscheinen, sobald die Verbindung steht.',
    catchingUp: 'Holt auf',
    catchingUpMeaning: 'Liest nach, was inzwischen geschehen ist.',
    offline: (time: string) => `Offline seit ${time}`,
    offlineMeaning: 'Was Sie sehen, kann veraltet sein. Lesen geht weiter, Entwürfe bleiben erhalten.',
  },
});

/** A renewed token cuts the line for a moment; that is nobody's concern. */
const PATIENCE_MS = 2000;

/** The connection's state, without the flicker of short interruptions. */
export function useCalmState(events: LiveEvents): ConnectionState {
  const state = useSyncExternalStore(events.onStateChange, events.getState);
  const [calm, setCalm] = useState(state);
  useEffect(() => {
    if (state.kind === 'live') {
      setCalm(state);
      return;
    }
    const timer = setTimeout(() => setCalm(state), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [state]);
  return calm;
}

export function ConnectionDot({ state }: { state: ConnectionState }) {
  const text = useMessages(words);
  const formats = useFormats();
  const label = state.kind === 'offline' ? text.offline(formats.time(state.since)) : text[state.kind];
  return (
    <Tooltip label={text[`${state.kind}Meaning`]}>
      <span className={classes.root} data-kind={state.kind} role="status">
        <span className={classes.dot} aria-hidden />
        <span className={classes.label}>{label}</span>
      </span>
    </Tooltip>
  );
}
