/** What one wants to be told, whether this browser rings, and when it is to be quiet. */
import type { MailFrequency, QuietHours, SessionUser, NoticeSettings as Settings } from '@flowbit/api';
import {
  defineMessages,
  ErrorState,
  Modal,
  Select,
  SkeletonRows,
  Stack,
  Switch,
  Text,
  TextInput,
  useMessages,
} from '@flowbit/ui';
import classes from './notice-settings.module.css';
import { kindWords, REQUESTER_KINDS, STAFF_KINDS } from './notice-words';
import { useDesktopConsent, useNoticeSettings, useSetNotices } from './use-notices';

const words = defineMessages({
  en: {
    title: 'Notification settings',
    tell: 'Tell me when',
    desktop: 'Notify me on this device',
    desktopMeaning: 'While this page is out of sight.',
    denied: 'Your browser does not allow it for this page. Change that in its settings.',
    email: 'By e-mail',
    emailMeaning: 'Of what you have not read here.',
    instant: 'Soon',
    hourly: 'Once an hour at most',
    daily: 'Once a day at most',
    off: 'Never',
    quiet: 'Quiet hours',
    quietMeaning: (zone: string) => `Nothing rings then, by the clock of ${zone}.`,
    from: 'From',
    to: 'To',
  },
  de: {
    title: 'Meldungen einstellen',
    tell: 'Melden, wenn',
    desktop: 'Auf diesem Gerät melden',
    desktopMeaning: 'Solange diese Seite nicht zu sehen ist.',
    denied: 'Ihr Browser erlaubt es dieser Seite nicht. Ändern Sie das in seinen Einstellungen.',
    email: 'Per E-Mail',
    emailMeaning: 'Was Sie hier nicht gelesen haben.',
    instant: 'Bald',
    hourly: 'Höchstens einmal pro Stunde',
    daily: 'Höchstens einmal am Tag',
    off: 'Nie',
    quiet: 'Ruhezeit',
    quietMeaning: (zone: string) => `Dann meldet sich nichts, nach der Uhr von ${zone}.`,
    from: 'Von',
    to: 'Bis',
  },
});

const FREQUENCIES: readonly MailFrequency[] = ['instant', 'hourly', 'daily', 'off'];

/** What stands there when quiet hours are switched on. */
function usualHours(): QuietHours {
  return { from: '22:00', to: '07:00', timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone };
}

function SettingsForm({ settings, user }: { settings: Settings; user: SessionUser }) {
  const text = useMessages(words);
  const kinds = useMessages(kindWords);
  const { mutate: save } = useSetNotices();
  const desktop = useDesktopConsent();
  const { email, muted, quietHours, sendsEmail } = settings;

  function saveTime(part: 'from' | 'to', time: string) {
    if (quietHours === null || time === '' || time === quietHours[part]) return;
    const next = { ...quietHours, [part]: time };
    if (next.from !== next.to) save({ quietHours: next });
  }

  return (
    <Stack gap={20}>
      <fieldset className={classes.group}>
        <legend className={classes.legend}>{text.tell}</legend>
        {(user.role === 'user' ? REQUESTER_KINDS : STAFF_KINDS).map((kind) => (
          <Switch
            key={kind}
            label={kinds[kind]}
            checked={!muted.includes(kind)}
            onChange={(event) => {
              const others = muted.filter((one) => one !== kind);
              save({ muted: event.currentTarget.checked ? others : [...others, kind] });
            }}
          />
        ))}
      </fieldset>
      {desktop.isPossible && (
        <Switch
          label={text.desktop}
          description={desktop.isDenied ? text.denied : text.desktopMeaning}
          disabled={desktop.isDenied}
          checked={desktop.isOn}
          onChange={(event) => void desktop.set(event.currentTarget.checked)}
        />
      )}
      {sendsEmail && (
        <Select
          label={text.email}
          description={text.emailMeaning}
          data={FREQUENCIES.map((value) => ({ value, label: text[value] }))}
          value={email}
          allowDeselect={false}
          onChange={(value) => {
            const chosen = FREQUENCIES.find((one) => one === value);
            if (chosen && chosen !== email) save({ email: chosen });
          }}
        />
      )}
      <div className={classes.group}>
        <Switch
          label={text.quiet}
          checked={quietHours !== null}
          onChange={(event) => save({ quietHours: event.currentTarget.checked ? usualHours() : null })}
        />
        {quietHours && (
          <>
            <div className={classes.hours}>
              {(['from', 'to'] as const).map((part) => (
                <TextInput
                  key={`${part}:${quietHours[part]}`}
                  type="time"
                  label={text[part]}
                  defaultValue={quietHours[part]}
                  onBlur={(event) => saveTime(part, event.currentTarget.value)}
                />
              ))}
            </div>
            <Text size="sm" c="dimmed">
              {text.quietMeaning(quietHours.timeZone)}
            </Text>
          </>
        )}
      </div>
    </Stack>
  );
}

export interface NoticeSettingsProps {
  user: SessionUser;
  opened: boolean;
  onClose(): void;
}

export function NoticeSettings({ user, opened, onClose }: NoticeSettingsProps) {
  const text = useMessages(words);
  const settings = useNoticeSettings();
  return (
    <Modal opened={opened} onClose={onClose} title={text.title} size={440}>
      {settings.data ? (
        <SettingsForm settings={settings.data} user={user} />
      ) : settings.isError ? (
        <ErrorState error={settings.error} onRetry={() => void settings.refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </Modal>
  );
}
