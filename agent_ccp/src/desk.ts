// What lies around the case at hand: who else looks at it, the customer's other cases, its state.
import type { CaseMessage, CaseSession, CaseView, MessagePage } from './api';
import type { Seen } from './compose/types';
import { shown } from './mail/text';
import { WORDS } from './words';

/** Another agent who looked at the case within the last 45 seconds. */
export interface Viewer {
  readonly username: string;
  readonly name: string;
  readonly writing: boolean;
  /** Since when, ISO 8601. */
  readonly since: string;
}

/** Another case of the customer, as a list shows it. */
export interface OtherCase {
  readonly id: string;
  readonly subject: string;
  readonly status: string;
  readonly created_at: string;
  /** When the newest message came; empty when there is none. */
  readonly latest_at: string;
  readonly answered: boolean;
  readonly linked: boolean;
}

/** Newest first, and where the page after it begins. */
export interface OtherCases {
  readonly cases: readonly OtherCase[];
  readonly older: string | null;
}

/** A case that can only be read: its newest page of messages, oldest first. */
export type ReadCase = Pick<CaseView, 'case' | 'messages' | 'older'>;

/** The states an agent sets; "waiting" comes of an answer. */
export type Settable = 'open' | 'resolved' | 'rejected';

type Api = Pick<CaseSession, 'get' | 'send'>;

const segment = encodeURIComponent;

/** Says that this agent is here; who else is. Rejects with ApiProblem, as all of these. */
export async function tellPresence(api: Api, writing: boolean): Promise<readonly Viewer[]> {
  const found = await api.send<{ viewers?: readonly Viewer[] } | null>('POST', '/case/presence', { writing });
  return found?.viewers ?? [];
}

export async function otherCases(api: Api, before = ''): Promise<OtherCases> {
  const query = before ? `?before=${segment(before)}` : '';
  const { cases, older } = await api.get<Partial<OtherCases>>(`/case/others${query}`);
  return { cases: cases ?? [], older: older ?? null };
}

export function otherCase(api: Api, id: string): Promise<ReadCase> {
  return api.get(`/cases/${segment(id)}`);
}

export async function otherMessages(api: Api, id: string, before: string): Promise<MessagePage> {
  const { messages, older } = await api.get<Partial<MessagePage>>(
    `/cases/${segment(id)}/messages?before=${segment(before)}`,
  );
  return { messages: messages ?? [], older: older ?? null };
}

/** Sets the case's state as the agent has seen it; rejects as stale when somebody wrote since. */
export async function setState(api: Api, status: Settable, seen: Seen): Promise<void> {
  await api.send('POST', '/case/state', { status, seen });
}

/** Reads the messages of another case through the session of this one. */
export function readerOf(session: CaseSession, caseId: string): CaseSession {
  const path = (rest: string): string => `/cases/${segment(caseId)}${rest}`;
  const link = async (rest: string): Promise<string> => (await session.get<{ url: string }>(path(rest))).url;
  const reader: Pick<CaseSession, 'get' | 'attachmentLink' | 'originalLink' | 'formattedLink'> = {
    get: (rest) => session.get(path(rest)),
    attachmentLink: (id, n) => link(`/messages/${segment(id)}/attachments/${n}`),
    originalLink: (id) => link(`/messages/${segment(id)}/original`),
    formattedLink: (id) => link(`/messages/${segment(id)}/formatted`),
  };
  // What shows a mail asks no more of a session than this.
  return reader as CaseSession;
}

/** Pages of a list in one, each entry once. */
export function joined<T extends { readonly id: string }>(first: readonly T[], second: readonly T[]): T[] {
  const there = new Set(first.map(({ id }) => id));
  return [...first, ...second.filter(({ id }) => !there.has(id))];
}

/** "Bob is writing an answer. Carla is also looking at this case."; empty when nobody is there. */
export function viewersText(viewers: readonly Viewer[]): string {
  const named = (writing: boolean): string[] =>
    viewers
      .filter((each) => each.writing === writing)
      .map(({ name, username }) => shown(name) || shown(username) || WORDS.viewers.colleague);
  const [writing, looking] = [named(true), named(false)];
  return [
    ...(writing.length ? [WORDS.viewers.writing(writing)] : []),
    ...(looking.length ? [WORDS.viewers.looking(looking)] : []),
  ].join(' ');
}

/** A state in words; one without words is shown by its own name. */
export function statusText(status: string): string {
  return WORDS.status[status] ?? shown(status);
}

const CLOSED = new Set(['resolved', 'rejected']);

/** What can be made of a case in a state. */
export function choices(status: string): readonly Settable[] {
  const closing = (['resolved', 'rejected'] as const).filter((each) => each !== status);
  return CLOSED.has(status) ? ['open', ...closing] : closing;
}

const COUNTED = 20;

/** "(3)"; the API counts no further than twenty. */
export function othersCount(count: number): string {
  return count >= COUNTED ? `(${COUNTED}+)` : `(${count})`;
}

/** Who wrote a message, for a line above it. */
export function writtenBy(message: CaseMessage): string {
  if (message.direction === 'out') return WORDS.other.answeredBy(shown(message.actor ?? '') || WORDS.other.colleague);
  const from = message.from;
  const name = typeof from === 'string' ? from : from?.name || from?.address || '';
  return WORDS.other.from(shown(name) || WORDS.other.somebody);
}

/** A key press as far as a shortcut goes by it. */
export interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  readonly isComposing: boolean;
}

/** The shortcut of a key press, or empty. On many keyboards "?" is typed with Shift. */
export function shortcut({ key, ctrlKey, metaKey, altKey, shiftKey, isComposing }: Press): string {
  if (ctrlKey || metaKey || altKey || isComposing) return '';
  if (key === '?') return key;
  return shiftKey || key.length !== 1 ? '' : key.toLowerCase();
}

/** Where to go from place `at` of `count`; -1 is no place yet. Stays at the ends. */
export function step(count: number, at: number, by: 1 | -1): number {
  if (count === 0) return -1;
  if (at < 0) return by > 0 ? 0 : count - 1;
  return Math.min(count - 1, Math.max(0, at + by));
}
