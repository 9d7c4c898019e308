/** One screen in the order: its grip, who has it, how its program is, and its switch. */
import type { Role } from '@flowbit/api';
import { ActionIcon, AppIcon, Checkbox, defineMessages, Switch, stateWords, useMessages } from '@flowbit/ui';
import type { RefObject } from 'react';
import { allowedRoles, type Choice, SCREENS_MODULE, type ScreenSetting, withRole } from './draft';
import { HealthBadge } from './health-badge';
import type { ManifestReport } from './remote-health';
import classes from './screen-row.module.css';
import { gripHandlers } from './use-reorder';

const words = defineMessages({
  en: {
    move: (title: string, place: number, count: number) =>
      `Move ${title}, place ${place} of ${count}; arrow keys move it`,
    up: (title: string) => `Move ${title} up`,
    down: (title: string) => `Move ${title} down`,
    who: (title: string) => `Who sees ${title}`,
    on: (title: string) => `Show ${title}`,
    onWord: 'On',
    offWord: 'Off',
    stays: 'Stays on for admins: screens are administered here.',
    lastRole: 'At least one role. To hide it from everyone, switch it off.',
    changed: 'Changed, not saved',
  },
  de: {
    move: (title: string, place: number, count: number) =>
      `${title} verschieben, Platz ${place} von ${count}; mit den Pfeiltasten`,
    up: (title: string) => `${title} nach oben`,
    down: (title: string) => `${title} nach unten`,
    who: (title: string) => `Wer ${title} sieht`,
    on: (title: string) => `${title} zeigen`,
    onWord: 'An',
    offWord: 'Aus',
    stays: 'Bleibt für Admins an: Hier werden die Bereiche verwaltet.',
    lastRole: 'Mindestens eine Rolle. Um den Bereich vor allen zu verbergen, schalten Sie ihn aus.',
    changed: 'Geändert, nicht gespeichert',
  },
});

export interface ScreenRowProps {
  screen: ScreenSetting;
  choice: Choice;
  place: number;
  count: number;
  list: RefObject<HTMLElement | null>;
  report: ManifestReport | undefined;
  isChanged: boolean;
  /** Why the server refused it. */
  refusal: string | undefined;
  onMove(id: string, place: number): void;
  onChoose(id: string, change: Partial<Choice>): void;
}

function RoleBoxes({ screen, choice, onChoose }: Pick<ScreenRowProps, 'screen' | 'choice' | 'onChoose'>) {
  const text = useMessages(words);
  const names = useMessages(stateWords);
  const allowed = allowedRoles(screen);
  const isHome = screen.remote.module === SCREENS_MODULE;

  function whyFixed(role: Role): string | undefined {
    if (isHome && role === 'admin') return text.stays;
    return choice.roles.length === 1 && choice.roles[0] === role ? text.lastRole : undefined;
  }

  if (allowed.length === 1) return <span className={classes.only}>{names[allowed[0] ?? 'admin']}</span>;
  return (
    <fieldset className={classes.roles} aria-label={text.who(screen.title)}>
      {allowed.map((role) => {
        const fixed = whyFixed(role);
        return (
          <Checkbox
            key={role}
            label={names[role]}
            checked={choice.roles.includes(role)}
            disabled={fixed !== undefined}
            title={fixed}
            onChange={(event) =>
              onChoose(screen.id, { roles: withRole(choice.roles, role, event.currentTarget.checked) })
            }
          />
        );
      })}
    </fieldset>
  );
}

export function ScreenRow(props: ScreenRowProps) {
  const { screen, choice, place, count, list, report, isChanged, refusal, onMove, onChoose } = props;
  const text = useMessages(words);
  const { id, title } = screen;
  const isHome = screen.remote.module === SCREENS_MODULE;
  return (
    <li className={classes.row} data-place={id} data-off={!choice.enabled || undefined}>
      <span className={classes.order}>
        <button
          type="button"
          className={classes.grip}
          aria-label={text.move(title, place + 1, count)}
          {...gripHandlers({ list, id, place, count, onMove })}
        >
          <AppIcon name="grip" />
        </button>
        <ActionIcon
          size={24}
          disabled={place === 0}
          onClick={() => onMove(id, place - 1)}
          aria-label={text.up(title)}
        >
          <AppIcon name="arrow-up" size={14} />
        </ActionIcon>
        <ActionIcon
          size={24}
          disabled={place === count - 1}
          onClick={() => onMove(id, place + 1)}
          aria-label={text.down(title)}
        >
          <AppIcon name="arrow-down" size={14} />
        </ActionIcon>
      </span>
      <span className={classes.what}>
        <AppIcon name={screen.icon} className={classes.icon} />
        <span className={classes.words}>
          <span className={classes.title}>
            {title}
            {isChanged && (
              <span className={classes.dot} role="img" aria-label={text.changed} title={text.changed} />
            )}
          </span>
          <span className={classes.detail}>
            {screen.path} · {screen.remote.name} {screen.remote.module}
          </span>
          {refusal && (
            <span className={classes.refusal} role="alert">
              {refusal}
            </span>
          )}
        </span>
      </span>
      <span className={classes.who}>
        <RoleBoxes screen={screen} choice={choice} onChoose={onChoose} />
      </span>
      <span className={classes.health}>
        <HealthBadge report={report} remote={screen.remote} />
      </span>
      <span className={classes.switch}>
        {isHome && choice.enabled ? (
          <span className={classes.stays} title={text.stays}>
            <AppIcon name="lock" size={14} label={text.stays} />
            {text.onWord}
          </span>
        ) : (
          <Switch
            size="sm"
            aria-label={text.on(title)}
            label={choice.enabled ? text.onWord : text.offWord}
            labelPosition="left"
            checked={choice.enabled}
            onChange={(event) => onChoose(id, { enabled: event.currentTarget.checked })}
          />
        )}
      </span>
    </li>
  );
}
