import { describe, expect, it } from 'vitest';
import { ApiProblem, type CaseMessage } from '../api';
import { isAddress, split, suggestions } from './address';
import { composer, draftIn, newerIn, readDraft, undoMs, type Transport } from './api';
import { attemptFor } from './attempt';
import { admit, DEFAULT_LIMITS, lacksFile, refusal } from './check';
import { EMPTY, itemOf, outgoing, put, type Content } from './content';
import { ann, content, file, first, shelf, SIGNATURE, view } from './fixtures';
import { forwardSubject } from './fresh';
import { forget, keep, recall, type Kept } from './keep';
import { mentionsFile, nothing, plain } from './plain';
import { newerSince, seenOf } from './seen';

describe('plain', () => {
  it('gives a line for each block', () => {
    expect(plain('<div>a<br>b</div><p>c &amp;&nbsp;d</p><ul><li>e</li></ul>')).toBe('a\nb\nc & d\ne');
  });

  it.each([
    ['', true],
    ['<div><br></div>', true],
    [`<div><br></div>${SIGNATURE}`, true],
    [`<div>Hi</div>${SIGNATURE}`, false],
    ['<div><img src="cid:x"></div>', false],
    ['<div>\u200b&nbsp;</div>', true],
  ])('knows that there is nothing in %j: %s', (html, expected) => expect(nothing(html, SIGNATURE)).toBe(expected));

  it.each(['see the attached file', 'Anbei die Rechnung', 'voir ci-joint', 'adjunto la factura', '添付します', 'прикреплен'])(
    'hears of a file in %j',
    (text) => expect(mentionsFile(`<p>${text}</p>`, '')).toBe(true),
  );

  it('does not hear of one in the signature', () => {
    expect(mentionsFile('<p>Hello</p><p>Open attachments with care</p>', '<p>Open attachments with care</p>')).toBe(false);
  });
});

describe('addresses', () => {
  it.each([
    ['ann@example.com', true],
    ['ann+x@sub.example.co', true],
    ['ann@example', false],
    ['ann example.com', false],
    ['a@b..c', false],
    ['<a@b.c>', false],
  ])('%s: %s', (text, expected) => expect(isAddress(text)).toBe(expected));

  it('are read from what is pasted', () => {
    expect(split('Ann <ann@example.com>; ben@example.com, nobody')).toEqual({
      addresses: ['ann@example.com', 'ben@example.com'],
      rest: 'nobody',
    });
  });

  it('are offered once, by name or address', () => {
    const people = [{ ...ann, role: 'customer' }, { name: 'Ben', address: 'b@example.com', role: 'copied' }];
    expect(suggestions(people, ['ANN@example.com'], '').map(({ name }) => name)).toEqual(['Ben']);
    expect(suggestions(people, [], 'be').map(({ name }) => name)).toEqual(['Ben']);
  });

  it('move from row to row', () => {
    expect(put(content({ cc: ['b@x.y'] }), 'bcc', 'B@x.y')).toMatchObject({ cc: [], bcc: ['B@x.y'] });
    expect(put(content({}), 'to', 'ANN@example.com').to).toEqual(['ann@example.com']);
  });
});

describe('refusal', () => {
  it.each([
    ['reply', {}, null],
    ['reply', { to: [] }, 'Say to whom'],
    ['reply', { html: SIGNATURE }, 'Write something'],
    ['note', { to: [] }, null],
    ['forward', { html: '' }, null],
    ['forward', { to: Array.from({ length: 11 }, (_, n) => `${n}@x.y`) }, 'at most 10'],
    ['reply', { items: [{ ...itemOf(file), state: 'failed' }] }, 'not uploaded'],
    ['reply', { html: 'x'.repeat(200_001) }, 'too long'],
  ] as const)('%s %j', (kind, changes, expected) => {
    const said = refusal(kind, content(changes as Partial<Content>), SIGNATURE, DEFAULT_LIMITS);
    if (expected) expect(said).toContain(expected);
    else expect(said).toBeNull();
  });

  it('a file is missed where none but an image in the text goes along', () => {
    const inline = itemOf({ ...file, inline: true, content_id: 'c' });
    const html = '<p>attached <img src="cid:c"></p>';
    expect(lacksFile('reply', content({ html, items: [inline] }), '')).toBe(true);
    expect(lacksFile('reply', content({ html, items: [itemOf(file)] }), '')).toBe(false);
    expect(lacksFile('forward', content({ html }), '')).toBe(false);
  });
});

it('admits files up to the limits', () => {
  const limits = { file: 10, total: 15, files: 3, html: 1 };
  const named = (name: string, size: number): { name: string; size: number } => ({ name, size });
  const { taken, problems } = admit([named('a', 10), named('b', 11), named('c', 6), named('d', 0), named('e', 5)], [], limits);
  expect(taken.map(({ name }) => name)).toEqual(['a', 'e']);
  expect(problems).toHaveLength(3);
  expect(admit([named('x', 1)], [itemOf(file), itemOf(file), itemOf(file)], limits).problems[0]).toContain('More than 3');
});

