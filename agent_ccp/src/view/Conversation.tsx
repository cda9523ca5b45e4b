import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { memo, useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { loadMail, type CaseMessage, type Loaded, type Outside } from '../api';
import { addressText, isTakenIn, person } from '../case';
import type { Kind } from '../compose/types';
import { isAnswer, sortWarnings, standing, warningsOf, writer } from '../decision';
import { delivery, lines, reason, troubled } from '../fate';
import { absolute, instant } from '../mail/dates';
import { besides } from '../mail/images';
import type { Mail } from '../mail/message';
import { shown } from '../mail/text';
import { thread } from '../thread';
import { WORDS } from '../threadWords';
import { Attachments } from './Attachments';
import type { Decisions, Question } from './decisions';
import { Events } from './Events';
import type { CaseState } from './hooks';
import { MailBody } from './MailBody';
import { MoodLine } from './MoodLine';
import { useNameOf, type NameOf } from './names';
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
  /** Begins to write about a message; null where nothing can be written. */
  readonly onWrite: ((kind: Kind, messageId: string) => void) | null;
  readonly act: Act;
}

/** The other messages of the case, each loaded when it is opened. */
export function Conversation(props: Props) {
  const { inCase, messageId } = props;
  const { view } = inCase;
  const items = useMemo(() => (view ? thread(view, messageId) : []), [view, messageId]);
  const others = items.filter(({ kind }) => kind === 'message').length;
  const list = useRef<HTMLOListElement>(null);
  const hold = useHeldPlace(list, others);
  if (!inCase.view && !inCase.trouble) return null;
  return (
    <Container header={<Header variant="h2" counter={others ? `(${others}${view?.older ? '+' : ''})` : undefined}>Rest of the conversation</Header>}>
      <SpaceBetween size="s">
        {inCase.trouble && (
          <Alert type="info" header="The conversation cannot be shown right now">
            {inCase.trouble} You can read this email and answer it all the same. Held mail cannot
            be seen or decided on meanwhile.
          </Alert>
        )}
        {view && <MoodLine view={view} />}
        {view?.older && <Earlier inCase={inCase} act={props.act} hold={hold} />}
        {view && !view.older && others === 0 && (
          <Box color="text-body-secondary">This is the only message of the case so far.</Box>
        )}
        {items.length > 0 && (
          <ol className="thread" ref={list} aria-label={WORDS.thread}>
            {items.map((item) => (
              <li key={item.kind === 'message' ? item.message.id : item.key}>
                {item.kind === 'message' ? <Message message={item.message} {...props} /> : <Events {...item} />}
              </li>
            ))}
          </ol>
        )}
      </SpaceBetween>
    </Container>
  );
}

/**
 * Keeps what is in view where it is when messages are put in before it. The browser does so by
 * itself only where something above has been scrolled away.
 */
function useHeldPlace(list: React.RefObject<HTMLOListElement | null>, count: number): () => void {
  const held = useRef<{ element: HTMLElement; top: number } | null>(null);
  useLayoutEffect(() => {
    const place = held.current;
    held.current = null;
    if (!place?.element.isConnected) return;
    const keep = (): void => window.scrollBy(0, place.element.getBoundingClientRect().top - place.top);
    keep();
    // Rows that come into view are as high as they are, and no longer as they were guessed.
    requestAnimationFrame(() => requestAnimationFrame(keep));
    // The button may have gone with the last page.
    if (document.activeElement === document.body) place.element.focus({ preventScroll: true });
  }, [count]);
  return useCallback(() => {
    const element = list.current?.querySelector<HTMLElement>('.message');
    held.current = element ? { element, top: element.getBoundingClientRect().top } : null;
  }, [list]);
}

/** Loads the page of messages before those at hand. */
function Earlier({ inCase, act, hold }: Pick<Props, 'inCase' | 'act'> & { readonly hold: () => void }) {
  const [busy, setBusy] = useState(false);
  const load = async (): Promise<void> => {
    setBusy(true);
    await act(WORDS.olderFailed, () => inCase.loadOlder(hold));
    setBusy(false);
  };
  return (
    <Button variant="link" iconName="angle-up" loading={busy} onClick={() => void load()}>
      {WORDS.older}
    </Button>
  );
}

