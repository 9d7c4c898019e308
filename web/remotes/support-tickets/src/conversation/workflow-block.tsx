/** What the company's workflow did with the ticket: state, when, how long, and the way to run it again. */
import { useScreen } from '@flowbit/contract';
import {
  AppIcon,
  Button,
  defineMessages,
  RelativeTime,
  useFormats,
  useMessages,
  WorkflowBadge,
} from '@flowbit/ui';
import { useReplay } from '../fields/use-replay';
import { describeFailure } from './describe-failure';
import type { WorkflowRun } from './timeline';
import classes from './workflow-block.module.css';

const words = defineMessages({
  en: {
    workflow: 'Workflow',
    pending: 'On its way to the workflow',
    running: 'The workflow has the ticket',
    done: 'The workflow has answered',
    failed: 'The workflow did not take the ticket.',
    overdue: 'No answer in time',
    took: (time: string) => `took ${time}`,
    since: 'accepted',
    again: 'Run again',
  },
  de: {
    workflow: 'Workflow',
    pending: 'Auf dem Weg zum Workflow',
    running: 'Der Workflow hat das Ticket',
    done: 'Der Workflow hat geantwortet',
    failed: 'Der Workflow hat das Ticket nicht angenommen.',
    overdue: 'Keine Antwort in der gesetzten Zeit',
    took: (time: string) => `in ${time}`,
    since: 'angenommen',
    again: 'Noch einmal ausführen',
  },
});

export interface WorkflowBlockProps {
  run: WorkflowRun;
  ticketId: string;
  at: string;
}

export function WorkflowBlock({ run, ticketId, at }: WorkflowBlockProps) {
  const text = useMessages(words);
  const formats = useFormats();
  const { can, locale } = useScreen();
  const replay = useReplay(ticketId);
  const isTroubled = run.state === 'failed' || run.state === 'overdue';
  const duration =
    run.acceptedAt !== null && run.endedAt !== null
      ? Math.max(0, Date.parse(run.endedAt) - Date.parse(run.acceptedAt))
      : null;
  return (
    <article className={classes.root} data-state={run.state} aria-label={text.workflow}>
      <span className={classes.figure}>
        <AppIcon name="bolt" />
      </span>
      <div className={classes.body}>
        <div className={classes.head}>
          <strong>{run.name ?? text.workflow}</strong>
          <WorkflowBadge state={run.state} />
          <span className={classes.time}>
            <RelativeTime at={run.steps.at(-1)?.at ?? at} />
          </span>
        </div>
        <div className={classes.detail}>
          {text[run.state]}
          {duration !== null && run.state === 'done' && `, ${text.took(formats.duration(duration))}`}
          {run.acceptedAt !== null && run.endedAt === null && (
            <>
              {', '}
              {text.since} {formats.time(new Date(run.acceptedAt))}
            </>
          )}
          {run.error && <span className={classes.error}>{describeFailure(run.error, locale)}</span>}
        </div>
        {isTroubled && can('admin') && (
          <Button
            size="compact-sm"
            variant="default"
            mt={8}
            leftSection={<AppIcon name="replay" size={14} />}
            loading={replay.isPending}
            onClick={() => replay.mutate(run.deliveryId)}
          >
            {text.again}
          </Button>
        )}
      </div>
    </article>
  );
}
