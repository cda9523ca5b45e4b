// The writing part of the agent API.
import { ApiProblem, type CaseSession } from '../api';
import { instant } from '../mail/dates';
import { DEFAULT_LIMITS } from './check';
import {
  KINDS,
  NEXTS,
  type Canned,
  type CasePerson,
  type ComposerInfo,
  type Draft,
  type FileRef,
  type Kind,
  type Limits,
  type Newer,
  type Next,
  type OwnReply,
  type Outgoing,
  type Sent,
  type Signature,
} from './types';

/** What a session offers: calls with its token. Both reject with ApiProblem. */
export interface Transport {
  get<T>(path: string): Promise<T>;
  send<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T>;
}

/** The generic calls of a session, and nothing else of it. */
export function transport(session: CaseSession): Transport {
  return session as unknown as Transport;
}

type Raw = Record<string, unknown>;

const record = (value: unknown): Raw =>
  value && typeof value === 'object' && !Array.isArray(value) ? (value as Raw) : {};
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown, otherwise = 0): number => (typeof value === 'number' ? value : otherwise);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const texts = (value: unknown): string[] => list(value).map(text).filter(Boolean);

function one<T extends string>(known: readonly T[], value: unknown, otherwise: T): T {
  return known.find((each) => each === value) ?? otherwise;
}

export function readFile(value: unknown): FileRef {
  const raw = record(value);
  return {
    id: text(raw.id),
    filename: text(raw.filename),
    content_type: text(raw.content_type),
    size: number(raw.size),
    inline: raw.inline === true,
    content_id: text(raw.content_id) || null,
  };
}

export function readDraft(value: unknown): Draft | null {
  const raw = record(value);
  if (typeof raw.version !== 'number') return null;
  return {
    version: raw.version,
    kind: one<Kind>(KINDS, raw.kind, 'reply'),
    html: text(raw.html),
    to: texts(raw.to),
    cc: texts(raw.cc),
    bcc: texts(raw.bcc),
    next: one<Next>(NEXTS, raw.next, 'default'),
    answers: text(raw.answers),
    files: list(raw.files).map(readFile),
    author: text(raw.author),
    at: text(raw.at),
  };
}

function readSignature(value: unknown): Signature {
  const raw = record(value);
  return { html: text(raw.html), text: text(raw.text) };
}

function readPerson(value: unknown): CasePerson {
  const raw = record(value);
  return { name: text(raw.name), address: text(raw.address), role: text(raw.role) };
}

function readCanned(value: unknown): Canned {
  const raw = record(value);
  const { id, title, subject, html } = raw;
  return { id: text(id), title: text(title), subject: text(subject), html: text(html), text: text(raw.text), mine: raw.mine === true };
}

function readLimits(value: unknown): Limits {
  const raw = record(value);
  return {
    file: number(raw.file, DEFAULT_LIMITS.file),
    total: number(raw.total, DEFAULT_LIMITS.total),
    files: number(raw.files, DEFAULT_LIMITS.files),
    html: number(raw.html, DEFAULT_LIMITS.html),
  };
}

/** The address alone, wherever the API gives one with a name. */
function address(value: unknown): string {
  return text(value) || text(record(value).address);
}

export async function composer(api: Transport): Promise<ComposerInfo> {
  const raw = record(await api.get<unknown>('/case/composer'));
  return {
    from: address(raw.from),
    people: list(raw.people).map(readPerson),
    signature: readSignature(raw.signature),
    replies: list(raw.replies).map(readCanned),
    limits: readLimits(raw.limits),
    undoSeconds: number(raw.undo_seconds),
    draft: readDraft(raw.draft),
  };
}

export interface Stored {
  readonly version: number;
  readonly at: string;
}

export async function saveDraft(api: Transport, version: number, body: object): Promise<Stored> {
  const raw = record(await api.send<unknown>('PUT', '/case/draft', { version, ...body }));
  return { version: number(raw.version, version + 1), at: text(raw.at) };
}

