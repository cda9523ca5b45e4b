import { describe, expect, it } from 'vitest';
import type { CaseMessage, CaseView } from './api';
import { answered, inOrder, newerMail, recipients, replyAddresses } from './case';

function view(messages: CaseMessage[], changes: Partial<CaseView['case']> = {}): CaseView {
  return {
    case: { id: 'case', status: 'open', answered: false, ...changes },
    messages,
    relay_addresses: { relay: 'latest@r' },
  };
}

const first: CaseMessage = { id: '1', direction: 'in', at: '2026-11-22T10:00:00Z' };
const reply: CaseMessage = { id: '2', direction: 'out', at: '2026-11-22T10:05:00Z' };
const second: CaseMessage = { id: '3', direction: 'in', at: '2026-11-22T10:10:00Z' };
const own = { relay: 'own@r' };

describe('newerMail', () => {
  it('is a later mail of the customer, not an answer', () => {
    expect(newerMail(view([first, reply]), '1')).toBeNull();
    expect(newerMail(view([first, reply, second]), '1')).toBe(second);
    expect(newerMail(view([first, reply, second]), '3')).toBeNull();
  });

  it.each([
    { disposition: 'held' },
    { disposition: 'moved' },
    { disposition: 'attached', reason: 'thanks' },
    { disposition: 'blocked' },
    { kind: 'automatic' },
    { kind: 'bounce' },
    { kind: 'note', disposition: 'noted' },
    { kind: 'relay', disposition: 'held' },
  ])(
    'is not one that is held, set apart, automatic or of an agent: %j',
    (changes) => expect(newerMail(view([first, { ...second, ...changes }]), '1')).toBeNull(),
  );

  it('is one that is only flagged', () => {
    const flagged = { ...second, disposition: 'flagged' };
    expect(newerMail(view([first, flagged]), '1')).toBe(flagged);
  });

  it('is unknown when the case cannot be read or does not know the mail', () => {
    expect(newerMail(null, '1')).toBeNull();
    expect(newerMail(view([second]), '1')).toBeNull();
  });
});

describe('replyAddresses', () => {
  it('prefers the addresses of the mail shown', () => {
    expect(replyAddresses(own, view([first]), null, false).relay).toBe('own@r');
  });

  it('falls back to the case when the task has none', () => {
    expect(replyAddresses({ relay: '' }, view([first]), null, false).relay).toBe('latest@r');
  });

  it('gives the latest address only to who has read the latest mail', () => {
    const both = view([first, second]);
    expect(replyAddresses(own, both, second, false).relay).toBe('own@r');
    expect(replyAddresses({ relay: '' }, both, second, false).relay).toBe('');
    expect(replyAddresses(own, both, second, true).relay).toBe('latest@r');
  });
});

describe('recipients', () => {
  const ann = { name: 'Ann', address: 'ann@example.com' };

  it('are those the case names, not the sender of the mail shown', () => {
    const given = view([first], { customer: ann, recipients: { to: [ann], cc: ['ben@example.com'] } });
    expect(recipients(given)).toEqual({ to: [ann], cc: [{ name: '', address: 'ben@example.com' }] });
    const nobody = { to: [{ name: '', address: '' }], cc: [] };
    expect(recipients(view([first], { customer: ann, recipients: nobody }))?.to).toEqual([]);
  });

  it('are the customer where the case does not name them, and unknown without the case', () => {
    expect(recipients(view([first], { customer: ann }))).toEqual({ to: [ann], cc: [] });
    expect(recipients(null)).toBeNull();
  });
});

describe('answered', () => {
  it.each([
    [null, 'unknown'],
    [view([first]), 'no'],
    [view([first], { answered: true }), 'yes'],
    [view([first], { status: 'rejected' }), 'yes'],
    [view([first], { status: 'waiting' }), 'no'],
  ] as const)('case %#', (given, expected) => expect(answered(given)).toBe(expected));
});

it('orders messages by time', () => {
  expect(inOrder([second, first, reply]).map(({ id }) => id)).toEqual(['1', '2', '3']);
});