describe('what is sent', () => {
  const seen = { latest_message_id: 'm1', last_answer: '' };

  it('names nobody in a note, and an image only while it is in the text', () => {
    const image = itemOf({ ...file, id: 'f2', inline: true, content_id: 'gone' });
    const body = outgoing('note', content({ items: [itemOf(file), image], next: 'close' }), seen, 0);
    expect(body).toMatchObject({ to: [], next: 'default', files: ['f1'] });
    expect(body).not.toHaveProperty('draft_version');
  });

  it('has one key until it is another', () => {
    let made = 0;
    const newKey = (): string => `key-${(made += 1)}`;
    const body = outgoing('reply', content({}), seen, 1);
    const open = attemptFor(null, body, newKey);
    expect(attemptFor(open, { ...body, draft_version: 2, seen: { ...seen, last_answer: 'o' } }, newKey)).toBe(open);
    expect(attemptFor(open, { ...body, html: 'other' }, newKey).key).toBe('key-2');
  });

  it('can be taken back as long as the channel says', () => {
    const now = Date.parse('2026-11-22T10:00:00Z');
    const sent = (not_before: string | null): { id: string; delivery: string; not_before: string | null } => ({ id: 'o', delivery: 'queued', not_before });
    expect(undoMs(sent(null), 10, now)).toBe(0);
    expect(undoMs(sent('2026-11-22T10:00:08Z'), 10, now)).toBe(8_000);
    expect(undoMs(sent('2026-11-22T11:00:00Z'), 10, now)).toBe(10_000);
    expect(undoMs(sent('2026-11-22T09:00:00Z'), 10, now)).toBe(10_000);
  });
});

describe('seen', () => {
  const last = { latest_message_id: 'm1', last_answer: '' };

  it('is what the case says, or its newest mail', () => {
    expect(seenOf(view())).toEqual(last);
    expect(seenOf(view([first], { latest_message_id: 'm0', last_answer: 'o' }))).toEqual({ latest_message_id: 'm0', last_answer: 'o' });
  });

  it('tells who wrote since', () => {
    expect(newerSince(view(), last)).toBeNull();
    const second = { ...first, id: 'm2', at: '2026-11-22T11:00:00Z' };
    expect(newerSince(view([first, second]), last)).toMatchObject({ kind: 'customer', actor: 'Ann', message_id: 'm2' });
    const answer: CaseMessage = { id: 'o1', direction: 'out', actor: 'bob', at: '2026-11-22T11:00:00Z' };
    expect(newerSince(view([first, answer], { last_answer: 'o1' }), last)).toMatchObject({ kind: 'answer', actor: 'bob' });
  });
});

it.each([
  ['Lamp', 'Fwd: Lamp'],
  ['FWD: fw: WG: Lamp', 'Fwd: Lamp'],
  ['', 'Fwd:'],
])('forwards %j as %j', (subject, expected) => expect(forwardSubject(subject)).toBe(expected));

describe('keep', () => {
  const texts = { reply: content({ items: [itemOf(file), { ...itemOf(file), state: 'sending' as const }] }), note: EMPTY, forward: EMPTY };
  const kept: Kept = { kind: 'reply', texts, version: 3, saved: false, attempt: null, sent: null };

  it('gives back texts and uploaded files', () => {
    const place = shelf();
    expect(keep(place, 'case', kept)).toBe(true);
    expect(recall(place, 'case')?.texts.reply).toEqual({ ...texts.reply, items: [{ ...itemOf(file), content_id: null }] });
    expect(recall(place, 'other')).toBeNull();
    forget(place, 'case');
    expect(recall(place, 'case')).toBeNull();
  });

  it.each(['{', '{"kind":"letter"}', 'null', '{"kind":"reply"}'])('takes %j for nothing', (text) => {
    const place = shelf();
    place.items.set('email-writing-case', text);
    expect(recall(place, 'case')).toBeNull();
  });

  it('says when there is no room', () => {
    const full = { ...shelf(), setItem: () => { throw new Error('quota'); } };
    expect(keep(full, 'case', kept)).toBe(false);
  });
});

describe('what the API says', () => {
  it('is read with care', async () => {
    const api = { get: async () => ({ from: { address: 'a@b.c' }, draft: { version: 1, kind: 'poem', next: 'never', to: ['x', 1] } }) };
    const info = await composer(api as unknown as Transport);
    expect(info).toMatchObject({ from: 'a@b.c', people: [], replies: [], limits: DEFAULT_LIMITS, undoSeconds: 0 });
    expect(info.draft).toMatchObject({ kind: 'reply', next: 'default', to: ['x'], files: [] });
    expect(readDraft(null)).toBeNull();
  });

  it('tells two refusals by their type', () => {
    const problem = (type: string, body: object): unknown => Object.assign(new ApiProblem(409, 'No.'), { type, body });
    expect(newerIn(problem('urn:email-channel:stale', { newer: { actor: 'bob', kind: 'answer' } }))).toMatchObject({ actor: 'bob' });
    expect(newerIn(problem('about:blank', {}))).toBeNull();
    expect(draftIn(problem('urn:email-channel:draft-changed', { draft: { version: 4 } }))?.version).toBe(4);
    expect(draftIn(new Error('x'))).toBeNull();
  });
});
