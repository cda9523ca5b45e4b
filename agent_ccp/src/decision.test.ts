import { describe, expect, it } from 'vitest';
import type { CaseMessage, CaseView } from './api';
import {
  ACTIONS,
  actionsOf,
  asciiDomain,
  extraWarnings,
  holds,
  mustBeConfirmed,
  otherReplyTo,
  reasonText,
  sortWarnings,
  standing,
  undecided,
  warningsOf,
  wasHeld,
  writer,
} from './decision';
import { readMail } from './mail/message';

const mail: CaseMessage = { id: '1', direction: 'in', kind: 'customer', from: { address: 'eve@evil.example' } };
const held: CaseMessage = { ...mail, disposition: 'held', reason: 'third-party', actions: ['admit', 'add', 'new-case', 'block'] };
const answer: CaseMessage = {
  ...mail,
  id: '2',
  kind: 'relay',
  from: 'alice@corp.example',
  actor: 'alice',
  disposition: 'held',
  reason: 'stale',
  actions: ['send', 'discard'],
};

function view(messages: CaseMessage[], count?: number): CaseView {
  return { case: { id: 'case', status: 'open', answered: true, held: count }, messages };
}

describe('what can be decided', () => {
  it('is what the service offers, in our order, and only what this page has words for', () => {
    expect(actionsOf({ ...held, actions: ['block', 'launch', 'admit'] })).toEqual(['admit', 'block']);
    expect(actionsOf(mail)).toEqual([]);
  });

  it('another Reply-To is an offer, not a hold', () => {
    expect(holds(view([{ ...mail, actions: ['reply-to'] }]))).toEqual([]);
  });

  it('comes oldest first', () => {
    const early = { ...answer, at: '2026-11-22T10:00:00Z' };
    const late = { ...held, at: '2026-11-22T11:00:00Z' };
    expect(holds(view([late, mail, early]))).toEqual([early, late]);
  });

  it('counts also what this page was not told of', () => {
    expect([undecided(view([held])), undecided(view([], 2)), undecided(view([held, answer], 1)), undecided(null)]).toEqual([
      1, 2, 2, 0,
    ]);
  });

  it('is asked twice where somebody new hears of the case, or is heard no more', () => {
    const asked = Object.keys(ACTIONS).filter((action) => mustBeConfirmed(action as keyof typeof ACTIONS));
    expect(asked.sort()).toEqual(['add', 'block', 'reply-to']);
  });
});

describe('standing', () => {
  it.each([
    [held, 'Held', 'Its sender is not part of this case'],
    [answer, 'Answer held', 'The customer wrote again before it was sent'],
    [{ ...mail, disposition: 'flagged', reason: 'customer-unverified' }, 'Flagged', 'It names the customer'],
    [{ ...answer, disposition: 'blocked', reason: 'dmarc' }, 'Not sent', 'could not be verified'],
    [{ ...mail, disposition: 'blocked', reason: 'other_sender' }, 'Blocked', 'Other sender'],
    [{ ...answer, kind: 'note', disposition: 'noted' }, 'Note', 'not sent'],
    [{ ...answer, disposition: 'noted', reason: 'send' }, 'Released', 'decided to send it'],
    [{ ...answer, disposition: 'blocked', reason: 'discard' }, 'Not sent', 'An agent decided so'],
    [{ ...held, disposition: 'moved' }, 'Moved', 'a case of its own'],
    [{ ...mail, disposition: 'levitated' }, 'Levitated', ''],
  ] as const)('case %#', (message, text, reason) => {
    expect(standing(message)?.text).toBe(text);
    expect(standing(message)?.reason).toContain(reason);
  });

  it.each(['accepted', 'attached', 'sent', undefined])('is nothing special: %s', (disposition) =>
    expect(standing({ ...mail, disposition })).toBeNull(),
  );

  it('has no words from outside that turn or hide others', () => {
    expect(reasonText('a\u202eb')).toBe('Ab');
    expect([reasonText(null), reasonText('customer')]).toEqual(['', '']);
  });
});

describe('writer', () => {
  it('is an address outside, a user name inside', () => {
    expect(writer(mail)).toBe('eve@evil.example');
    expect(writer(answer)).toBe('alice');
    expect(writer({ ...mail, from: undefined })).toBe('an unknown address');
    expect(writer({ ...mail, actor: 'alice' })).toBe('eve@evil.example');
  });
});