export async function deleteDraft(api: Transport, version: number): Promise<void> {
  await api.send<unknown>('DELETE', `/case/draft?version=${version}`);
}

export interface Announced {
  readonly id: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly content_id: string | null;
}

export async function announce(
  api: Transport,
  file: { readonly filename: string; readonly content_type: string; readonly size: number; readonly inline: boolean },
): Promise<Announced> {
  const raw = record(await api.send<unknown>('POST', '/case/files', file));
  const headers = Object.entries(record(raw.headers)).map(([name, value]) => [name, text(value)]);
  return {
    id: text(raw.id),
    url: text(raw.url),
    headers: Object.fromEntries(headers),
    content_id: text(raw.content_id) || null,
  };
}

export async function fileLink(api: Transport, id: string): Promise<string> {
  return text(record(await api.get<unknown>(`/case/files/${encodeURIComponent(id)}`)).url);
}

export async function post(api: Transport, body: Outgoing, key: string): Promise<Sent> {
  const raw = record(await api.send<unknown>('POST', '/case/messages', body, { 'Idempotency-Key': key }));
  return { id: text(raw.id), delivery: text(raw.delivery), not_before: text(raw.not_before) || null };
}

export async function undo(api: Transport, messageId: string): Promise<void> {
  await api.send<unknown>('POST', `/messages/${encodeURIComponent(messageId)}/undo`);
}

export async function signature(api: Transport): Promise<Signature> {
  return readSignature(await api.get<unknown>('/signature'));
}

export async function saveSignature(api: Transport, html: string): Promise<void> {
  await api.send<unknown>('PUT', '/signature', { html });
}

function readOwn(value: unknown): OwnReply {
  const { id, title, subject, html } = record(value);
  return { id: text(id), title: text(title), subject: text(subject), html: text(html) };
}

/** The prepared replies that the agent keeps for himself. */
export async function ownReplies(api: Transport): Promise<OwnReply[]> {
  return list(record(await api.get<unknown>('/replies/own')).replies).map(readOwn);
}

/** Keeps a prepared reply under its id. Rejects with 422 where a variable is wrong, 409 where there are too many. */
export async function saveOwnReply(api: Transport, { id, ...reply }: OwnReply): Promise<OwnReply> {
  return readOwn(await api.send<unknown>('PUT', `/replies/own/${encodeURIComponent(id)}`, reply));
}

export async function deleteOwnReply(api: Transport, id: string): Promise<void> {
  await api.send<unknown>('DELETE', `/replies/own/${encodeURIComponent(id)}`);
}

const STALE = 'urn:email-channel:stale';
const CHANGED = 'urn:email-channel:draft-changed';

interface Problem extends Error {
  readonly status?: number;
  readonly type?: string;
  readonly body?: unknown;
}

export function statusOf(error: unknown): number {
  return error instanceof ApiProblem ? error.status : 0;
}

/** Who wrote meanwhile, when a send was refused for that. */
export function newerIn(error: unknown): Newer | null {
  const { type, body } = error as Problem;
  if (type !== STALE) return null;
  const raw = record(record(body).newer);
  return {
    actor: text(raw.actor),
    at: text(raw.at),
    message_id: text(raw.message_id),
    kind: one(['customer', 'answer'] as const, raw.kind, 'customer'),
  };
}

/** The draft that is there now, when saving was refused because of it. */
export function draftIn(error: unknown): Draft | null {
  const { type, body } = error as Problem;
  return type === CHANGED ? readDraft(record(body).draft) : null;
}

/** What became of the request is not known: it may have been carried out. */
export function unsure(error: unknown): boolean {
  const status = statusOf(error);
  return status === 0 || status >= 500;
}

/** How long an answer can be taken back from now on, by its own time and what the API grants. */
export function undoMs(sent: Sent, undoSeconds: number, now: number): number {
  const leaves = instant(sent.not_before);
  if (leaves === null) return 0;
  const granted = undoSeconds * 1000;
  const left = leaves - now;
  // Clocks differ: beyond what is granted, the channel's own period is believed.
  return left > 0 && left <= granted ? left : granted;
}
