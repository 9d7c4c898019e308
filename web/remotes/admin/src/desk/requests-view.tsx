/** What holds for those who raise requests: how long an answer reopens one that was solved. */
import { type CompanySettings, isApiError } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  Button,
  defineMessages,
  NumberInput,
  PageHeader,
  Radio,
  SkeletonRows,
  Stack,
  useMessages,
} from '@flowbit/ui';
import { type FormEvent, useState } from 'react';
import { LoadError } from '../parts/load-error';
import classes from './desk.module.css';
import { errorAt, FormError } from './form-parts';
import { useDeskChanges, useSettings } from './queries';
import { DAYS_MAX, type ReopenChoice, readReopening, reopenDaysOf } from './reopen-choice';
import { Tabs } from './tabs';

const words = defineMessages({
  en: {
    description: 'What holds for those who raise requests.',
    label: 'Reopening',
    meaning:
      'When a request is solved, its requester can open it again by an answer. After this time they raise a follow-up instead. Agents and admins can always go on.',
    within: 'For some days',
    always: 'Always',
    never: 'Never',
    days: 'Days after it was solved',
    wrong: (max: string) => `A whole number of days, from 1 to ${max}.`,
    save: 'Save',
    saved: 'Saved',
    again: 'Load the present state',
  },
  de: {
    description: 'Was für alle gilt, die Anfragen stellen.',
    label: 'Wieder öffnen',
    meaning:
      'Ist eine Anfrage gelöst, öffnet eine Antwort der anfragenden Person sie wieder. Nach dieser Zeit stellt sie stattdessen eine Folgeanfrage. Agenten und Admins können immer weitermachen.',
    within: 'Einige Tage lang',
    always: 'Immer',
    never: 'Nie',
    days: 'Tage, nachdem sie gelöst wurde',
    wrong: (max: string) => `Eine ganze Zahl von Tagen, von 1 bis ${max}.`,
    save: 'Speichern',
    saved: 'Gespeichert',
    again: 'Jetzigen Stand laden',
  },
});

const CHOICES = ['within', 'always', 'never'] as const satisfies readonly ReopenChoice['kind'][];

function SettingsForm({ settings, onReload }: { settings: CompanySettings; onReload(): void }) {
  const text = useMessages(words);
  const { toast } = useScreen();
  const changes = useDeskChanges();
  const [choice, setChoice] = useState(() => readReopening(settings.reopenDays));
  // What is saved is a change of what was shown when the form opened, whoever has saved another since.
  const [version] = useState(settings.version);
  const [wasTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const days = reopenDaysOf(choice);
  const isWrong = days === undefined;

  async function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    setError(null);
    if (days === undefined) return;
    setBusy(true);
    try {
      await changes.updateSettings({ reopenDays: days, version });
      toast({ kind: 'success', title: text.saved, key: 'settings' });
    } catch (caught) {
      setError(caught);
    }
    setBusy(false);
  }

  return (
    <form className={classes.settings} noValidate onSubmit={(event) => void submit(event)}>
      <Stack gap={16}>
        <Radio.Group
          label={text.label}
          description={text.meaning}
          value={choice.kind}
          onChange={(next) => {
            const kind = CHOICES.find((one) => one === next);
            if (kind) setChoice({ ...choice, kind });
          }}
        >
          <Stack gap={8} mt={8}>
            {CHOICES.map((kind) => (
              <Radio key={kind} value={kind} label={text[kind]} />
            ))}
          </Stack>
        </Radio.Group>
        {choice.kind === 'within' && (
          <NumberInput
            label={text.days}
            maw={240}
            min={1}
            max={DAYS_MAX}
            clampBehavior="none"
            allowDecimal={false}
            allowNegative={false}
            value={choice.days}
            error={wasTried && isWrong ? text.wrong(`${DAYS_MAX}`) : errorAt(error, 'reopenDays')}
            onChange={(next) => setChoice({ ...choice, days: `${next}` })}
          />
        )}
        <FormError error={error} shown={['reopenDays']} />
        <div className={classes.settingsFoot}>
          {isApiError(error, 'conflict') && (
            <Button variant="default" onClick={onReload}>
              {text.again}
            </Button>
          )}
          <Button type="submit" loading={isBusy}>
            {text.save}
          </Button>
        </div>
      </Stack>
    </form>
  );
}

export function RequestsView() {
  const text = useMessages(words);
  const { screen } = useScreen();
  const { data: settings, error, refetch } = useSettings();
  return (
    <>
      <PageHeader title={screen.title} description={text.description}>
        <Tabs current="requests" />
      </PageHeader>
      {settings !== undefined ? (
        // As somebody else has saved it meanwhile: what is shown is what is.
        <SettingsForm key={settings.version} settings={settings} onReload={() => void refetch()} />
      ) : error ? (
        <LoadError error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={4} />
      )}
    </>
  );
}
