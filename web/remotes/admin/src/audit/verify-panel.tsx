/** The proof: what verifying found, in a plain sentence, and the checkpoint to keep elsewhere. */
import type { AuditCheckpoint } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  ActionIcon,
  AppIcon,
  Button,
  defineMessages,
  Skeleton,
  useFormats,
  useLocale,
  useMessages,
} from '@flowbit/ui';
import { CopyText } from '../parts/copy-text';
import { LoadError } from '../parts/load-error';
import { useVerification } from './audit-queries';
import { saveFile } from './export-audit';
import classes from './verify-panel.module.css';
import { describeVerification } from './verify-sentence';

const words = defineMessages({
  en: {
    title: 'Verification',
    checking: 'Every event is being computed anew',
    checked: 'Checked',
    size: 'Events',
    head: 'Head (hash of the newest)',
    checkpoint: 'Download checkpoint',
    checkpointMeaning:
      'A checkpoint is this state, signed by the server: how many events there are, their head, and the time. Keep it somewhere else. It later shows what the chain alone can’t: whether its end was cut off, or everything was written anew. An unfiltered NDJSON export can be checked against it offline:',
    again: 'Check again',
    close: 'Close verification',
  },
  de: {
    title: 'Prüfung',
    checking: 'Jedes Ereignis wird neu berechnet',
    checked: 'Geprüft',
    size: 'Ereignisse',
    head: 'Kopf (Hash des neuesten)',
    checkpoint: 'Prüfpunkt herunterladen',
    checkpointMeaning:
      'Ein Prüfpunkt ist dieser Stand, vom Server signiert: wie viele Ereignisse es gibt, ihr Kopf und die Zeit. Bewahren Sie ihn woanders auf. Er zeigt später, was die Kette allein nicht kann: ob ihr Ende abgeschnitten oder alles neu geschrieben wurde. Ein ungefilterter NDJSON-Export lässt sich ohne Server damit prüfen:',
    again: 'Noch einmal prüfen',
    close: 'Prüfung schließen',
  },
});

const OFFLINE_CHECK = 'flowbit audit verify export.ndjson --checkpoint checkpoint.json';

export function saveCheckpoint(checkpoint: AuditCheckpoint, slug: string): void {
  const content = new Blob([`${JSON.stringify(checkpoint, null, 2)}\n`], { type: 'application/json' });
  saveFile(`checkpoint-${slug}-${checkpoint.size}.json`, content);
}

export function VerifyPanel({ onClose }: { onClose(): void }) {
  const text = useMessages(words);
  const locale = useLocale();
  const formats = useFormats();
  const { customer } = useScreen();
  const { data, error, isFetching, refetch } = useVerification(true);
  const close = (
    <ActionIcon className={classes.close} onClick={onClose} aria-label={text.close}>
      <AppIcon name="x" />
    </ActionIcon>
  );

  if (error && !isFetching) {
    return (
      <section className={classes.root} aria-label={text.title}>
        {close}
        <LoadError error={error} onRetry={() => void refetch()} variant="inline" />
      </section>
    );
  }
  if (data === undefined || isFetching) {
    return (
      <section className={classes.root} aria-label={text.title} aria-busy>
        {close}
        <AppIcon name="shield-check" size={20} className={classes.icon} />
        <div className={classes.words} role="status">
          <p className={classes.title}>{text.checking} …</p>
          <Skeleton height={10} width="60%" radius={3} mt={8} />
          <Skeleton height={10} width="42%" radius={3} mt={10} />
        </div>
      </section>
    );
  }

  const { verification, checkpoint } = data;
  const said = describeVerification({ verification, locale, number: formats.number });
  return (
    <section className={classes.root} data-whole={said.isWhole} aria-label={text.title}>
      {close}
      <AppIcon name={said.isWhole ? 'shield-check' : 'alert-triangle'} size={20} className={classes.icon} />
      <div className={classes.words}>
        <div role={said.isWhole ? 'status' : 'alert'}>
          <p className={classes.title}>{said.title}</p>
          <p className={classes.meaning}>{said.meaning}</p>
        </div>
        <dl className={classes.facts}>
          <div>
            <dt>{text.checked}</dt>
            <dd>{formats.exact(new Date(checkpoint.timestamp))}</dd>
          </div>
          <div>
            <dt>{text.size}</dt>
            <dd>{formats.number(verification.size)}</dd>
          </div>
          <div>
            <dt>{text.head}</dt>
            <dd>
              <CopyText value={verification.head} label={text.head} ends={12} />
            </dd>
          </div>
        </dl>
        {said.isWhole && (
          <p className={classes.meaning}>
            {text.checkpointMeaning} <code className={classes.command}>{OFFLINE_CHECK}</code>
          </p>
        )}
        <div className={classes.buttons}>
          {said.isWhole && (
            <Button
              variant="default"
              leftSection={<AppIcon name="download" />}
              onClick={() => saveCheckpoint(checkpoint, customer.slug)}
            >
              {text.checkpoint}
            </Button>
          )}
          <Button variant={said.isWhole ? 'subtle' : 'default'} color="gray" onClick={() => void refetch()}>
            {text.again}
          </Button>
        </div>
      </div>
    </section>
  );
}
