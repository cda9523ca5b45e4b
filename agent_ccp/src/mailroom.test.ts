import { beforeEach, describe, expect, it } from 'vitest';
import type { Outside } from './api';
import type { Task } from './connect/types';
import { Mailroom, type Keep } from './mailroom';
import { mailTask, sortTasks, type MailTask } from './task';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const API = 'https://api.example';
const MAIL = { version: 1, message_id: 'm', subject: 'Lamp' };

type Reply = Response | Error;

/** An outside world that answers from a table and remembers what was asked. */
function world(replies: Record<string, Reply | (() => Reply)>) {
  const asked: string[] = [];
  const sent: RequestInit[] = [];
  const clock = { now: NOW };
  const outside: Outside = {
    now: () => clock.now,
    fetch: (input, init) => {
      const what = `${init?.method ?? 'GET'} ${String(input)}`;
      asked.push(what);
      sent.push(init ?? {});
      const entry = replies[what];
      const reply = typeof entry === 'function' ? entry() : entry;
      if (reply instanceof Error || !reply) return Promise.reject(reply ?? new TypeError(what));
      return Promise.resolve(reply.clone());
    },
  };
  return { asked, sent, clock, outside, room: new Mailroom(API, outside, keep) };
}

const kept = new Map<string, string>();
const keep: Keep = {
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, value) => void kept.set(key, value),
  removeItem: (key) => void kept.delete(key),
};
beforeEach(() => kept.clear());

const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });
const grant = (minutes: number, token = 't'): Response =>
  json({ token, expires_at: new Date(NOW + minutes * 60_000).toISOString() }, 201);

function task(attributes: Record<string, string> = {}, changes: Partial<Task> = {}): MailTask {
  return mailTask({
    id: 'c',
    state: 'connected',
    since: NOW,
    name: 'Lamp',
    description: '',
    queue: '',
    references: {},
    attributes: { message_id: 'm', email_url: 'https://store/m', access_code: 'code', ...attributes },
    ...changes,
  });
}

describe('Mailroom.mail', () => {
  it('loads a mail once', async () => {
    const { room, asked } = world({ 'GET https://store/m': json(MAIL) });
    expect((await room.mail(task())).kind).toBe('mail');
    expect((await room.mail(task())).kind).toBe('mail');
    expect(asked).toEqual(['GET https://store/m']);
  });

  it.each([403, 400])('asks for a fresh link when the store answers %d', async (status) => {
    const { room, asked } = world({
      'GET https://store/m': new Response('', { status }),
      [`POST ${API}/sessions`]: grant(10),
      [`GET ${API}/messages/m/formatted`]: json({ url: 'https://store/fresh' }),
      'GET https://store/fresh': json(MAIL),
    });
    expect((await room.mail(task())).kind).toBe('mail');
    expect(asked.at(-1)).toBe('GET https://store/fresh');
  });

  it('does not try a link that has ended', async () => {
    const { room, asked } = world({ [`POST ${API}/sessions`]: json({}, 401) });
    const ended = task({ email_url_expires_at: new Date(NOW - 1).toISOString() });
    expect((await room.mail(ended)).kind).toBe('expired');
    expect(asked).toEqual([`POST ${API}/sessions`]);
  });

  it('loads again when the task has come to stand for a newer mail', async () => {
    const { room, asked } = world({ 'GET https://store/m': json(MAIL), 'GET https://store/n': json(MAIL) });
    await room.mail(task());
    await room.mail(task({ message_id: 'n', email_url: 'https://store/n' }));
    expect(asked).toEqual(['GET https://store/m', 'GET https://store/n']);
    room.retain(new Set());
    expect(room.peek(task())).toBeUndefined();
  });

  it('tells a deleted mail and a broken one from an expired link', async () => {
    const gone = world({ 'GET https://store/m': new Response('', { status: 404 }) });
    expect((await gone.room.mail(task())).kind).toBe('gone');
    const broken = world({ 'GET https://store/m': new Response('<html>') });
    expect((await broken.room.mail(task())).kind).toBe('failed');
    const silent = world({});
    expect(await silent.room.mail(task())).toEqual({ kind: 'failed', detail: 'The mail store did not answer.' });
  });
});

