// The newest page of a case, put together with the pages before it: they move as mail comes.
import type { CaseMessage, CaseView, MessagePage } from './api';

/** The page's messages; one that says what it said before is the same object, and is not drawn anew. */
function unchanged(fresh: readonly CaseMessage[], known: readonly CaseMessage[]): CaseMessage[] {
  const before = new Map(known.map((each) => [each.id, each]));
  return fresh.map((each) => {
    const old = before.get(each.id);
    return old && JSON.stringify(old) === JSON.stringify(each) ? old : each;
  });
}

/**
 * The newest page after the messages that were loaded before it. Where so much came meanwhile that
 * the two do not meet, it stands alone: what lies between can be loaded again.
 */
export function withEarlier(newest: CaseView, known: CaseView | null): CaseView {
  if (!known || known.case.id !== newest.case.id) return newest;
  const messages = unchanged(newest.messages, known.messages);
  const fresh = new Set(newest.messages.map(({ id }) => id));
  const meet = known.messages.findIndex(({ id }) => fresh.has(id));
  if (meet <= 0) return { ...newest, messages };
  return { ...newest, messages: [...known.messages.slice(0, meet), ...messages], older: known.older };
}

/** The view with an older page before what it has. */
export function withOlder(view: CaseView, page: MessagePage): CaseView {
  const there = new Set(view.messages.map(({ id }) => id));
  const earlier = page.messages.filter(({ id }) => !there.has(id));
  return { ...view, messages: [...earlier, ...view.messages], older: page.older };
}
