/** One delivery: what is sent, each attempt with its answer, and the way to make it again. */
import { type DeliveryDetail, isApiError } from '@flowbit/api';
import { useScreen, useTitle } from '@flowbit/contract';
import {
  AppIcon,
  Button,
  DeliveryBadge,
  defineMessages,
  describeError,
  EmptyState,
  RelativeTime,
  SkeletonRows,
  useMessages,
} from '@flowbit/ui';
import { useState } from 'react';
import { ActDialog } from '../../parts/act-dialog';
import { useActionWords } from '../../parts/action-words';
import { CodeBlock } from '../../parts/code-block';
import { CopyText } from '../../parts/copy-text';
import { Fact, Facts } from '../../parts/facts';
import { LoadError } from '../../parts/load-error';
import { SplitPanel } from '../../parts/split-view';
import { useEndpoints } from '../endpoint/endpoint-queries';
import { AttemptLine } from './attempt-line';
import classes from './delivery-panel.module.css';
import { useDelivery, useReplay } from './delivery-queries';
import { NextTry } from './next-try';

const words = defineMessages({
  en: {
    delivery: 'Delivery',
    missing: 'There is no such delivery',
    missingMeaning: 'The address is wrong, or it is so old that it was cleared away.',
    state: 'State',
    endpoint: 'Endpoint',
    ticket: 'Ticket',
    created: 'Created',
    next: 'Next try',
    deadline: 'Answer due',
    callback: 'Workflow answered',
    noCallback: 'Not yet',
    id: 'webhook-id',
    attempts: 'Tries',
    noAttempts: 'Not tried yet.',
    request: 'Request',
    requestMeaning: 'As it is sent now: each try carries the ticket as it stands. Secrets are left out.',
    headers: 'Headers',
    body: 'Body',
    replay: 'Send again',
    replayTitle: 'Send this delivery again?',
    replayTwice: 'It was accepted before, so the workflow may do its work a second time.',
    replayId: 'It keeps its webhook-id, by which a workflow can tell that it knows it already.',
    replayed: 'Sent again',
    underWay: 'It is still on its way',
    underWayMeaning: 'It will be tried again by itself. A test of the endpoint shows whether it answers.',
    inactive: 'The endpoint is switched off or deleted',
    inactiveMeaning: 'Switch the endpoint on first.',
    notReplayed: 'Not sent again',
  },
  de: {
    delivery: 'Zustellung',
    missing: 'Diese Zustellung gibt es nicht',
    missingMeaning: 'Die Adresse stimmt nicht, oder sie ist so alt, dass sie aufgeräumt wurde.',
    state: 'Zustand',
    endpoint: 'Endpunkt',
    ticket: 'Ticket',
    created: 'Erstellt',
    next: 'Nächster Versuch',
    deadline: 'Antwort fällig',
    callback: 'Workflow hat geantwortet',
    noCallback: 'Noch nicht',
    id: 'webhook-id',
    attempts: 'Versuche',
    noAttempts: 'Noch nicht versucht.',
    request: 'Anfrage',
    requestMeaning:
      'So, wie sie jetzt gesendet wird: Jeder Versuch trägt das Ticket, wie es gerade steht. Geheimnisse fehlen hier.',
    headers: 'Header',
    body: 'Inhalt',
    replay: 'Noch einmal senden',
    replayTitle: 'Diese Zustellung noch einmal senden?',
    replayTwice: 'Sie wurde schon angenommen; der Workflow tut seine Arbeit vielleicht ein zweites Mal.',
    replayId: 'Sie behält ihre webhook-id, an der ein Workflow erkennt, dass er sie schon kennt.',
    replayed: 'Noch einmal gesendet',
    underWay: 'Sie ist noch unterwegs',
    underWayMeaning: 'Sie wird von selbst wieder versucht. Ein Test des Endpunkts zeigt, ob er antwortet.',
    inactive: 'Der Endpunkt ist ausgeschaltet oder gelöscht',
    inactiveMeaning: 'Schalten Sie zuerst den Endpunkt ein.',
    notReplayed: 'Nicht noch einmal gesendet',
  },
});

type Words = ReturnType<typeof useMessages<(typeof words)['en']>>;

function explainRefusal(error: unknown, text: Words) {
  if (isApiError(error, 'delivery_under_way')) return { title: text.underWay, meaning: text.underWayMeaning };
  if (isApiError(error, 'endpoint_inactive')) return { title: text.inactive, meaning: text.inactiveMeaning };
  return null;
}

/** The ticket's number, from the body that was built of it. */
function ticketNumberOf({ request }: DeliveryDetail): number | null {
  const body = request.body as { data?: { ticket?: { number?: unknown } | null } } | null;
  const number = body?.data?.ticket?.number;
  return typeof number === 'number' ? number : null;
}

