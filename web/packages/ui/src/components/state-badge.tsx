/** A state as colour, icon and word: never by colour alone. */

import { defineMessages, useMessages } from '../i18n/locale';
import type { IconName } from '../icons';
import { AppIcon } from './app-icon';
import classes from './state-badge.module.css';

export type Tone = 'info' | 'success' | 'warning' | 'danger' | 'violet' | 'neutral';

export interface StateBadgeProps {
  tone: Tone;
  icon: IconName;
  label: string;
  /** `plain` has no ground of its own, for dense lists; `icon` hides the word from sight only. */
  variant?: 'tinted' | 'plain' | 'icon';
}

export function StateBadge({ tone, icon, label, variant = 'tinted' }: StateBadgeProps) {
  return (
    <span
      className={classes.root}
      data-tone={tone}
      data-variant={variant}
      title={variant === 'icon' ? label : undefined}
    >
      {variant === 'icon' ? (
        <AppIcon name={icon} size={16} label={label} />
      ) : (
        <>
          <AppIcon name={icon} size={14} />
          <span className={classes.label}>{label}</span>
        </>
      )}
    </span>
  );
}

type Look = { tone: Tone; icon: IconName };

const TICKET = {
  open: { tone: 'info', icon: 'circle' },
  in_progress: { tone: 'warning', icon: 'circle-half' },
  waiting: { tone: 'violet', icon: 'pause' },
  resolved: { tone: 'success', icon: 'circle-check' },
  closed: { tone: 'neutral', icon: 'circle-minus' },
} satisfies Record<string, Look>;

const WORKFLOW = {
  pending: { tone: 'neutral', icon: 'circle-dashed' },
  running: { tone: 'info', icon: 'play' },
  done: { tone: 'success', icon: 'circle-check' },
  failed: { tone: 'danger', icon: 'circle-x' },
  overdue: { tone: 'warning', icon: 'clock-exclamation' },
} satisfies Record<string, Look>;

const DELIVERY = {
  pending: { tone: 'neutral', icon: 'clock' },
  sending: { tone: 'info', icon: 'send' },
  delivered: { tone: 'success', icon: 'circle-check' },
  dead: { tone: 'danger', icon: 'circle-x' },
} satisfies Record<string, Look>;

/** The words for states, for menus and filters as well. */
export const stateWords = defineMessages({
  en: {
    open: 'Open',
    in_progress: 'In progress',
    waiting: 'Waiting',
    resolved: 'Resolved',
    closed: 'Closed',
    pending: 'Pending',
    running: 'Running',
    done: 'Done',
    failed: 'Failed',
    overdue: 'Overdue',
    sending: 'Sending',
    delivered: 'Delivered',
    dead: 'Given up',
    low: 'Low',
    normal: 'Normal',
    high: 'High',
    urgent: 'Urgent',
    admin: 'Admin',
    agent: 'Agent',
    user: 'Requester',
  },
  de: {
    open: 'Offen',
    in_progress: 'In Arbeit',
    waiting: 'Wartet',
    resolved: 'Gelöst',
    closed: 'Geschlossen',
    pending: 'Steht an',
    running: 'Läuft',
    done: 'Erledigt',
    failed: 'Fehlgeschlagen',
    overdue: 'Überfällig',
    sending: 'Wird gesendet',
    delivered: 'Zugestellt',
    dead: 'Aufgegeben',
    low: 'Niedrig',
    normal: 'Normal',
    high: 'Hoch',
    urgent: 'Dringend',
    admin: 'Admin',
    agent: 'Agent',
    user: 'Anfragende',
  },
});

type Variant = Pick<StateBadgeProps, 'variant'>;

export function StatusBadge({ status, ...rest }: { status: keyof typeof TICKET } & Variant) {
  const words = useMessages(stateWords);
  return <StateBadge {...TICKET[status]} label={words[status]} {...rest} />;
}

export function WorkflowBadge({ state, ...rest }: { state: keyof typeof WORKFLOW } & Variant) {
  const words = useMessages(stateWords);
  return <StateBadge {...WORKFLOW[state]} label={words[state]} {...rest} />;
}

export function DeliveryBadge({ state, ...rest }: { state: keyof typeof DELIVERY } & Variant) {
  const words = useMessages(stateWords);
  return <StateBadge {...DELIVERY[state]} label={words[state]} {...rest} />;
}
