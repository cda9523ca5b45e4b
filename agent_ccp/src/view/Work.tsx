import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { addressText, answered, isTakenIn, newerMail, recipients, replyAddresses } from '../case';
import type { Desk } from '../connect/types';
import { holds, mustBeConfirmed, sortWarnings, undecided, warningsOf, wasHeld } from '../decision';
import { isReturn, lostAnswer, suppression } from '../fate';
import { callName } from '../mail/text';
import type { Mailroom } from '../mailroom';
import type { MailTask } from '../task';
import { Attachments } from './Attachments';
import { CompleteDialog, type Doubt } from './CompleteDialog';
import { Conversation } from './Conversation';
import { DecideDialog } from './DecideDialog';
import { useDecisions, type Question } from './decisions';
import { History } from './History';
import { HeldUnknown, Holds } from './Holds';
import { useCase, useMail } from './hooks';
import { Leaving } from './Leaving';
import { MailBody } from './MailBody';
import { MailFacts } from './MailFacts';
import { Missing } from './Missing';
import { Original } from './Original';
import { Outcome } from './Outcome';
import { Replies } from './Replies';
import { Returned } from './Returned';
import type { Act } from './Shell';
import { Title } from './Title';
import { TransferDialog } from './TransferDialog';
import { useUndo } from './undo';
import { Warnings } from './Warnings';

interface Props {
  readonly task: MailTask;
  readonly desk: Desk;
  readonly room: Mailroom;
  readonly act: Act;
}

/** A task the agent has taken: its mail, its case, and what can be done. */
export function Work({ task, desk, room, act }: Props) {
  const live = task.task.state === 'connected';
  const { loaded, retry } = useMail(room, task);
  const inCase = useCase(room, task, live);
  const [asking, setAsking] = useState<Doubt | null>(null);
  const [deciding, setDeciding] = useState<Question | null>(null);
  const [wanted, setWanted] = useState({ id: '', times: 0 });
  const [transferring, setTransferring] = useState(false);
  const [busy, setBusy] = useState(false);
  const [readNewest, setReadNewest] = useState('');
  // While it is open, a task can come to stand for a newer mail of its case.
  const [firstMail] = useState(task.messageId);
  const overtaken = task.messageId !== firstMail;
  const mail = loaded?.kind === 'mail' ? loaded.mail : null;
  const newer = newerMail(inCase.view, task.messageId);
  const hasReadNewer = !!newer && readNewest === newer.id;
  const addresses = replyAddresses(task.relays, inCase.view, newer, hasReadNewer);
  // The mail shown may be somebody else's: what an answer is about is the case's customer.
  const known = inCase.view?.case.customer;
  const customerAddress = inCase.view ? (known?.address ?? '') : task.from;
  const customer = callName(inCase.view ? (known?.name ?? '') : task.fromName, customerAddress);
  const message = inCase.view?.messages.find(({ id }) => id === task.messageId) ?? null;
  const about = isReturn(task.warning) ? '' : task.warning;
  const warnings = sortWarnings(warningsOf(about, mail, message, inCase.view));
  const decisions = useDecisions(inCase, live);
  const undo = useUndo(inCase, decisions.say);
  const lost = lostAnswer(inCase.view, task.warning, task.notice);
  const goes = recipients(inCase.view);
  const held = holds(inCase.view).filter(({ id }) => !decisions.settled.has(id));
  const heldUnknown = !inCase.view && !!inCase.trouble && wasHeld(task.warning, mail?.warnings ?? []);
  const apart = message !== null && (!isTakenIn(message));
  const sender = mail?.from.address || task.from;

  const read = (id: string): void => setWanted(({ times }) => ({ id, times: times + 1 }));
  const choose = (question: Question): void => {
    if (mustBeConfirmed(question.action)) setDeciding(question);
    else void decisions.run(question);
  };
  const end = async (): Promise<void> => {
    setBusy(true);
    setAsking(null);
    await act('Completing', async () => desk.end?.(task.task.id));
    setBusy(false);
  };
  const complete = async (): Promise<void> => {
    setBusy(true);
    const view = await inCase.refresh();
    const doubt = { answered: answered(view), held: undecided(view) };
    setBusy(false);
    if (doubt.answered === 'yes' && doubt.held === 0) await end();
    else setAsking(doubt);
  };

  return (
    <SpaceBetween size="m">
      <Title task={task}>
        {live ? (
          <>
            <Button onClick={() => setTransferring(true)}>Transfer</Button>
            {desk.end && (
              <Button loading={busy} onClick={() => void complete()}>
                Complete
              </Button>
            )}
          </>
        ) : (
          <Button variant="primary" onClick={() => void act('Closing', () => desk.close(task.task.id))}>
            Close task
          </Button>
        )}
      </Title>
      <Outcome notice={decisions.notice} onDismiss={() => decisions.say(null)} />
      {live && <Leaving undo={undo} />}
      {live && lost && <Returned lost={lost} me={task.agent} onRead={read} />}
      {live && (
        <Holds
          held={held}
          shownId={task.messageId}
          goes={goes}
          decisions={decisions}
          onChoose={choose}
          onRead={read}
        />
      )}
      {live && heldUnknown && (
        <HeldUnknown
          message={{ id: task.messageId, direction: 'in', from: { address: task.from, name: task.fromName } }}
          decisions={decisions}
        />
      )}
      <Warnings header="Take care with this email" texts={warnings.rest} />
      {live && overtaken && (
        <Alert type="info" header={`${task.from || customer} has written again`}>
          You see the new mail now; the earlier one is in the conversation below. An answer you have begun
          quotes the earlier one: use Reply again to answer this one.
        </Alert>
      )}
      {live && newer && (
        <Alert type="info" header={`${addressText(newer.from) || customer} has written again`}>
          Read the newer mail in the conversation below before you answer.
        </Alert>
      )}
      <Container>
        <SpaceBetween size="m">
          <MailFacts
            task={task}
            mail={mail}
            view={inCase.view}
            message={message}
            warnings={warnings.sender}
            decisions={decisions}
            onChoose={choose}
          />
          {live && (
            <Replies
              addresses={addresses}
              subject={(apart && inCase.view?.case.subject) || mail?.subject || task.subject}
              recipients={goes}
              asking={!inCase.view && !inCase.trouble}
              notTo={apart ? sender : ''}
              from={task.sentTo}
              suppressed={suppression(inCase.view)}
            />
          )}
          {mail && <Attachments mail={mail} session={inCase.session} messageId={task.messageId || mail.message_id} act={act} />}
          {mail ? <MailBody key={task.messageId} mail={mail} /> : <Missing loaded={loaded} retry={retry} />}
          <Original task={task} session={inCase.session} act={act} room={room} />
        </SpaceBetween>
      </Container>
      <Conversation
        messageId={task.messageId}
        inCase={inCase}
        outside={room.outside}
        newest={newer?.id ?? ''}
        onRead={setReadNewest}
        wanted={wanted}
        decisions={decisions}
        onChoose={choose}
        act={act}
      />
      <History entries={inCase.view?.interactions ?? []} />
      <CompleteDialog
        asking={asking}
        customer={customer}
        address={customerAddress}
        onBack={() => setAsking(null)}
        onComplete={() => void end()}
      />
      <DecideDialog
        asking={deciding}
        customer={customerAddress}
        onBack={() => setDeciding(null)}
        onDecide={(question) => {
          setDeciding(null);
          void decisions.run(question);
        }}
      />
      {transferring && (
        <TransferDialog desk={desk} taskId={task.task.id} act={act} onClose={() => setTransferring(false)} />
      )}
    </SpaceBetween>
  );
}