function summary(message: CaseMessage, nameOf: NameOf): string {
  const to = (message.to ?? []).map(addressText).join(', ');
  const by = message.actor ? `, by ${nameOf(message.actor)}` : '';
  const author = message.actor && writer(message) === message.actor ? nameOf(message.actor) : writer(message);
  const who = message.direction === 'in' ? `From ${author}` : `To ${to || 'the customer'}${by}`;
  const at = instant(message.at);
  return shown(at === null ? who : `${who} · ${absolute(at)}`);
}

/** How a message fared, when that is not simply "it arrived". */
// Most answers arrive, and there may be hundreds: Cloudscape's indicator is kept for the others.
function Fate({ message }: { message: CaseMessage }) {
  const state = message.direction === 'out' ? delivery(message.delivery) : null;
  const stands = standing(message);
  return (
    <>
      {state?.mood === 'success' && (
        <span className="arrived">
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
            <circle cx="8" cy="8" r="7" />
            <path d="m5 8 2 2 4-4" />
          </svg>
          {state.text}
        </span>
      )}
      {state && state.mood !== 'success' && <StatusIndicator type={state.mood}>{state.text}</StatusIndicator>}
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
  const inside = useId();
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
  const latest = useRef({ expanded, load });
  latest.current = { expanded, load };
  const toggle = useCallback(() => {
    setExpanded(!latest.current.expanded);
    if (!latest.current.expanded) void latest.current.load();
  }, []);
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
    <div
      className={`message ${message.direction}${message.kind === 'note' ? ' note' : ''}${expanded ? ' expanded' : ''}`}
      data-message={message.id}
      ref={place}
      tabIndex={-1}
    >
      <Row message={message} expanded={expanded} inside={inside} onToggle={toggle} />
      {expanded && (
        <div className="message-whole" id={inside}>
          {!loaded && <Spinner />}
          {loaded?.kind === 'mail' && <Whole {...props} mail={loaded.mail} />}
          {loaded && loaded.kind !== 'mail' && (
            <Alert type="warning">{loaded.kind === 'failed' ? loaded.detail : 'This message cannot be loaded.'}</Alert>
          )}
        </div>
      )}
      <Trouble message={message} />
    </div>
  );
}

interface RowProps {
  readonly message: CaseMessage;
  readonly expanded: boolean;
  /** The id of what it opens. */
  readonly inside: string;
  readonly onToggle: () => void;
}

/** A message in two lines. There may be hundreds: it is drawn again only when it has changed. */
const Row = memo(function Row({ message, expanded, inside, onToggle }: RowProps) {
  const nameOf = useNameOf();
  return (
    <button
      type="button"
      className="bare row"
      aria-expanded={expanded}
      aria-controls={expanded ? inside : undefined}
      onClick={onToggle}
    >
      <span className="row-mark" aria-hidden="true" />
      <span className="message-head">
        <span className="row-subject" dir="auto">
          {shown(message.subject ?? '') || WORDS.noSubject}
        </span>{' '}
        <Fate message={message} />
      </span>
      <span className="row-summary quiet">{summary(message, nameOf)}</span>
    </button>
  );
});

function Whole({ message, mail, inCase, decisions, onChoose, onWrite, act }: MessageProps & { readonly mail: Mail }) {
  const [inText, setInText] = useState<ReadonlySet<number>>(new Set());
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
      <MailBody mail={mail} session={inCase.session} messageId={message.id} onInText={setInText} />
      <Attachments mail={besides(mail, inText)} messageId={message.id} session={inCase.session} act={act} />
      {onWrite && <MessageActions message={message} onWrite={onWrite} />}
    </SpaceBetween>
  );
}

const INSIDE: ReadonlySet<string> = new Set(['note', 'relay']);

/** What can be written about a message: only the customer's side is answered, and notes stay. */
function MessageActions({ message, onWrite }: { readonly message: CaseMessage; readonly onWrite: NonNullable<Props['onWrite']> }) {
  if (INSIDE.has(message.kind ?? '')) return null;
  const answerable = message.direction === 'in' && isTakenIn(message);
  return (
    <div className="replies">
      {answerable && <Button onClick={() => onWrite('reply', message.id)}>{WORDS.reply}</Button>}
      <Button onClick={() => onWrite('forward', message.id)}>{WORDS.forward}</Button>
    </div>
  );
}
