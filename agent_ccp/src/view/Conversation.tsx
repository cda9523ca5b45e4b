import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useEffect, useRef, useState } from 'react';
import { loadMail, type CaseMessage, type Loaded, type Outside } from '../api';
import { addressText, inOrder, person } from '../case';
import { isAnswer, sortWarnings, standing, warningsOf, writer } from '../decision';
import { delivery, lines, reason, troubled } from '../fate';
import { absolute, instant } from '../mail/dates';
import type { Mail } from '../mail/message';
import { shown } from '../mail/text';
import { Attachments } from './Attachments';
import type { Decisions, Question } from './decisions';
import type { CaseState } from './hooks';
import { MailBody } from './MailBody';
import { Confirmed, People, Sender } from './People';
import { RecipientLines } from './Recipients';
import { ReplyTo } from './ReplyTo';
import type { Act } from './Shell';
import { SenderWarnings, Warnings } from './Warnings';

interface Props {
  readonly messageId: string;
  readonly inCase: CaseState;
  readonly outside: Outside;
  /** The customer's latest message when it is not the one the task shows. */
  readonly newest: string;
  readonly onRead: (messageId: string) => void;
  /** A message to be opened and moved to; `times` grows with every wish. */
  readonly wanted: { readonly id: string; readonly times: number };
  readonly decisions: Decisions;
  readonly onChoose: (question: Question) => void;
  readonly act: Act;
}

/** The other messages of the case, each loaded when it is opened. */
export function Conversation(props: Props) {
  const { inCase, messageId } = props;
  const others = inOrder(inCase.view?.messages ?? []).filter(({ id }) => id !== messageId);
  if (!inCase.view && !inCase.trouble) return null;
  return (
    <Container header={<Header variant="h2" counter={others.length ? `(${others.length})` : undefined}>Rest of the conversation</Header>}>
      <SpaceBetween size="s">
        {inCase.trouble && (
          <Alert type="info" header="The conversation cannot be shown right now">
            {inCase.trouble} You can read this email and answer it all the same. Held mail cannot
            be seen or decided on meanwhile.
          </Alert>
        )}
        {inCase.view && others.length === 0 && (
          <Box color="text-body-secondary">This is the only message of the case so far.</Box>
        )}
        {others.map((message) => (
          <Message key={message.id} message={message} {...props} />
        ))}
      </SpaceBetween>
    </Container>
  );
}

function summary(message: CaseMessage): string {
  const to = (message.to ?? []).map(addressText).join(', ');
  const by = message.actor ? `, by ${message.actor}` : '';
  const who = message.direction === 'in' ? `From ${writer(message)}` : `To ${to || 'the customer'}${by}`;
  const at = instant(message.at);
  return shown(at === null ? who : `${who} · ${absolute(at)}`);
}

/** How a message fared, when that is not simply "it arrived". */
function Fate({ message }: { message: CaseMessage }) {
  const state = message.direction === 'out' ? delivery(message.delivery) : null;
  const stands = standing(message);
  return (
    <>
      {state && <StatusIndicator type={state.mood}>{state.text}</StatusIndicator>}
      {stands && (
        <span className="standing">
          <Badge color={stands.colour}>{stands.text}</Badge> <span className="quiet">{stands.reason}</span>
        </span>
      )}
    </>
  );
}

/** Why an answer did not arrive as it should, and with whom, without opening it. */
function Trouble({ message }: { message: CaseMessage }) {
  if (message.direction !== 'out') return null;
  const why = reason(message);
  const each = lines(message);
  if (!why && !troubled(each)) return null;
  return (
    <div className="trouble">
      {why && (
        <p className="words" dir="auto">
          {why}
        </p>
      )}
      {troubled(each) && <RecipientLines lines={each} />}
    </div>
  );
}

type MessageProps = Props & { readonly message: CaseMessage };

function Message(props: MessageProps) {
  const { message, inCase, outside, newest, onRead, wanted } = props;
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [expanded, setExpanded] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const times = wanted.id === message.id ? wanted.times : 0;
  const load = async (): Promise<void> => {
    if (loaded?.kind === 'mail') return;
    try {
      if (!inCase.session) throw new Error('The case service cannot be reached.');
      const found = await loadMail(await inCase.session.formattedLink(message.id), outside);
      setLoaded(found);
    } catch (error) {
      setLoaded({ kind: 'failed', detail: (error as Error).message });
    }
  };
  useEffect(() => {
    if (loaded?.kind === 'mail' && message.id === newest) onRead(newest);
  }, [loaded, message.id, newest, onRead]);
  useEffect(() => {
    if (!times) return;
    setExpanded(true);
    place.current?.focus();
    // Only when it is there in full may the page be long enough to bring it to the top.
    void load().then(() => setTimeout(() => place.current?.scrollIntoView({ block: 'start' })));
    // Only a new wish opens it again.
  }, [times]);
  return (
    <div className={`message ${message.direction}`} ref={place} tabIndex={-1}>
      <ExpandableSection
        expanded={expanded}
        headerText={
          <span className="message-head">
            <span dir="auto">{shown(message.subject ?? '') || '(no subject)'}</span> <Fate message={message} />
          </span>
        }
        headerDescription={summary(message)}
        onChange={({ detail }) => {
          setExpanded(detail.expanded);
          if (detail.expanded) void load();
        }}
      >
        {!loaded && <Spinner />}
        {loaded?.kind === 'mail' && <Whole {...props} mail={loaded.mail} />}
        {loaded && loaded.kind !== 'mail' && (
          <Alert type="warning">{loaded.kind === 'failed' ? loaded.detail : 'This message cannot be loaded.'}</Alert>
        )}
      </ExpandableSection>
      <Trouble message={message} />
    </div>
  );
}

function Whole({ message, mail, inCase, decisions, onChoose, act }: MessageProps & { readonly mail: Mail }) {
  const { sender, rest } = sortWarnings(warningsOf('', mail, message, inCase.view));
  const from = mail.from.address ? mail.from : person(message.from);
  // An agent's mail went to a relay address, which says nothing of who gets it.
  const fates = message.direction === 'out' ? lines(message) : [];
  const toRelay = message.direction === 'in' && (isAnswer(message) || message.kind === 'note');
  return (
    <SpaceBetween size="s">
      <dl className="facts">
        <div className="fact from">
          <dt>From</dt>
          <dd>
            <Sender {...from} />
            {message.direction === 'in' && <Confirmed authenticated={mail.authenticated} />}
          </dd>
        </div>
        <SenderWarnings texts={sender} />
        {message.direction === 'in' && (
          <ReplyTo from={from} people={mail.reply_to} view={inCase.view} {...{ message, decisions, onChoose }} />
        )}
        {!toRelay && <People label="To" people={mail.to} />}
        {!toRelay && <People label="Cc" people={mail.cc} />}
      </dl>
      {!troubled(fates) && <RecipientLines lines={fates} />}
      <Warnings header="Take care with this email" texts={rest} />
      <MailBody mail={mail} />
      <Attachments mail={mail} messageId={message.id} session={inCase.session} act={act} />
    </SpaceBetween>
  );
}
