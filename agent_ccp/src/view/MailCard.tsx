import Container from '@cloudscape-design/components/container';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { CaseMessage, Loaded, Purposes } from '../api';
import { isTakenIn, recipients } from '../case';
import type { Kind } from '../compose/types';
import { suppression } from '../fate';
import { besides } from '../mail/images';
import type { Mailroom } from '../mailroom';
import type { MailTask } from '../task';
import { Attachments } from './Attachments';
import type { Decisions, Question } from './decisions';
import type { CaseState } from './hooks';
import { MailBody } from './MailBody';
import { MailFacts } from './MailFacts';
import { Missing } from './Missing';
import { Original } from './Original';
import { Replies } from './Replies';
import type { Act } from './Shell';

interface Props {
  readonly task: MailTask;
  readonly live: boolean;
  readonly room: Mailroom;
  readonly inCase: CaseState;
  readonly loaded: Loaded | null;
  readonly retry: () => void;
  /** The mail as the case lists it. */
  readonly message: CaseMessage | null;
  readonly warnings: readonly string[];
  readonly decisions: Decisions;
  readonly onChoose: (question: Question) => void;
  /** Where an answer from a mail program goes. */
  readonly addresses: Purposes;
  readonly onWrite: ((kind: Kind) => void) | null;
  readonly act: Act;
}

/** The mail that the task stands for: who wrote it, how to answer it, what it says and brings. */
export function MailCard({ task, live, room, inCase, loaded, retry, message, addresses, onWrite, act, ...facts }: Props) {
  const [inText, setInText] = useState<ReadonlySet<number>>(new Set());
  const { session, view, trouble } = inCase;
  const asking = !view && !trouble;
  const mail = loaded?.kind === 'mail' ? loaded.mail : null;
  const messageId = task.messageId || mail?.message_id || '';
  const apart = message !== null && !isTakenIn(message);
  return (
    <div data-message={task.messageId || undefined} tabIndex={-1} className="mail">
      <Container>
        <SpaceBetween size="m">
          <MailFacts task={task} mail={mail} view={view} message={message} {...facts} />
          {live && (
            <Replies
              addresses={addresses}
              subject={(apart && view?.case.subject) || mail?.subject || task.subject}
              recipients={recipients(view)}
              asking={asking}
              notTo={apart ? mail?.from.address || task.from : ''}
              from={task.sentTo}
              suppressed={suppression(view)}
              onWrite={onWrite}
            />
          )}
          {mail && <Attachments mail={besides(mail, inText)} session={session} asking={asking} messageId={messageId} act={act} />}
          {mail ? (
            <MailBody key={task.messageId} mail={mail} session={session} messageId={messageId} onInText={setInText} />
          ) : (
            <Missing loaded={loaded} retry={retry} />
          )}
          <Original task={task} session={session} act={act} room={room} />
        </SpaceBetween>
      </Container>
    </div>
  );
}
