import type { CaseView } from '../../api';
import { addressText, inOrder } from '../../case';
import type { Content } from '../../compose/content';
import type { Kind } from '../../compose/types';
import { WORDS } from '../../compose/words';
import { writer } from '../../decision';
import { absolute, instant } from '../../mail/dates';
import { shown } from '../../mail/text';

interface Props {
  readonly kind: Kind;
  readonly content: Content;
  readonly view: CaseView;
}

/** What the text is about. */
export function Hint({ kind, content, view }: Props) {
  const message = view.messages.find(({ id }) => id === content.answers);
  const subject = shown(message?.subject ?? view.case.subject ?? '');
  if (kind === 'note') return <p className="hint note-hint">{WORDS.noteHint}</p>;
  if (kind === 'forward') return <p className="hint quiet">{WORDS.forwardHint(subject)}</p>;
  const newest = inOrder(view.messages).findLast(({ direction, kind: sort }) => direction === 'in' && sort !== 'note' && sort !== 'relay');
  if (!message || message.id === newest?.id) return null;
  const ms = instant(message.at);
  return <p className="hint quiet">{WORDS.answering(writer(message) || addressText(message.from), ms === null ? '' : absolute(ms))}</p>;
}
