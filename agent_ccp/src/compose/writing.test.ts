import { describe, expect, it } from 'vitest';
import { ApiProblem } from '../api';
import type { Transport } from './api';
import { DEFAULT_LIMITS } from './check';
import { draftBody, itemOf } from './content';
import { ann, clock, content, file, first, shelf, SIGNATURE, view } from './fixtures';
import { fresh } from './fresh';
import { sentHere } from './here';
import { nothing } from './plain';
import type { ComposerInfo, Draft } from './types';
import { Writing } from './writing';

describe('Writing', () => {
  const info: ComposerInfo = {
    from: 'support@corp.example',
    people: [{ ...ann, role: 'customer' }],
    signature: { html: SIGNATURE, text: '' },
    replies: [],
    limits: DEFAULT_LIMITS,
    undoSeconds: 10,
    draft: null,
  };
  const theirs: Draft = { ...draftBody('reply', content({ html: '<p>Theirs</p>' })), files: [], version: 2, author: 'bob', at: '2026-11-22T10:00:00Z' };

  function writing(draft: Draft | null = null, place = shelf(), answer: () => unknown = () => ({ id: 'o1', delivery: 'queued', not_before: null })) {
    const sent: { method: string; path: string; body: unknown; key: string | undefined }[] = [];
    const api: Transport = {
      get: async () => null as never,
      send: async (method, path, body, headers) => {
        sent.push({ method, path, body, key: headers?.['Idempotency-Key'] });
        if (path === '/case/messages') return answer() as never;
        return { version: 9, at: 'now' } as never;
      },
    };
    let keys = 0;
    const time = clock();
    const world = {
      store: { put: () => ({ done: Promise.resolve(), stop: () => undefined }), newKey: () => 'k' },
      shelf: place,
      now: () => 0,
      later: time.later,
      newKey: () => `key-${(keys += 1)}`,
    };
    return { it: new Writing(api, view(), { ...info, draft }, world), sent, time, place };
  }

  it('begins with the signature, to whom the case answers', () => {
    const begun = fresh('reply', view(), info);
    expect(begun).toMatchObject({ to: ['ann@example.com'], answers: 'm1' });
    expect(nothing(begun.html, SIGNATURE)).toBe(true);
    expect(writing().it.worthwhile).toBe(false);
  });

  it('shows the draft of the case', () => {
    const { it: one } = writing(theirs);
    expect(one.content.html).toBe('<p>Theirs</p>');
    expect(one.snapshot().origin?.author).toBe('bob');
  });

  it('asks which one stays when this tab kept another than the case has', () => {
    const place = shelf();
    writing(null, place).it.edit({ html: '<p>Mine</p>' });
    const { it: one } = writing(theirs, place);
    expect(one.content.html).toBe('<p>Mine</p>');
    expect(one.snapshot().saving).toMatchObject({ kind: 'conflict', draft: { author: 'bob' } });
    one.takeTheirs();
    expect(one.content.html).toBe('<p>Theirs</p>');
  });

  it('never makes a reply of a note', () => {
    const { it: one } = writing();
    one.select('note');
    one.edit({ html: '<p>Between us</p>' });
    one.select('reply');
    expect(one.content.html).not.toContain('Between us');
  });

  it('follows the case while it is untouched, and stays when it is not', () => {
    const { it: one } = writing();
    const second = { ...first, id: 'm2', at: '2026-11-22T11:00:00Z' };
    one.observe(view([first, second]));
    expect(one.content.answers).toBe('m2');
    one.edit({ html: '<p>Hello</p>' });
    one.observe(view([first, second, { ...second, id: 'm3', at: '2026-11-22T12:00:00Z' }]));
    expect(one.content.answers).toBe('m2');
    expect(one.snapshot().stale?.newer.message_id).toBe('m3');
  });

  it('does not take the consent to one thing for that to another', async () => {
    const { it: one, sent } = writing();
    one.edit({ html: '<p>See the attached invoice</p>' });
    one.observe(view([first, { ...first, id: 'm2', at: '2026-11-22T11:00:00Z' }]));
    await one.send();
    expect(one.snapshot()).toMatchObject({ asksFile: true, stale: { refused: false } });
    await one.send('no-file');
    expect(one.snapshot()).toMatchObject({ asksFile: false, stale: { refused: true } });
    await one.send();
    expect(sent).toEqual([]);
    await one.send('newer');
    expect(sent.map(({ path }) => path)).toEqual(['/case/messages']);
  });

  it('sends again under the same key after silence, under another after a change', async () => {
    const answers: (() => unknown)[] = [
      () => { throw new ApiProblem(0, 'There was no answer.'); },
      () => { throw new ApiProblem(503, 'Busy.'); },
      () => ({ id: 'o1', delivery: 'queued', not_before: null }),
    ];
    const { it: one, sent } = writing(null, shelf(), () => answers.shift()?.());
    one.edit({ html: '<p>Once</p>' });
    await one.send();
    expect(one.snapshot().problem).toContain('not known whether');
    await one.send();
    one.edit({ html: '<p>Twice</p>' });
    await one.send();
    const keys = sent.filter(({ path }) => path === '/case/messages').map(({ key }) => key);
    expect(keys).toEqual(['key-1', 'key-1', 'key-2']);
    expect(one.worthwhile).toBe(false);
  });

  it('keeps the key of an unanswered send over a reload', async () => {
    const place = shelf();
    const silent = (): never => { throw new ApiProblem(0, 'There was no answer.'); };
    const before = writing(null, place, silent);
    before.it.edit({ html: '<p>Once</p>' });
    await before.it.send();
    const after = writing(null, place);
    await after.it.send();
    expect(after.sent.find(({ path }) => path === '/case/messages')?.key).toBe('key-1');
    expect(place.items.size).toBe(0);
  });

  it('leaves nothing in the tab once it is sent', async () => {
    const { it: one, place } = writing();
    one.edit({ html: '<p>Hello</p>' });
    expect(place.items.size).toBe(1);
    await one.send();
    expect(place.items.size).toBe(0);
  });

  describe('taken back', () => {
    const leaving = (): unknown => ({ id: 'o1', delivery: 'queued', not_before: '1970-01-01T00:00:08Z' });
    const whole = { html: '<p>Hello</p>', to: ['ann@example.com'], cc: ['c@x.y'], bcc: ['b@x.y'], next: 'me' as const, answers: 'm0', items: [itemOf(file)] };

    it('is as it was, kind and all', async () => {
      const { it: one } = writing(null, shelf(), leaving);
      one.select('note');
      one.select('reply', 'm0');
      one.edit(whole);
      await one.send();
      expect(one.content).toMatchObject({ to: ['ann@example.com'], cc: [], next: 'default', answers: 'm1', items: [] });
      one.select('note');
      await one.sending.undo();
      expect(one.snapshot()).toMatchObject({ kind: 'reply', sent: { state: 'undone' } });
      expect(one.content).toMatchObject(whole);
      one.observe(view());
      expect(one.content).toMatchObject(whole);
    });

    it('is whole after a reload, also when it was done elsewhere', async () => {
      const place = shelf();
      const before = writing(null, place, leaving);
      before.it.edit(whole);
      await before.it.send();
      const { it: one } = writing(null, place);
      expect(one.snapshot().sent).toMatchObject({ id: 'o1', state: 'leaving', until: 8_000 });
      expect(sentHere.has('o1')).toBe(true);
      one.observe(view([first, { id: 'o1', direction: 'out', delivery: 'undone' }]));
      const { items, ...rest } = whole;
      expect(one.content).toMatchObject(rest);
      expect(one.content.items.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
    });

    it('goes above what was begun meanwhile, whose files stay', async () => {
      const { it: one } = writing(null, shelf(), leaving);
      one.edit(whole);
      await one.send();
      one.edit({ html: '<p>And</p>', items: [itemOf({ ...file, id: 'f2' })] });
      await one.sending.undo();
      expect(one.content.html).toBe('<p>Hello</p><p>And</p>');
      expect(one.content.items.map(({ id }) => id)).toEqual(['f1', 'f2']);
    });

    it('leaves nothing in the tab once it has left', async () => {
      const { it: one, place } = writing(null, shelf(), leaving);
      one.edit(whole);
      await one.send();
      expect(place.items.size).toBe(1);
      one.sending.gone();
      expect(place.items.size).toBe(0);
    });
  });

  it('is saved before the task goes on to somebody else', async () => {
    const { it: one, sent } = writing();
    expect(await one.save()).toBe(true);
    expect(sent).toEqual([]);
    one.edit({ html: '<p>Half an answer</p>' });
    expect(await one.save()).toBe(true);
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual(['PUT /case/draft']);
    one.edit({ items: [{ ...itemOf(file), state: 'sending' }] });
    expect(await one.save()).toBe(false);
  });

  it('never saves as a draft what has been sent', async () => {
    const { it: one, sent } = writing();
    one.edit({ html: '<p>Sent before it was saved</p>' });
    await one.send();
    one.flush(); // as the browser does when it is back online
    await Promise.resolve();
    expect(sent.map(({ path }) => path)).toEqual(['/case/messages']);
    expect(one.snapshot().saving.kind).toBe('clean');
  });
});
