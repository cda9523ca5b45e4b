import Badge from '@cloudscape-design/components/badge';
import type { CaseMessage, CaseView } from '../api';
import { standing } from '../decision';
import { absolute, relative } from '../mail/dates';
import type { Mail } from '../mail/message';
import { shown } from '../mail/text';
import type { MailTask } from '../task';
import type { Decisions, Question } from './decisions';
import { useNow } from './hooks';
import { Confirmed, People, Sender } from './People';
import { ReplyTo } from './ReplyTo';
import { Language, Sentiment } from './Sentiment';
import { SenderWarnings } from './Warnings';

const PHRASES = 6;

function Received({ ms }: { ms: number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(ms).toISOString()} className="quiet">
      {relative(ms, now)} · {absolute(ms)}
    </time>
  );
}

/** What is known before the email is accepted. */
export function OfferFacts({ task }: { task: MailTask }) {
  return (
    <div>
      <dl className="facts">
        <div className="fact from">
          <dt>From</dt>
          <dd>
            <Sender address={task.from} name={task.fromName} />
          </dd>
        </div>
        <div className="fact">
          <dt>To</dt>
          <dd>
            <bdi>{shown(task.sentTo)}</bdi>
          </dd>
        </div>
        <div className="fact">
          <dt>Received</dt>
          <dd>
            <Received ms={task.received} />
          </dd>
        </div>
      </dl>
      <div className="badges">
        <Sentiment label={task.sentiment} sentiment={null} />
        <Language code={task.language} score={null} />
      </div>
    </div>
  );
}

interface Props {
  readonly task: MailTask;
  readonly mail: Mail | null;
  readonly view: CaseView | null;
  /** The mail as its case lists it. */
  readonly message: CaseMessage | null;
  readonly warnings: readonly string[];
  readonly decisions: Decisions;
  readonly onChoose: (question: Question) => void;
}

export function MailFacts({ task, mail, view, message, warnings, decisions, onChoose }: Props) {
  const from = mail?.from.address ? mail.from : { address: task.from, name: task.fromName };
  const to = mail?.to.length ? mail.to : task.sentTo ? [{ address: task.sentTo, name: '' }] : [];
  const stands = message && standing(message);
  return (
    <div>
      <dl className="facts">
        <div className="fact from">
          <dt>From</dt>
          <dd>
            <Sender {...from} />
            <Confirmed authenticated={mail?.authenticated ?? null} />
          </dd>
        </div>
        <SenderWarnings texts={warnings} />
        <ReplyTo from={from} people={mail?.reply_to ?? []} {...{ message, view, decisions, onChoose }} />
        <People label="To" people={to} />
        <People label="Cc" people={mail?.cc ?? []} />
        <div className="fact">
          <dt>Received</dt>
          <dd>
            <Received ms={task.received} />
          </dd>
        </div>
      </dl>
      <div className="badges">
        {stands && <Badge color={stands.colour}>{stands.text}</Badge>}
        {stands?.reason && <span className="quiet">{stands.reason}</span>}
        <Sentiment label={mail?.sentiment?.label ?? task.sentiment} sentiment={mail?.sentiment ?? null} />
        <Language code={mail?.language?.code ?? task.language} score={mail?.language?.score ?? null} />
        {view && <Badge color={view.case.answered ? 'green' : 'blue'}>{view.case.answered ? 'Answered' : 'Not answered'}</Badge>}
        {mail?.key_phrases.slice(0, PHRASES).map(({ text }) => (
          <span key={text} className="phrase" dir="auto">
            {shown(text)}
          </span>
        ))}
      </div>
    </div>
  );
}
