import Badge from '@cloudscape-design/components/badge';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import type { CaseView } from '../api';
import { absolute, relative } from '../mail/dates';
import type { Mail, Person } from '../mail/message';
import { shown } from '../mail/text';
import type { MailTask } from '../task';
import { useNow } from './hooks';
import { Language, Sentiment } from './Sentiment';

const SHORT_LIST = 4;
const PHRASES = 6;

/** Address first: a display name is whatever its sender wrote. */
function Sender({ address, name }: Person) {
  return (
    <span className="sender">
      <bdi className="sender-address">{shown(address) || 'Unknown address'}</bdi>
      {name && (
        <bdi className="sender-name" title={shown(name)}>
          {shown(name)}
        </bdi>
      )}
    </span>
  );
}

function People({ label, people }: { label: string; people: readonly Person[] }) {
  const [all, setAll] = useState(false);
  if (people.length === 0) return null;
  const some = all ? people : people.slice(0, SHORT_LIST);
  return (
    <div className="fact">
      <dt>{label}</dt>
      <dd>
        {some.map((each, index) => (
          <span key={`${index}${each.address}`}>
            {index > 0 && ', '}
            <bdi title={shown(each.name) || undefined}>{shown(each.address)}</bdi>
          </span>
        ))}
        {people.length > some.length && (
          <button type="button" className="bare more" onClick={() => setAll(true)}>
            and {people.length - some.length} more
          </button>
        )}
      </dd>
    </div>
  );
}

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
      <div className="badges">
        <Sentiment label={task.sentiment} sentiment={null} />
        <Language code={task.language} score={null} />
      </div>
    </dl>
  );
}

function otherReplyTo(mail: Mail): readonly Person[] {
  const from = mail.from.address.toLowerCase();
  return mail.reply_to.filter((each) => each.address && each.address.toLowerCase() !== from);
}

export function MailFacts({ task, mail, view }: { task: MailTask; mail: Mail | null; view: CaseView | null }) {
  const from = mail?.from.address ? mail.from : { address: task.from, name: task.fromName };
  const to = mail?.to.length ? mail.to : task.sentTo ? [{ address: task.sentTo, name: '' }] : [];
  const replyTo = mail ? otherReplyTo(mail) : [];
  return (
    <dl className="facts">
      <div className="fact from">
        <dt>From</dt>
        <dd>
          <Sender {...from} />
          {mail?.authenticated === true && <StatusIndicator type="success">Sender confirmed</StatusIndicator>}
          {mail?.authenticated === false && <StatusIndicator type="warning">Sender not confirmed</StatusIndicator>}
        </dd>
      </div>
      <People label="To" people={to} />
      <People label="Cc" people={mail?.cc ?? []} />
      {replyTo.length > 0 && (
        <div className="fact">
          <dt>Reply-To</dt>
          <dd>
            {replyTo.map((each) => shown(each.address)).join(', ')}{' '}
            <span className="quiet">(not used: answers go to the customer of the case)</span>
          </dd>
        </div>
      )}
      <div className="fact">
        <dt>Received</dt>
        <dd>
          <Received ms={task.received} />
        </dd>
      </div>
      <div className="badges">
        <Sentiment label={mail?.sentiment?.label ?? task.sentiment} sentiment={mail?.sentiment ?? null} />
        <Language code={mail?.language?.code ?? task.language} score={mail?.language?.score ?? null} />
        {view && <Badge color={view.case.answered ? 'green' : 'blue'}>{view.case.answered ? 'Answered' : 'Not answered'}</Badge>}
        {mail?.key_phrases.slice(0, PHRASES).map(({ text }) => (
          <span key={text} className="phrase" dir="auto">
            {shown(text)}
          </span>
        ))}
      </div>
    </dl>
  );
}
