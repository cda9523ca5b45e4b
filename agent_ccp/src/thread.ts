// A case as one thread: its messages, and what happened between them, in the order of time.
import type { CaseEntry, CaseMessage, CaseView } from './api';
import { inOrder } from './case';
import { instant } from './mail/dates';

export type Item =
  | { readonly kind: 'message'; readonly message: CaseMessage }
  /** What happened between two messages; `hidden` counts those left to the history. */
  | { readonly kind: 'events'; readonly key: string; readonly events: readonly CaseEntry[]; readonly hidden: number };

/** What an agent wants to see in its place; the messages tell of themselves. */
const TOLD = new Set([
  'accepted',
  'closed',
  'reopened',
  'held',
  'decided',
  'blocked',
  'reminded',
  'returned',
  'undone',
  'sent-again',
  'not-sent',
  'recipients-ignored',
]);
/** As many as are quiet between two messages. */
const AT_ONCE = 3;

const time = (at: string | undefined): number => instant(at) ?? 0;

/** The messages but `without`, oldest first, with the newest events of each gap. */
export function thread(view: CaseView, without: string): Item[] {
  const messages = inOrder(view.messages);
  // What happened before the oldest message at hand belongs to messages that are not there yet.
  const from = view.older ? time(messages[0]?.at) : 0;
  const events = (view.interactions ?? []).filter(({ kind, at }) => TOLD.has(kind) && time(at) >= from);
  const items: Item[] = [];
  let next = 0;
  const upTo = (end: number, key: string): void => {
    const start = next;
    while (next < events.length && time(events[next]?.at) < end) next += 1;
    const gap = events.slice(start, next);
    const hidden = Math.max(0, gap.length - AT_ONCE);
    if (gap.length > 0) items.push({ kind: 'events', key, events: gap.slice(hidden), hidden });
  };
  for (const message of messages) {
    if (message.id === without) continue;
    upTo(time(message.at), `before ${message.id}`);
    items.push({ kind: 'message', message });
  }
  upTo(Number.POSITIVE_INFINITY, 'now');
  return items;
}

export interface Mood {
  readonly id: string;
  readonly at: string;
  /** POSITIVE, NEUTRAL, MIXED or NEGATIVE. */
  readonly label: string;
  /** 1, 0 or -1. */
  readonly level: number;
}

const LEVELS: Readonly<Record<string, number>> = { POSITIVE: 1, NEUTRAL: 0, MIXED: 0, NEGATIVE: -1 };

/** How the mails from outside sounded, oldest first. */
export function moods(messages: readonly CaseMessage[]): Mood[] {
  return inOrder(messages).flatMap(({ id, direction, kind, at, sentiment }) => {
    const label = (sentiment ?? '').toUpperCase();
    const level = LEVELS[label];
    const outside = direction === 'in' && kind !== 'relay' && kind !== 'note';
    return outside && level !== undefined ? [{ id, at: at ?? '', label, level }] : [];
  });
}

const keyOf = ({ at, kind, actor, reason, ref }: CaseEntry): string => [at, kind, actor, reason, ref].join(' ');

/** Two parts of a history, oldest first, each entry once. */
export function joined(earlier: readonly CaseEntry[], later: readonly CaseEntry[]): CaseEntry[] {
  const there = new Set(later.map(keyOf));
  return [...earlier.filter((entry) => !there.has(keyOf(entry))), ...later];
}
