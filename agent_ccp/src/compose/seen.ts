// Whether somebody wrote while an answer was being written.
import type { CaseView } from '../api';
import { inOrder, person } from '../case';
import { isAnswer } from '../decision';
import { shown } from '../mail/text';
import type { Newer, Seen } from './types';

type Head = CaseView['case'] & { readonly latest_message_id?: string; readonly last_answer?: string };

/** The customer's newest mail and the newest answer, as the case names them. */
export function seenOf(view: CaseView): Seen {
  const head: Head = view.case;
  const known = head.latest_message_id ?? inOrder(view.messages).findLast(({ direction }) => direction === 'in')?.id;
  return { latest_message_id: known ?? '', last_answer: head.last_answer ?? '' };
}

/** What was written since `seen`, the customer's first; null when nothing was. */
export function newerSince(view: CaseView, seen: Seen): Newer | null {
  const now = seenOf(view);
  const kind = now.latest_message_id !== seen.latest_message_id ? 'customer' : 'answer';
  const id = kind === 'customer' ? now.latest_message_id : now.last_answer;
  if (kind === 'answer' && (!id || id === seen.last_answer)) return null;
  const messages = inOrder(view.messages);
  const found = messages.find((message) => message.id === id) ?? (kind === 'answer' ? messages.findLast(isAnswer) : undefined);
  const from = person(found?.from);
  const actor = kind === 'answer' ? (found?.actor ?? '') : from.name || from.address;
  return { actor: shown(actor), at: found?.at ?? '', message_id: id, kind };
}
