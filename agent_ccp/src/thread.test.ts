import { describe, expect, it } from 'vitest';
import type { CaseEntry, CaseMessage, CaseView } from './api';
import { joined, moods, thread, type Item } from './thread';

const at = (minute: number): string => `2026-11-22T10:${String(minute).padStart(2, '0')}:00Z`;
const mail = (id: string, minute: number, changes: Partial<CaseMessage> = {}): CaseMessage => ({
  id,
  direction: 'in',
  at: at(minute),
  ...changes,
});
const event = (kind: string, minute: number, reason = ''): CaseEntry => ({ at: at(minute), kind, actor: 'bob', reason });

function view(messages: CaseMessage[], interactions: CaseEntry[], older: string | null = null): CaseView {
  return { case: { id: 'c', status: 'open', answered: false }, messages, interactions, older };
}

const short = (items: Item[]): string[] =>
  items.map((item) =>
    item.kind === 'message' ? item.message.id : `${item.events.map(({ kind }) => kind).join('+')}/${item.hidden}`,
  );

describe('thread', () => {
  it('puts what happened where it happened, and leaves out what the messages tell', () => {
    const events = [event('received', 0), event('accepted', 1), event('viewed', 2), event('held', 6), event('closed', 9)];
    expect(short(thread(view([mail('b', 5), mail('a', 0)], events), ''))).toEqual(['a', 'accepted/0', 'b', 'held+closed/0']);
  });

  it('leaves out the message that is shown above, not what happened around it', () => {
    const events = [event('accepted', 1), event('held', 6)];
    expect(short(thread(view([mail('a', 0), mail('b', 5)], events), 'b'))).toEqual(['a', 'accepted+held/0']);
  });

  it('shows the newest of many events', () => {
    const events = [1, 2, 3, 4, 5].map((minute) => event(minute < 5 ? 'reminded' : 'decided', minute));
    expect(short(thread(view([mail('a', 0)], events), ''))).toEqual(['a', 'reminded+reminded+decided/2']);
  });

  it('keeps back what happened among messages that are not loaded', () => {
    const events = [event('closed', 1), event('accepted', 6)];
    expect(short(thread(view([mail('b', 5)], events, 'cursor'), ''))).toEqual(['b', 'accepted/0']);
  });
});

describe('moods', () => {
  it('are those of mails from outside that have one', () => {
    const found = moods([
      mail('c', 9, { sentiment: 'POSITIVE' }),
      mail('a', 0, { sentiment: 'negative' }),
      mail('n', 1, { kind: 'note', sentiment: 'NEUTRAL' }),
      mail('o', 2, { direction: 'out', sentiment: 'POSITIVE' }),
      mail('b', 3),
    ]);
    expect(found.map(({ id, level }) => [id, level])).toEqual([
      ['a', -1],
      ['c', 1],
    ]);
  });
});

it('joins pages of a history that overlap', () => {
  const [one, two, three] = [event('held', 1), event('decided', 2), event('closed', 3)];
  expect(joined([one, two], [two, three])).toEqual([one, two, three]);
  expect(joined([], [one])).toEqual([one]);
});