describe('Mailroom.session', () => {
  it('spends a code once, also after the attribute says so', async () => {
    const { room, asked } = world({ [`POST ${API}/sessions`]: grant(10) });
    const [one, two] = await Promise.all([room.session(task()), room.session(task())]);
    expect(one).toBe(two);
    expect(await room.session(task({ access_code: 'used' }))).toBe(one);
    expect(asked).toHaveLength(1);
  });

  it('may ask again after a silence, not after a refusal', async () => {
    const answers: Reply[] = [new TypeError('down'), json({ detail: 'No.' }, 401)];
    const { room, asked } = world({ [`POST ${API}/sessions`]: () => answers.shift() ?? new TypeError('none left') });
    await expect(room.session(task())).rejects.toMatchObject({ status: 0 });
    await expect(room.session(task())).rejects.toMatchObject({ status: 401, message: 'No.' });
    await expect(room.session(task())).rejects.toMatchObject({ status: 401 });
    expect(asked).toHaveLength(2);
  });

  it('says that the code is spent where nothing was kept', async () => {
    await expect(world({}).room.session(task({ access_code: 'used' }))).rejects.toThrow('used already');
  });

  it('goes on after a reload with the session that the tab keeps', async () => {
    const { room, asked, outside } = world({
      [`POST ${API}/sessions`]: grant(10),
      [`POST ${API}/sessions/renew`]: grant(20, 't2'),
    });
    await room.session(task());
    expect([...kept.values()]).toEqual([JSON.stringify({ token: 't', expires: NOW + 600_000 })]);
    const reloaded = new Mailroom(API, outside, keep);
    await reloaded.session(task({ access_code: 'used' }));
    expect(asked.at(-1)).toBe(`POST ${API}/sessions/renew`);
    expect([...kept.values()][0]).toContain('t2');
    reloaded.retain(new Set());
    expect(kept.size).toBe(0);
  });

  it('takes a fresh code when the kept session is over', async () => {
    const { outside, asked } = world({
      [`POST ${API}/sessions`]: grant(10),
      [`POST ${API}/sessions/renew`]: json({ detail: 'Over.' }, 401),
    });
    keep.setItem('case-session/c', JSON.stringify({ token: 'old', expires: NOW + 60_000 }));
    await new Mailroom(API, outside, keep).session(task());
    expect(asked).toEqual([`POST ${API}/sessions/renew`, `POST ${API}/sessions`]);
  });

  it('renews a session that ends soon, and only then', async () => {
    const { room, asked, clock } = world({
      [`POST ${API}/sessions`]: grant(10),
      [`POST ${API}/sessions/renew`]: grant(20, 't2'),
    });
    await room.session(task());
    await room.keepAlive();
    expect(asked).toHaveLength(1);
    clock.now = NOW + 8 * 60_000;
    await room.keepAlive();
    await room.keepAlive();
    expect(asked).toEqual([`POST ${API}/sessions`, `POST ${API}/sessions/renew`]);
  });

  it('forgets tasks that have left', async () => {
    const { room, asked } = world({ 'GET https://store/m': json(MAIL) });
    await room.mail(task());
    room.retain(new Set());
    await room.mail(task());
    expect(asked).toHaveLength(2);
  });
});

describe('CaseSession.decide', () => {
  const where = `${API}/messages/m%2F1/decision`;

  it('sends the action under its key and gives back what became of the message', async () => {
    const { room, asked, sent } = world({
      [`POST ${API}/sessions`]: grant(10),
      [`POST ${where}`]: json({ disposition: 'moved', case_id: 'new' }),
    });
    const decided = await (await room.session(task())).decide('m/1', 'new-case', 'key');
    expect(decided).toEqual({ disposition: 'moved', case_id: 'new' });
    expect(asked.at(-1)).toBe(`POST ${where}`);
    expect(sent.at(-1)?.body).toBe('{"action":"new-case"}');
    expect(sent.at(-1)?.headers).toEqual({
      Authorization: 'Bearer t',
      'Content-Type': 'application/json',
      'Idempotency-Key': 'key',
    });
  });

  it('rejects with what the service says', async () => {
    const { room } = world({
      [`POST ${API}/sessions`]: grant(10),
      [`POST ${where}`]: json({ title: 'Decided', detail: 'Bob was first.' }, 409),
    });
    const session = await room.session(task());
    await expect(session.decide('m/1', 'admit', 'key')).rejects.toMatchObject({ status: 409, message: 'Bob was first.' });
  });
});

describe('mailTask', () => {
  it('takes no link to the original that is not http', () => {
    const references = { 'Original email': { type: 'URL', value: 'javascript:alert(1)' } };
    expect(task({}, { references }).originalLink).toBe('');
  });

  it('sorts offers before work, the longest waiting first', () => {
    const at = (id: string, state: Task['state'], received_at: string): MailTask => task({ received_at }, { id, state });
    const sorted = sortTasks([
      at('late', 'connected', '2026-11-22T11:00:00Z'),
      at('early', 'connected', '2026-11-22T10:00:00Z'),
      at('new', 'offered', '2026-11-22T11:30:00Z'),
      at('done', 'after-contact', '2026-11-22T09:00:00Z'),
    ]);
    expect(sorted.map((each) => each.task.id)).toEqual(['new', 'early', 'late', 'done']);
  });
});
