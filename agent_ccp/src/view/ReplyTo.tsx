import type { CaseMessage, CaseView } from '../api';
import { addressText } from '../case';
import { getAnswers, otherReplyTo } from '../decision';
import type { Person } from '../mail/message';
import { Choices } from './Choices';
import type { Decisions, Question } from './decisions';
import { Addresses } from './People';

interface Props {
  readonly from: Person;
  readonly people: readonly Person[];
  readonly view: CaseView | null;
  readonly message: CaseMessage | null;
  readonly decisions: Decisions;
  readonly onChoose: (question: Question) => void;
}

/** Where a mail asks for its answers when that is another address, and whether they go there. */
export function ReplyTo({ from, people, view, message, decisions, onChoose }: Props) {
  const listed = message ? otherReplyTo(message) : [];
  const others = listed.length > 0 ? listed : otherReplyTo({ from, reply_to: people });
  if (others.length === 0) return null;
  const used = getAnswers(others, view);
  const open = !used && listed.length > 0 && message?.actions?.includes('reply-to') ? message : null;
  return (
    <div className="fact">
      <dt>Reply-To</dt>
      <dd>
        <Addresses people={others} />{' '}
        <span className="quiet">
          {used ? '(gets the answers)' : `(another address than ${addressText(from) || 'the sender'}: no answer goes there)`}
        </span>
        {open && <Choices message={open} actions={['reply-to']} decisions={decisions} onChoose={onChoose} />}
      </dd>
    </div>
  );
}
