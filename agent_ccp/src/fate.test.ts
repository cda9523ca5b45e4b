import { describe, expect, it } from 'vitest';
import type { CaseMessage, CaseView } from './api';
import { delivery, isReturn, leaving, lines, lostAnswer, reason, returned, suppression, words } from './fate';

const out: CaseMessage = { id: 'o', direction: 'out', at: '2026-11-22T10:05:00Z', delivery: 'delivered' };
const lost: CaseMessage = { ...out, actor: 'alice', delivery: 'bounced', returned: 'bounced: ann@x.example: smtp; 550 gone' };
const later = { at: '2026-11-22T10:10:00Z', id: 'later' };

function view(messages: CaseMessage[], changes: Partial<CaseView['case']> = {}): CaseView {
  return { case: { id: 'case', status: 'open', answered: false, ...changes }, messages };
}

describe('delivery', () => {
  it('has words for known states, in any spelling', () => {
    expect(delivery('Delivered')).toEqual({ mood: 'success', text: 'Delivered' });
    expect(delivery('DELIVERY_DELAY')?.mood).toBe('warning');
    expect(delivery('bounced')?.mood).toBe('error');
    expect(delivery('failed: MessageRejected')?.text).toBe('Could not be sent');
    expect(delivery('undone')?.text).toBe('Taken back: not sent');
  });

  it('shows an unknown state as it is', () => {
    expect(delivery('teleported')).toEqual({ mood: 'info', text: 'teleported' });
    expect(delivery(null)).toBeNull();
  });
});

describe('the reason', () => {
  it('is what the channel said when it brought the answer back', () => {
    expect(reason(lost)).toBe('ann@x.example: 550 gone');
  });

  it('is what the only recipient’s server said, or the code, where the channel said nothing', () => {
    const recipients = [{ address: 'ann@x.example', status: 'delayed', reason: 'smtp; 421 busy' }];
    expect(reason({ ...out, delivery: 'delayed', recipients })).toBe('421 busy');
    expect(reason({ ...out, delivery: 'failed: some-code' })).toBe('Some code');
  });

  it('is not asked for when all is well', () => {
    const recipients = [{ address: 'ann@x.example', status: 'delivered', reason: '250 ok' }];
    expect(reason({ ...out, recipients })).toBe('');
    expect(reason({ ...out, returned: 'unknown: nobody knows' })).toBe('');
  });
});

it('several recipients have a line each, trouble first', () => {
  const recipients = [
    { address: 'a@x.example', status: 'delivered', reason: '' },
    { address: 'b\u202e@x.example', status: 'complained', reason: null },
  ];
  expect(lines({ ...out, recipients }).map(({ address, mood }) => [address, mood])).toEqual([
    ['b@x.example', 'error'],
    ['a@x.example', 'success'],
  ]);
  expect(lines({ ...out, recipients: recipients.slice(1) })).toEqual([]);
});

describe('an answer that came back', () => {
  it('is the newest one, until there is a better', () => {
    expect(lostAnswer(view([lost]), '', '')?.message).toBe(lost);
    expect(lostAnswer(view([lost, { ...lost, ...later }]), '', '')?.message?.id).toBe('later');
    expect(lostAnswer(view([lost, { ...out, ...later }]), '', '')).toBeNull();
    expect(lostAnswer(view([lost], { answered: true }), 'bounced', '')).toBeNull();
  });

  it('counts on when the next one was taken back, or when the task is about it', () => {
    const undone = { ...out, ...later, delivery: 'undone' };
    expect(lostAnswer(view([lost, undone]), '', '')?.message).toBe(lost);
    expect(lostAnswer(view([lost, { ...out, ...later }]), 'bounced', '')?.message).toBe(lost);
  });

  it('is told by the task where the case cannot be read, and only there', () => {
    expect(lostAnswer(null, 'not-sent', 'why')).toEqual({ kind: 'not-sent', why: 'why', message: null });
    expect(lostAnswer(null, 'third-party', '')).toBeNull();
    expect(lostAnswer(view([{ ...out, returned: 'unknown: who knows' }]), 'unknown', '')).toBeNull();
  });

  it('is none of the warnings about a sender', () => {
    expect(['bounced', 'failed', 'unknown'].map(isReturn)).toEqual([true, true, true]);
    expect(['', 'third-party', 'new-unverified'].map(isReturn)).toEqual([false, false, false]);
  });

  it('says whose it was', () => {
    const told = returned(lost);
    expect(told && words(told, 'alice').header).toBe('Your answer did not arrive');
    expect(told && words(told, 'bob').header).toBe('The answer by alice did not arrive');
    expect(words({ kind: 'complained', why: '', message: null }, 'bob').header).toBe('The answer was reported as spam');
  });
});

it('an address that gets nothing is named with the cause', () => {
  const customer = { address: 'ann@x.example' };
  expect(suppression(view([], { customer, suppressed: 'bounce' }))).toContain('ann@x.example: mail to it has bounced');
  expect(suppression(view([], { customer, suppressed: '' }))).toBe('');
  expect(suppression(null)).toBe('');
});

describe('an answer that can be taken back', () => {
  const waits = { ...out, delivery: 'queued', not_before: '2026-11-22T10:05:10Z' };

  it('is counted by the clock of the channel', () => {
    const told = { ...view([waits]), now: '2026-11-22T10:05:03Z' };
    expect(leaving(told)).toEqual({ message: waits, ms: 7000 });
    expect(leaving({ ...told, now: '2026-11-22T10:05:10Z' })).toBeNull();
    expect(leaving(view([waits]))).toBeNull();
    expect(leaving({ ...view([out]), now: told.now })).toBeNull();
  });
});
