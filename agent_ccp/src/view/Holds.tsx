import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { CaseMessage } from '../api';
import { addressText, person, type Recipients } from '../case';
import { actionsOf, asciiDomain, extraWarnings, isAnswer, reasonText, writer, type Action } from '../decision';
import { absolute, instant } from '../mail/dates';
import { shown } from '../mail/text';
import { Choices } from './Choices';
import type { Decisions, Question } from './decisions';
import { Addresses } from './People';
import { TextList } from './Warnings';

const AT_FIRST = 3;

interface Props {
  readonly held: readonly CaseMessage[];
  /** The mail that the page shows in full. */
  readonly shownId: string;
  /** Who gets the next answer. */
  readonly goes: Recipients | null;
  readonly decisions: Decisions;
  readonly onChoose: (question: Question) => void;
  readonly onRead: (messageId: string) => void;
}

/** The messages of the case that wait for a decision, with what can be decided. */
export function Holds({ held, ...props }: Props) {
  const [open, setOpen] = useState('');
  const [all, setAll] = useState(false);
  if (held.length === 0) return null;
  const some = all ? held : held.slice(0, AT_FIRST);
  const opened = some.some(({ id }) => id === open) ? open : some[0]?.id;
  return (
    <SpaceBetween size="xs">
      {some.map((message) => (
        <Hold key={message.id} message={message} open={message.id === opened} onOpen={() => setOpen(message.id)} {...props} />
      ))}
      {held.length > some.length && (
        <Button onClick={() => setAll(true)}>Show {held.length - some.length} more held messages</Button>
      )}
    </SpaceBetween>
  );
}

interface HoldProps extends Omit<Props, 'held'> {
  readonly message: CaseMessage;
  readonly open: boolean;
  readonly onOpen: () => void;
}

function Hold({ message, open, onOpen, shownId, goes, decisions, onChoose, onRead }: HoldProps) {
  const title = isAnswer(message) ? `Not sent yet: the answer by ${writer(message)}` : `Held: mail from ${writer(message)}`;
  return (
    <section aria-label={title}>
      <Alert
        type="warning"
        header={<bdi>{title}</bdi>}
        action={open ? undefined : <Button onClick={onOpen} ariaLabel={`Decide (${title})`}>Decide</Button>}
      >
        <About message={message} goes={goes} />
        {open && (
          <>
            {message.id === shownId ? (
              <p className="words">It is the mail shown below.</p>
            ) : (
              <p className="words">
                <button
                  type="button"
                  className="bare link"
                  onClick={() => onRead(message.id)}
                  aria-label={`Read it below (${title})`}
                >
                  Read it below
                </button>
              </p>
            )}
            <Choices message={message} actions={actionsOf(message)} decisions={decisions} onChoose={onChoose} />
          </>
        )}
      </Alert>
    </section>
  );
}

function About({ message, goes }: { message: CaseMessage; goes: Recipients | null }) {
  const ascii = asciiDomain(addressText(message.from));
  const at = instant(message.at);
  const name = isAnswer(message) ? '' : shown(person(message.from).name);
  const texts = extraWarnings(message);
  return (
    <>
      <p className="words">
        {ascii && <>Its domain is {ascii} · </>}
        {name && (
          <>
            Calls itself “<bdi>{name}</bdi>” ·{' '}
          </>
        )}
        <bdi>{shown(message.subject ?? '') || '(no subject)'}</bdi>
        {at !== null && ` · ${absolute(at)}`}
      </p>
      <p className="words">{sentence(message)}</p>
      <TextList texts={texts} />
      {isAnswer(message) && goes && (
        <p className="words">
          It would go to: <Addresses people={[...goes.to, ...goes.cc]} />
        </p>
      )}
    </>
  );
}

/** Why it is held, and what that means until somebody decides. */
function sentence(message: CaseMessage): string {
  const reason = reasonText(message.reason);
  const why = reason ? `${reason}. ` : '';
  return isAnswer(message)
    ? `${why}It goes out only if somebody decides so.`
    : `${why}Until somebody decides, its sender gets nothing and it changes nothing.`;
}

const UNKNOWN: readonly Action[] = ['admit', 'add', 'new-case', 'block'];

/** In place of the above when only the mail itself says that it was held. */
export function HeldUnknown({ message, decisions }: { message: CaseMessage; decisions: Decisions }) {
  return (
    <section aria-label="Held mail">
      <Alert type="warning" header="This mail was held when it came">
        <p className="words">Whether somebody has decided about it since cannot be seen right now.</p>
        <Choices message={message} actions={UNKNOWN} decisions={decisions} onChoose={() => undefined} />
      </Alert>
    </section>
  );
}
