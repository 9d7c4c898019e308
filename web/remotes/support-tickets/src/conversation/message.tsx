/** One message: who, when, what; notes and workflows can't be taken for replies. */
import type { Attachment, Message, PersonRef } from '@flowbit/api';
import { AttachmentList } from '@flowbit/attachments';
import { AppIcon, defineMessages, RelativeTime, useMessages } from '@flowbit/ui';
import type { ReactNode } from 'react';
import { Initials } from '../fields/initials';
import classes from './message.module.css';
import { MessageText } from './message-text';

const words = defineMessages({
  en: { note: 'Internal note', workflow: 'Workflow', requester: 'Requester', system: 'System' },
  de: { note: 'Interne Notiz', workflow: 'Workflow', requester: 'hat angefragt', system: 'System' },
});

const NO_FILES: readonly Attachment[] = [];

export interface MessageViewProps {
  author: Message['author'];
  body: string;
  html?: string | null | undefined;
  /** Whom it names. */
  mentions?: readonly PersonRef[] | undefined;
  attachments?: readonly Attachment[] | undefined;
  isInternal: boolean;
  /** Stands for a text that is not there. */
  isFaint?: boolean;
  /** The one who asked. */
  isRequester: boolean;
  at?: string;
  /** In place of the time, for what is not sent yet. */
  state?: ReactNode;
  /** Beside the name: what can be done with the message. */
  action?: ReactNode;
  /** In place of the text, e.g. while it is edited. */
  content?: ReactNode;
  /** Behind the text: what can be done about it. */
  children?: ReactNode;
}

export function MessageView(props: MessageViewProps) {
  const { author, body, html, mentions, attachments = NO_FILES, isInternal, isFaint, isRequester } = props;
  const { at, state, action, content, children } = props;
  const text = useMessages(words);
  const kind = isInternal ? 'note' : author.kind === 'workflow' ? 'workflow' : 'reply';
  return (
    <article className={classes.root} data-kind={kind} data-unsent={state || isFaint ? true : undefined}>
      <span className={classes.figure}>
        {author.kind === 'user' ? (
          <Initials name={author.name} size={28} />
        ) : (
          <span className={classes.machine}>
            <AppIcon name={author.kind === 'workflow' ? 'bolt' : 'settings'} />
          </span>
        )}
      </span>
      <div className={classes.body}>
        <header className={classes.head}>
          <strong className={classes.author}>{author.name}</strong>
          {isRequester && <span className={classes.role}>{text.requester}</span>}
          {author.kind === 'workflow' && (
            <span className={classes.mark} data-tone="workflow">
              {text.workflow}
            </span>
          )}
          {isInternal && (
            <span className={classes.mark} data-tone="note">
              <AppIcon name="lock" size={12} />
              {text.note}
            </span>
          )}
          {action}
          <span className={classes.time}>{state ?? (at && <RelativeTime at={at} />)}</span>
        </header>
        {content ?? (
          <div className={classes.said}>
            <MessageText html={html} mentions={mentions}>
              {body}
            </MessageText>
          </div>
        )}
        <AttachmentList attachments={attachments} />
        {children}
      </div>
    </article>
  );
}
