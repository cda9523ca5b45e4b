import { describe, expect, it } from 'vitest';
import type { CaseSession } from './api';
import {
  choices,
  joined,
  otherCases,
  othersCount,
  otherMessages,
  readerOf,
  shortcut,
  statusText,
  step,
  tellPresence,
  viewersText,
  writtenBy,
  type Viewer,
} from './desk';

function viewer(name: string, writing = false): Viewer {
  return { username: name.toLowerCase(), name, writing, since: '2026-11-22T10:00:00Z' };
}

/** A session that notes what it is asked and gives `body`. */
function session(body: unknown): { asked: string[]; api: CaseSession } {
  const asked: string[] = [];
  const answer = (method: string, path: string): Promise<unknown> => {
    asked.push(`${method} ${path}`);
    return Promise.resolve(body);
  };
  const api = { get: (path: string) => answer('GET', path), send: (method: string, path: string) => answer(method, path) };
  return { asked, api: api as unknown as CaseSession };
}

describe('viewersText', () => {
  it('says nothing when nobody else is there', () => expect(viewersText([])).toBe(''));

  it('names those who write first', () => {
    const text = viewersText([viewer('Bob'), viewer('Carla', true)]);
    expect(text).toBe('Carla is writing an answer. Bob is also looking at this case.');
  });

  it('joins names', () => {
    expect(viewersText([viewer('Bob'), viewer('Carla')])).toBe('Bob and Carla are also looking at this case.');
    expect(viewersText([viewer('Bob', true), viewer('Carla', true)])).toBe('Bob and Carla are writing answers.');
  });

  it('falls back to the user name, and never shows what turns text', () => {
    expect(viewersText([{ ...viewer('x'), name: '' }])).toContain('x is');
    expect(viewersText([{ ...viewer('\u202e'), username: '' }])).toContain('A colleague is');
  });
});

describe('the state of a case', () => {
  it.each([
    ['open', ['resolved', 'rejected']],
    ['waiting', ['resolved', 'rejected']],
    ['resolved', ['open', 'rejected']],
    ['rejected', ['open', 'resolved']],
  ])('%s can become %j', (status, wanted) => expect(choices(status)).toEqual(wanted));

  it('has words, or its own name', () => {
    expect(statusText('waiting')).toBe('Waiting for the customer');
    expect(statusText('parked')).toBe('parked');
  });
});

describe('other cases', () => {
  it('are counted up to twenty', () => {
    expect(othersCount(1)).toBe('(1)');
    expect(othersCount(19)).toBe('(19)');
    expect(othersCount(20)).toBe('(20+)');
  });

  it('are asked for page by page, the cursor as it is', async () => {
    const { asked, api } = session({});
    expect(await otherCases(api)).toEqual({ cases: [], older: null });
    await otherCases(api, 'a+b&c');
    await otherMessages(api, 'c/1', 'x=');
    expect(asked).toEqual(['GET /case/others', 'GET /case/others?before=a%2Bb%26c', 'GET /cases/c%2F1/messages?before=x%3D']);
  });

  it('are read through the session of this one', async () => {
    const { asked, api } = session({ url: 'https://store/1' });
    const reader = readerOf(api, 'c-2');
    expect(await reader.formattedLink('m/1')).toBe('https://store/1');
    await reader.attachmentLink('m-1', 3);
    await reader.get('/messages/m-1/headers');
    expect(asked).toEqual([
      'GET /cases/c-2/messages/m%2F1/formatted',
      'GET /cases/c-2/messages/m-1/attachments/3',
      'GET /cases/c-2/messages/m-1/headers',
    ]);
  });

  it('stay once each when pages overlap', () => {
    expect(joined([{ id: '1' }, { id: '2' }], [{ id: '2' }, { id: '3' }]).map(({ id }) => id)).toEqual(['1', '2', '3']);
  });

  it('say who wrote', () => {
    expect(writtenBy({ id: '1', direction: 'in', from: { name: '', address: 'a@x' } })).toBe('From a@x');
    expect(writtenBy({ id: '1', direction: 'in' })).toBe('From somebody');
    expect(writtenBy({ id: '1', direction: 'out', actor: 'bob' })).toBe('Written by bob');
    expect(writtenBy({ id: '1', direction: 'out', actor: null })).toBe('Written by a colleague');
  });
});

it('presence without an answer is nobody', async () => {
  expect(await tellPresence(session(null).api, true)).toEqual([]);
});

describe('shortcut', () => {
  const press = { key: 'j', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, isComposing: false };

  it('is a single key', () => {
    expect(shortcut(press)).toBe('j');
    expect(shortcut({ ...press, key: 'J' })).toBe('j'); // Caps Lock
    expect(shortcut({ ...press, key: '?', shiftKey: true })).toBe('?');
  });

  it.each([{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { shiftKey: true }, { isComposing: true }, { key: 'Escape' }])(
    'is none with %j',
    (changes) => expect(shortcut({ ...press, ...changes })).toBe(''),
  );
});

describe('step', () => {
  it.each([
    [0, -1, 1, -1],
    [3, -1, 1, 0],
    [3, -1, -1, 2],
    [3, 0, 1, 1],
    [3, 2, 1, 2],
    [3, 0, -1, 0],
  ] as const)('of %i from %i by %i is %i', (count, at, by, wanted) => expect(step(count, at, by)).toBe(wanted));
});
