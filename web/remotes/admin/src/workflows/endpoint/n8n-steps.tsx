/** How an n8n workflow is connected, in three steps. */
import { defineMessages, useMessages } from '@flowbit/ui';
import { CodeBlock } from '../../parts/code-block';
import classes from './n8n-steps.module.css';

const words = defineMessages({
  en: {
    title: 'Connect n8n',
    receive:
      'Begin the workflow with a Webhook node: method POST, Authentication “Header Auth” with the name X-Webhook-Secret and the shared secret as value. Its Production URL is the endpoint’s URL.',
    answer:
      'When the work is done, add an HTTP Request node: POST to the callback URL of the delivery, with the same Header Auth and this JSON. “status” and “message” are optional.',
    publish: 'Publish the workflow, then send a test from here: the answer shows at once.',
    body: 'Body of the callback',
    url: 'URL of the callback',
  },
  de: {
    title: 'n8n anschließen',
    receive:
      'Beginnen Sie den Workflow mit einem Webhook-Knoten: Methode POST, Authentication „Header Auth“ mit dem Namen X-Webhook-Secret und dem gemeinsamen Geheimnis als Wert. Seine Production URL ist die URL des Endpunkts.',
    answer:
      'Ist die Arbeit getan, fügen Sie einen HTTP-Request-Knoten an: POST an die Rückrufadresse der Zustellung, mit derselben Header Auth und diesem JSON. „status“ und „message“ sind freiwillig.',
    publish:
      'Veröffentlichen Sie den Workflow und senden Sie von hier einen Test: Die Antwort erscheint sofort.',
    body: 'Inhalt des Rückrufs',
    url: 'Adresse des Rückrufs',
  },
});

/** Expressions of n8n, as they go into its fields. */
const CALLBACK_URL = "{{ $('Webhook').item.json.body.data.callbackUrl }}";
const CALLBACK_BODY = `{
  "ticketId": "{{ $('Webhook').item.json.body.data.ticketId }}",
  "callbackToken": "{{ $('Webhook').item.json.body.data.callbackToken }}",
  "status": "in_progress",
  "message": "Hello, thank you for writing to us."
}`;

export function N8nSteps() {
  const text = useMessages(words);
  return (
    <details className={classes.root}>
      <summary className={classes.title}>{text.title}</summary>
      <ol className={classes.steps}>
        <li>{text.receive}</li>
        <li>
          {text.answer}
          <div className={classes.code}>
            <CodeBlock label={text.url} source={CALLBACK_URL} />
            <CodeBlock label={text.body} source={CALLBACK_BODY} />
          </div>
        </li>
        <li>{text.publish}</li>
      </ol>
    </details>
  );
}