function ReplayButton({ delivery }: { delivery: DeliveryDetail }) {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const { toast } = useScreen();
  const replay = useReplay();
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  if (delivery.state !== 'delivered' && delivery.state !== 'dead') return null;

  async function run() {
    await replay(delivery.id);
    toast({ kind: 'success', title: text.replayed, key: `replay:${delivery.id}` });
  }

  async function runAtOnce() {
    setBusy(true);
    try {
      await run();
    } catch (error) {
      const { title, meaning } = explainRefusal(error, text) ?? describe(error);
      toast({ kind: 'error', title: text.notReplayed, detail: `${title}. ${meaning}` });
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <Button
        size="compact-sm"
        variant={delivery.state === 'dead' ? 'filled' : 'default'}
        leftSection={<AppIcon name="replay" size={14} />}
        loading={isBusy}
        onClick={() => (delivery.state === 'delivered' ? setAsking(true) : void runAtOnce())}
      >
        {text.replay}
      </Button>
      <ActDialog
        opened={isAsking}
        onClose={() => setAsking(false)}
        title={text.replayTitle}
        consequences={[text.replayTwice, text.replayId]}
        confirmLabel={text.replay}
        onConfirm={run}
        explain={(error) => explainRefusal(error, text)}
      />
    </>
  );
}

function DeliveryFacts({ delivery }: { delivery: DeliveryDetail }) {
  const text = useMessages(words);
  const { href, findScreen } = useScreen();
  const tickets = findScreen('./Tickets');
  const number = ticketNumberOf(delivery);
  const endpoint = useEndpoints().data?.find(({ id }) => id === delivery.endpointId);
  const awaits = delivery.deadlineAt !== null && delivery.callbackAt === null;
  return (
    <Facts>
      <Fact label={text.state}>
        <DeliveryBadge state={delivery.state} />
      </Fact>
      <Fact label={text.endpoint}>
        <a className={classes.link} href={href(`/endpoints/${delivery.endpointId}`)}>
          {delivery.endpointUrl}
        </a>
      </Fact>
      <Fact label={text.ticket}>
        {number !== null &&
          (tickets ? (
            <a className={classes.link} href={`${tickets.basePath}/${delivery.ticketId}`}>
              #{number}
            </a>
          ) : (
            `#${number}`
          ))}
      </Fact>
      <Fact label={text.created}>
        <RelativeTime at={delivery.createdAt} style="long" />
      </Fact>
      <Fact label={text.next}>
        {delivery.nextAttemptAt && (
          <NextTry at={delivery.nextAttemptAt} isOff={endpoint?.active === false} style="long" />
        )}
      </Fact>
      <Fact label={text.callback}>
        {delivery.callbackAt ? (
          <RelativeTime at={delivery.callbackAt} style="long" />
        ) : (
          awaits && text.noCallback
        )}
      </Fact>
      <Fact label={text.deadline}>
        {awaits && delivery.deadlineAt && <RelativeTime at={delivery.deadlineAt} style="long" />}
      </Fact>
      <Fact label={text.id}>
        <CopyText value={delivery.id} label={text.id} />
      </Fact>
    </Facts>
  );
}

function DeliveryBody({ delivery }: { delivery: DeliveryDetail }) {
  const text = useMessages(words);
  const headers = Object.entries(delivery.request.headers);
  const newest = delivery.attempts.at(-1)?.number;
  return (
    <>
      <section className={classes.section}>
        <DeliveryFacts delivery={delivery} />
      </section>
      <section className={classes.section} aria-label={text.attempts}>
        <h3 className={classes.heading}>{text.attempts}</h3>
        {delivery.attempts.length === 0 ? (
          <p className={classes.muted}>{text.noAttempts}</p>
        ) : (
          <ol className={classes.attempts}>
            {delivery.attempts.toReversed().map((attempt) => (
              <AttemptLine key={attempt.number} attempt={attempt} isOpenAtFirst={attempt.number === newest} />
            ))}
          </ol>
        )}
      </section>
      <section className={classes.section} aria-label={text.request}>
        <h3 className={classes.heading}>{text.request}</h3>
        <p className={classes.muted}>{text.requestMeaning}</p>
        <h4 className={classes.subheading}>{text.headers}</h4>
        <CodeBlock
          label={text.headers}
          source={headers.map(([name, value]) => `${name}: ${value}`).join('\n')}
        />
        <h4 className={classes.subheading}>{text.body}</h4>
        <CodeBlock label={text.body} source={JSON.stringify(delivery.request.body)} />
      </section>
    </>
  );
}

export function DeliveryPanel({ id, onClose }: { id: string; onClose(): void }) {
  const text = useMessages(words);
  const actionWords = useActionWords();
  const { data: delivery, error, refetch } = useDelivery(id);
  const title = delivery ? actionWords(delivery.eventType).label : text.delivery;
  useTitle(title);

  function renderBody() {
    if (delivery) return <DeliveryBody key={delivery.id} delivery={delivery} />;
    if (isApiError(error, 'not_found')) {
      return (
        <EmptyState icon="send" title={text.missing}>
          {text.missingMeaning}
        </EmptyState>
      );
    }
    if (error) return <LoadError error={error} onRetry={() => void refetch()} variant="inline" />;
    return <SkeletonRows rows={8} height={32} />;
  }

  return (
    <SplitPanel title={title} onClose={onClose} actions={delivery && <ReplayButton delivery={delivery} />}>
      {renderBody()}
    </SplitPanel>
  );
}
