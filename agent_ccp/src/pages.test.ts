import { describe, expect, it } from 'vitest';
import type { CaseMessage, CaseView } from './api';
import { withEarlier, withOlder } from './pages';

const message = (id: string, more: Partial<CaseMessage> = {}): CaseMessage => ({ id, direction: 'in', ...more });
const view = (ids: string[], older: string | null = null, caseId = 'c'): CaseView => ({
  case: { id: caseId, status: 'open', answered: false },
  messages: ids.map((id) => message(id)),
  older,
});
const ids = ({ messages }: CaseView): string[] => messages.map(({ id }) => id);

describe('withEarlier', () => {
  it('keeps the older pages while the newest one moves', () => {
    const merged = withEarlier(view(['3', '4'], 'before 3'), view(['1', '2', '3'], 'before 1'));
    expect(ids(merged)).toEqual(['1', '2', '3', '4']);
    expect(merged.older).toBe('before 1');
  });

  it('starts anew where something would be missing between the two', () => {
    const merged = withEarlier(view(['8', '9'], 'before 8'), view(['1', '2'], 'before 1'));
    expect(ids(merged)).toEqual(['8', '9']);
    expect(merged.older).toBe('before 8');
  });

  it('forgets what is not in the case any more', () => {
    expect(ids(withEarlier(view(['1', '3']), view(['1', '2', '3'])))).toEqual(['1', '3']);
  });

  it('keeps what has not changed as it was, and shows what has', () => {
    const known = view(['1', '2']);
    const newest = { ...view(['1']), messages: [message('1'), message('2', { delivery: 'delivered' })] };
    const merged = withEarlier(newest, known);
    expect(merged.messages[0]).toBe(known.messages[0]);
    expect(merged.messages[1]?.delivery).toBe('delivered');
  });

  it('takes nothing from another case', () => {
    expect(ids(withEarlier(view(['2']), view(['1', '2'], null, 'other')))).toEqual(['2']);
  });
});

describe('withOlder', () => {
  it('puts a page before what is there, each message once', () => {
    const merged = withOlder(view(['3', '4'], 'before 3'), { messages: [message('2'), message('3')], older: null });
    expect(ids(merged)).toEqual(['2', '3', '4']);
    expect(merged.older).toBeNull();
  });
});
