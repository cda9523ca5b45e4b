import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { Loaded } from '../api';
import { addressText, answered, newerMail, replyAddresses, type Answered } from '../case';
import type { Desk } from '../connect/types';
import { callName, shown } from '../mail/text';
import type { Mailroom } from '../mailroom';
import { isOver, warningTexts, type MailTask } from '../task';
import { Attachments } from './Attachments';
import { CompleteDialog } from './CompleteDialog';
import { Conversation } from './Conversation';
import { useCase, useMail } from './hooks';
import { MailBody } from './MailBody';
import { MailFacts, OfferFacts } from './MailFacts';
import { Original } from './Original';
import { Replies } from './Replies';
import type { Act } from './Shell';
import { TransferDialog } from './TransferDialog';

interface Props {
  readonly task: MailTask;
  readonly desk: Desk;
  readonly room: Mailroom;
  readonly act: Act;
  readonly accepting: boolean;
  readonly onAccept: () => void;
  readonly onReject: () => void;
}

export function TaskView(props: Props) {
  const { task } = props;
  if (task.task.state === 'offered') return <Offer {...props} />;
  if (isOver(task.task)) return <Over {...props} />;
  return <Work {...props} />;
}

function Title({ task, children }: { task: MailTask; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The button that brought us here may be gone: the keyboard must not start again at the top.
    if (document.activeElement === document.body) heading.current?.focus();
  }, []);
  return (
    <div className="title">
      <h1 id="mail-title" ref={heading} tabIndex={-1} dir="auto" title={shown(task.subject)}>
        {shown(task.subject) || '(no subject)'}
      </h1>
      <div className="title-actions">{children}</div>
    </div>
  );
}

function Offer({ task, accepting, onAccept, onReject }: Props) {
  return (
    <SpaceBetween size="m">
      <Title task={task}>
        <Button disabled={accepting} onClick={onReject}>
          Reject
        </Button>
        <Button variant="primary" loading={accepting} onClick={onAccept}>
          Accept
        </Button>
      </Title>
      <Container>
        <OfferFacts task={task} />
        <Box variant="p" color="text-body-secondary" margin={{ top: 's' }}>
          Accept the email to read and answer it.
        </Box>
      </Container>
    </SpaceBetween>
  );
}

function Over({ task, desk, act }: Props) {
  const missed = task.task.state === 'missed';
  return (
    <SpaceBetween size="m">
      <Title task={task}>
        <Button variant="primary" onClick={() => void act('Closing', () => desk.close(task.task.id))}>
          Close task
        </Button>
      </Title>
      <Alert type={missed ? 'warning' : 'error'} header={missed ? 'You did not take this email' : 'This task failed'}>
        {missed ? 'It goes back to its queue and is offered again. ' : 'The email is safe in its case. '}
        Close it to be offered new emails.
      </Alert>
    </SpaceBetween>
  );
}

function Work({ task, desk, room, act }: Props) {
  const live = task.task.state === 'connected';
  const { loaded, retry } = useMail(room, task);
  const inCase = useCase(room, task, live);
  const [asking, setAsking] = useState<Answered | null>(null);
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
  const customer = callName(task.fromName, task.from);

  const end = async (): Promise<void> => {
    setBusy(true);
    setAsking(null);
    await act('Completing', () => desk.end(task.task.id));
    setBusy(false);
  };
  const complete = async (): Promise<void> => {
    setBusy(true);
    const state = answered(await inCase.refresh());
    setBusy(false);
    if (state === 'yes') await end();
    else setAsking(state);
  };

  return (
    <SpaceBetween size="m">
      <Title task={task}>
        {live ? (
          <>
            <Button onClick={() => setTransferring(true)}>Transfer</Button>
            <Button loading={busy} onClick={() => void complete()}>
              Complete
            </Button>
          </>
        ) : (
          <Button variant="primary" onClick={() => void act('Closing', () => desk.close(task.task.id))}>
            Close task
          </Button>
        )}
      </Title>
      <Warnings texts={warningTexts(task.warning, mail)} />
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
          <MailFacts task={task} mail={mail} view={inCase.view} />
          {live && (
            <Replies
              addresses={addresses}
              subject={mail?.subject || task.subject}
              customer={inCase.view?.case.customer?.address || task.from}
              from={task.sentTo}
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
        act={act}
      />
      <CompleteDialog
        asking={asking}
        customer={customer}
        address={task.from}
        onBack={() => setAsking(null)}
        onComplete={() => void end()}
      />
      {transferring && (
        <TransferDialog desk={desk} taskId={task.task.id} act={act} onClose={() => setTransferring(false)} />
      )}
    </SpaceBetween>
  );
}

function Warnings({ texts }: { texts: readonly string[] }) {
  if (texts.length === 0) return null;
  return (
    <Alert type="warning" header="Take care with this email">
      {texts.length === 1 ? texts[0] : <ul className="plain">{texts.map((text) => <li key={text}>{text}</li>)}</ul>}
    </Alert>
  );
}

/** In place of a mail that is not there (yet). */
function Missing({ loaded, retry }: { loaded: Loaded | null; retry: () => void }) {
  if (!loaded || loaded.kind === 'mail') {
    return (
      <Box padding="l" textAlign="center" color="text-body-secondary">
        <Spinner /> Loading the email
      </Box>
    );
  }
  const words = {
    expired: [
      'The link to this email has expired',
      'A fresh link could not be had. The email is safe in its case; you can still answer it, or transfer the task.',
    ],
    gone: ['This email is no longer kept', 'It was deleted when its retention time was over.'],
    failed: ['This email could not be loaded', loaded.kind === 'failed' ? loaded.detail : ''],
  }[loaded.kind];
  return (
    <Alert
      type={loaded.kind === 'failed' ? 'error' : 'warning'}
      header={words[0]}
      action={loaded.kind === 'gone' ? undefined : <Button onClick={retry}>Try again</Button>}
    >
      {words[1]}
    </Alert>
  );
}
