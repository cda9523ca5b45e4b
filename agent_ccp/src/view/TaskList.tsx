import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState, type RefObject } from 'react';
import type { Agent, Trouble } from '../connect/types';
import { lostAnswer, words } from '../fate';
import { relative } from '../mail/dates';
import { shown } from '../mail/text';
import type { MailTask } from '../task';
import { useNow } from './hooks';
import { SentimentBadge } from './Sentiment';

const TROUBLE: Readonly<Record<Trouble, string>> = {
  'signed-out': 'You are not signed in to Amazon Connect. Sign in in the window that opened, or allow pop-ups for this page.',
  denied: 'Amazon Connect refused this page. Its address must be among the approved origins of the instance.',
  'no-workspace': 'The agent workspace did not answer. Close this application and open it again from the workspace.',
  'no-attributes':
    'The agent workspace keeps the attributes of your contacts from this application. Its permissions must include Contact.Attributes.View.',
  unreachable: 'Amazon Connect could not be reached. Third-party cookies may be blocked in this browser.',
};

interface Props {
  readonly tasks: readonly MailTask[];
  readonly agent: Agent | null;
  readonly trouble: Trouble | null;
  readonly selected: string | null;
  readonly accepting: ReadonlySet<string>;
  /** Where Connect's own panel goes; null where the page is part of Connect's. */
  readonly panel: RefObject<HTMLDivElement | null> | null;
  readonly onSelect: (id: string) => void;
  readonly onAccept: (task: MailTask) => void;
  readonly onReject: ((task: MailTask) => void) | null;
}

export function TaskList(props: Props) {
  const { tasks, agent, trouble, selected, panel } = props;
  const now = useNow();
  return (
    <div className="side">
      <div className="side-head">
        <Box variant="h2" fontSize="heading-m">
          My emails {tasks.length > 0 && <span className="quiet">({tasks.length})</span>}
        </Box>
      </div>
      <div className="side-list">
        {trouble && (
          <Box margin="s">
            <Alert type="error" header="Amazon Connect">
              {TROUBLE[trouble]}
            </Alert>
          </Box>
        )}
        {!agent && !trouble && (
          <p className="side-empty">
            <Spinner /> {panel ? 'Waiting for you to sign in to Amazon Connect' : 'Waiting for the agent workspace'}
          </p>
        )}
        {agent && tasks.length === 0 && <p className="side-empty">No emails with you.</p>}
        <ul aria-label="My emails">
          {tasks.map((each) => (
            <Item key={each.task.id} task={each} now={now} chosen={each.task.id === selected} {...props} />
          ))}
        </ul>
      </div>
      {panel && <ContactPanel panel={panel} />}
    </div>
  );
}

function Item(props: Props & { task: MailTask; now: number; chosen: boolean }) {
  const { task, now, chosen, onSelect, onAccept, onReject } = props;
  const accepting = props.accepting.has(task.task.id);
  const { state } = task.task;
  const lost = lostAnswer(null, task.warning, task.notice);
  const subject = shown(task.subject) || '(no subject)';
  return (
    <li className={`item ${state}`}>
      <button type="button" className="item-main" aria-current={chosen} onClick={() => onSelect(task.task.id)}>
        <span className="item-line">
          <bdi className="item-from">{shown(task.from) || shown(task.fromName) || 'Unknown sender'}</bdi>
          <span className="item-age">{relative(task.received, now, 'en', 'narrow')}</span>
        </span>
        <span className="item-subject" dir="auto">
          {subject}
        </span>
        {lost && <StatusIndicator type="error">{words(lost, '').header}</StatusIndicator>}
        <span className="item-line">
          <State state={state} />
          {task.sentiment && <SentimentBadge label={task.sentiment} />}
        </span>
      </button>
      {state === 'offered' && (
        <div className="item-actions">
          <Button
            variant="primary"
            loading={accepting}
            ariaLabel={`Accept email from ${task.from}`}
            onClick={() => onAccept(task)}
          >
            Accept
          </Button>
          {onReject && (
            <Button disabled={accepting} ariaLabel={`Reject email from ${task.from}`} onClick={() => onReject(task)}>
              Reject
            </Button>
          )}
        </div>
      )}
    </li>
  );
}

function State({ state }: { state: MailTask['task']['state'] }) {
  switch (state) {
    case 'offered':
      return <StatusIndicator type="pending">Offered to you</StatusIndicator>;
    case 'connected':
      return <StatusIndicator type="in-progress">In work</StatusIndicator>;
    case 'after-contact':
      return <StatusIndicator type="success">After contact work</StatusIndicator>;
    case 'missed':
      return <StatusIndicator type="warning">Missed</StatusIndicator>;
    case 'error':
      return <StatusIndicator type="error">Failed</StatusIndicator>;
  }
}

/** Connect's own panel. It stays mounted when folded: moving or removing the frame would sign out. */
function ContactPanel({ panel }: { panel: RefObject<HTMLDivElement | null> }) {
  const [open, setOpen] = useState(true);
  return (
    <section className="ccp" aria-label="Contact Control Panel">
      <button type="button" className="ccp-toggle" aria-expanded={open} aria-controls="ccp" onClick={() => setOpen(!open)}>
        <span aria-hidden="true">{open ? '▾' : '▸'}</span> Contact Control Panel
      </button>
      <div id="ccp" className={open ? 'ccp-body' : 'ccp-body folded'} ref={panel} />
    </section>
  );
}
