import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { person } from '../case';
import { ACTIONS, asciiDomain, extraWarnings, otherReplyTo, type Action } from '../decision';
import type { Person } from '../mail/message';
import { shown } from '../mail/text';
import type { Question } from './decisions';
import { TextList } from './Warnings';

interface Props {
  readonly asking: Question | null;
  readonly customer: string;
  readonly onBack: () => void;
  readonly onDecide: (question: Question) => void;
}

const HEADERS: Partial<Record<Action, string>> = {
  add: 'Add this address to the case?',
  block: 'Block this sender on this case?',
  'reply-to': 'Copy answers to this address?',
};

/** Asks before somebody new is told something, or is not heard any more. */
export function DecideDialog({ asking, customer, onBack, onDecide }: Props) {
  if (!asking) return null;
  const { message, action } = asking;
  const people = action === 'reply-to' ? otherReplyTo(message) : [person(message.from)];
  return (
    <Modal
      visible
      onDismiss={onBack}
      closeAriaLabel="Dismiss"
      header={HEADERS[action] ?? ACTIONS[action].label}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onBack}>
              Cancel
            </Button>
            <Button variant="primary" onClick={() => onDecide(asking)}>
              {action === 'reply-to' ? 'Copy answers' : ACTIONS[action].label}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      {people.map((each) => (
        <Whole key={each.address} {...each} />
      ))}
      <Consequences action={action} customer={customer} />
      <TextList texts={extraWarnings(message)} />
    </Modal>
  );
}

/** The whole address, however long: it is what is being decided about. */
function Whole({ address, name }: Person) {
  const ascii = asciiDomain(address);
  return (
    <p className="whole">
      <bdi className="sender-address">{shown(address) || 'Unknown address'}</bdi>
      {ascii && <span className="quiet"> (domain: {ascii})</span>}
      {name && (
        <span className="quiet">
          {' '}
          calls itself “<bdi>{shown(name)}</bdi>”
        </span>
      )}
    </p>
  );
}

function Consequences({ action, customer }: { action: Action; customer: string }) {
  const who = <bdi>{shown(customer) || 'the customer'}</bdi>;
  switch (action) {
    case 'add':
      return (
        <>
          <p className="words">From now on this address</p>
          <ul className="plain words">
            <li>gets a copy of every answer to {who}, with the mail it answers quoted below it;</li>
            <li>may write to the case: its mail is no longer held.</li>
          </ul>
          <p className="words">Earlier mails are not sent to it. The mail you decide about becomes part of the case.</p>
        </>
      );
    case 'block':
      return (
        <p className="words">
          This mail is kept in the case. Later mail from this address to this case goes to the quarantine, where an
          administrator sees it and no agent does. The sender is not told, and other cases are not affected.
        </p>
      );
    case 'reply-to':
      return (
        <p className="words">
          The mail asks for its answers there. From now on this address gets a copy of every answer to {who}, with the
          mail it answers quoted below it. {who} gets every answer as before.
        </p>
      );
    default:
      return <p className="words">{ACTIONS[action].meaning}</p>;
  }
}