describe('otherReplyTo', () => {
  it('leaves out the sender, however it is written', () => {
    const reply_to = ['EVE@evil.example', { address: 'elsewhere@evil.example' }, {}];
    expect(otherReplyTo({ ...mail, reply_to }).map(({ address }) => address)).toEqual(['elsewhere@evil.example']);
  });
});

describe('warnings', () => {
  const own = readMail({ version: 1, warnings: [{ code: 'new-unverified', text: 'Not verified.' }] });
  const texts = (...args: Parameters<typeof warningsOf>): string[] => warningsOf(...args).map(({ text }) => text);

  it.each([
    ['', null, []],
    ['new-unverified', null, ['Look twice before you answer: new unverified.']],
    ['new-unverified', own, ['Not verified.']],
    ['A sentence.', own, ['A sentence.', 'Not verified.']],
    ['Not verified.', own, ['Not verified.']],
  ] as const)('%j', (attribute, given, expected) => expect(texts(attribute, given, null)).toEqual(expected));

  it('come from the mail and from its case, each once', () => {
    const warnings = [{ code: 'look-alike', text: 'Looks like us.' }, { code: 'new-unverified', text: 'Not verified.' }];
    expect(texts('', own, { ...mail, warnings })).toEqual(['Looks like us.', 'Not verified.']);
  });

  it('do not say that a mail is held once it has been decided about', () => {
    const third = readMail({ version: 1, warnings: [{ code: 'third-party', text: 'It is held.' }] });
    expect(texts('', third, held)).toEqual(['It is held.']);
    expect(texts('', third, null)).toEqual(['It is held.']);
    expect(texts('', third, { ...mail, disposition: 'accepted' })).toEqual([]);
    expect(texts('It is held.', third, { ...mail, disposition: 'accepted' })).toEqual([]);
  });

  it('do not say that another Reply-To is left out once it gets the answers', () => {
    const elsewhere = { name: '', address: 'elsewhere@evil.example' };
    const warnings = [{ code: 'different-reply-to', text: 'Elsewhere.' }];
    const message = { ...mail, disposition: 'accepted', reply_to: [elsewhere], warnings };
    const goes = (cc: typeof elsewhere[]): CaseView => ({
      case: { id: 'case', status: 'open', answered: true, recipients: { to: [], cc } },
      messages: [],
    });
    expect(texts('', null, message, goes([]))).toEqual(['Elsewhere.']);
    expect(texts('', null, message, goes([elsewhere]))).toEqual([]);
  });

  it('about the sender are told from those about the rest', () => {
    const codes = [
      ...['third-party', 'colleague', 'agent-unverified', 'customer-unverified', 'no-sender', 'several-from'],
      ...['address-in-name', 'own-name', 'punycode-domain', 'mixed-script-domain', 'look-alike-domain'],
      'different-reply-to',
    ];
    const rest = ['not-fully-parsed', 'active-file', 'virus-unknown', 'text-cut', 'bad-base64', 'unheard-of'];
    const sorted = sortWarnings([...codes, ...rest].map((code) => ({ code, text: code })));
    expect(sorted).toEqual({ sender: codes, rest });
  });

  it('do not repeat the reason', () => {
    const warnings = ['third-party', 'punycode'].map((code) => ({ code, text: code }));
    expect(extraWarnings({ ...held, warnings })).toEqual(['punycode']);
  });

  it('tell that a mail was held when nothing else can', () => {
    expect(wasHeld('third-party', [])).toBe(true);
    expect(wasHeld('', [{ code: 'colleague', text: '' }])).toBe(true);
    expect(wasHeld('participant-unverified', [])).toBe(false);
  });
});

describe('asciiDomain', () => {
  it('shows what letters from elsewhere stand for', () => {
    expect(asciiDomain('support@c\u043erp.example')).toBe('xn--crp-sed.example');
    expect(asciiDomain('support@corp.example')).toBe('');
    expect(asciiDomain('')).toBe('');
    expect(asciiDomain('support@corp.example/\u043e')).toBe('');
  });
});
