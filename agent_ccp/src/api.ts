// Every HTTP call of the page but config.json: the case API and the presigned links it mints.
import { readMail, type Mail, type Warning } from './mail/message';
import { instant } from './mail/dates';

export interface CaseMessage {
  readonly id: string;
  readonly direction: 'in' | 'out';
  readonly kind?: string;
  readonly disposition?: string;
  readonly reason?: string | null;
  readonly from?: Address;
  readonly to?: readonly Address[];
  readonly reply_to?: readonly Address[];
  readonly subject?: string;
  readonly at?: string;
  readonly language?: string;
  /** How a mail sounds: a label, or empty. */
  readonly sentiment?: string;
  readonly delivery?: string | null;
  /** Why the channel brought an answer back: a kind, a colon, and words. */
  readonly returned?: string | null;
  /** What became of the newest answers, recipient by recipient. */
  readonly recipients?: readonly RecipientStatus[];
  /** Until then an answer that an agent let go has not left, and can be taken back. */
  readonly not_before?: string;
  readonly attachments?: readonly unknown[];
  /** The user name of the agent who wrote it. */
  readonly actor?: string | null;
  readonly warnings?: readonly Warning[];
  /** What an agent may decide about it now; names this page does not know are left alone. */
  readonly actions?: readonly string[];
}

/** The API may give an address as text or as {name, address}. */
export type Address = string | { readonly name?: string; readonly address?: string };

export interface RecipientStatus {
  readonly address: string;
  readonly status: string;
  readonly reason?: string | null;
}

/** An entry of the case's history. */
export interface CaseEntry {
  readonly at?: string;
  readonly kind: string;
  readonly actor?: string | null;
  readonly reason?: string | null;
  /** What it is about, by id. */
  readonly ref?: string | null;
}

export interface Purposes {
  readonly relay?: string;
  readonly queuerelay?: string;
  readonly agentrelay?: string;
  readonly rejectrelay?: string;
}

export interface CaseView {
  /** The channel's time when it answered. */
  readonly now?: string;
  readonly case: {
    readonly id: string;
    readonly status: string;
    readonly customer?: { readonly name?: string; readonly address?: string };
    readonly subject?: string;
    readonly answered: boolean;
    readonly linked?: readonly unknown[];
    /** The customer's newest message, and the newest answer to him. */
    readonly latest_message_id?: string;
    readonly last_answer?: string;
    /** How many other cases the customer has. */
    readonly others?: number;
    readonly participants?: readonly Address[];
    /** Who gets the next answer. */
    readonly recipients?: { readonly to?: readonly Address[]; readonly cc?: readonly Address[] };
    /** How many messages wait for a decision. */
    readonly held?: number;
    /** Why Amazon SES sends nothing to the customer's address: bounce or complaint; or empty. */
    readonly suppressed?: string;
  };
  /** The newest page, oldest first. */
  readonly messages: readonly CaseMessage[];
  /** Where the page before it begins; null at the beginning of the case. */
  readonly older?: string | null;
  /** Oldest first. */
  readonly interactions?: readonly CaseEntry[];
  /** Where the history before it begins; null at its beginning. */
  readonly older_interactions?: string | null;
  readonly relay_addresses?: Purposes;
}

/** What became of a message by a decision; case_id is a case that was opened for it. */
export interface Decided {
  readonly disposition?: string;
  readonly case_id?: string;
}

/** An answer of the API that is not a success (problem+json, RFC 9457). status 0: no answer. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;

  constructor(status: number, message: string, type = '', body: unknown = null) {
    super(message);
    this.name = 'ApiProblem';
    this.status = status;
    this.type = type;
    this.body = body;
  }
}

export interface Outside {
  readonly fetch: typeof fetch;
  readonly now: () => number;
}

export const BROWSER: Outside = { fetch: (...args) => fetch(...args), now: () => Date.now() };

const PATIENCE_MS = 15_000;
const RENEW_BEFORE_MS = 180_000;

async function ask(outside: Outside, url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await outside.fetch(url, {
      ...init,
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    throw new ApiProblem(0, 'There was no answer.');
  }
}

async function problem(answer: Response): Promise<ApiProblem> {
  const body = (await answer.json().catch(() => null)) as { title?: string; detail?: string; type?: string } | null;
  return new ApiProblem(answer.status, body?.detail || body?.title || `The answer was ${answer.status}.`, body?.type ?? '', body);
}

export interface Grant {
  readonly token: string;
  readonly expires: number;
}

/** A page of messages, oldest first, and where the one before it begins. */
export interface MessagePage {
  readonly messages: readonly CaseMessage[];
  readonly older: string | null;
}

/** A page of a history, oldest first, and where the one before it begins. */
export interface HistoryPage {
  readonly interactions: readonly CaseEntry[];
  readonly older: string | null;
}

/** What one contact lets its agent see and write. */
export class CaseSession {
  private constructor(
    private readonly apiUrl: string,
    private readonly outside: Outside,
    private grant: Grant,
    private readonly granted: (grant: Grant) => void,
  ) {
    granted(grant);
  }

  /** Goes on with a session that this tab opened before. Rejects with ApiProblem when it is over. */
  static async resume(
    apiUrl: string,
    grant: Grant,
    outside: Outside,
    granted: (grant: Grant) => void,
  ): Promise<CaseSession> {
    const session = new CaseSession(apiUrl, outside, grant, granted);
    await session.renew();
    return session;
  }

  /** Exchanges the one-time code of the contact for a session. */
  static async open(
    apiUrl: string,
    contactId: string,
    code: string,
    outside: Outside,
    granted: (grant: Grant) => void = () => undefined,
  ): Promise<CaseSession> {
    const answer = await ask(outside, `${apiUrl}/sessions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ contact_id: contactId, code }),
    });
    if (!answer.ok) throw await problem(answer);
    return new CaseSession(apiUrl, outside, await CaseSession.grantOf(answer, outside), granted);
  }

  private static async grantOf(answer: Response, outside: Outside): Promise<Grant> {
    const body = (await answer.json()) as { token: string; expires_at: string | number };
    const expires =
      typeof body.expires_at === 'number' ? body.expires_at * 1000 : instant(body.expires_at);
    return { token: body.token, expires: expires ?? outside.now() + 600_000 };
  }

  private async call(path: string, { headers, ...init }: RequestInit = {}): Promise<Response> {
    const answer = await ask(this.outside, `${this.apiUrl}${path}`, {
      ...init,
      headers: { ...headers, Authorization: `Bearer ${this.grant.token}` },
    });
    if (!answer.ok) throw await problem(answer);
    return answer;
  }

  /** Renews the session when it ends soon; does nothing otherwise. */
  async keepAlive(): Promise<void> {
    if (this.grant.expires - this.outside.now() > RENEW_BEFORE_MS) return;
    await this.renew();
  }

  private async renew(): Promise<void> {
    const answer = await this.call('/sessions/renew', { method: 'POST' });
    this.grant = await CaseSession.grantOf(answer, this.outside);
    this.granted(this.grant);
  }

  /** A GET with the session's token. Rejects with ApiProblem. */
  async get<T>(path: string): Promise<T> {
    await this.keepAlive();
    return (await (await this.call(path)).json()) as T;
  }

  /** Any other call; the answer is null where there is none. Rejects with ApiProblem. */
  async send<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    await this.keepAlive();
    const answer = await this.call(path, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return (await answer.json().catch(() => null)) as T;
  }

  case(): Promise<CaseView> {
    return this.get('/case');
  }

  /** The messages before those of a page. */
  olderMessages(before: string): Promise<MessagePage> {
    return this.get(`/case/messages?before=${encodeURIComponent(before)}`);
  }

  /** The history before that of a page. */
  olderHistory(before: string): Promise<HistoryPage> {
    return this.get(`/case/interactions?before=${encodeURIComponent(before)}`);
  }

  /** Decides about a message. The same `key` again is the same decision, however often it is sent. */
  async decide(messageId: string, action: string, key: string): Promise<Decided> {
    await this.keepAlive();
    const answer = await this.call(`/messages/${encodeURIComponent(messageId)}/decision`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify({ action }),
    });
    return (await answer.json().catch(() => ({}))) as Decided;
  }

  /** Takes back an answer that has not left yet. */
  async undo(messageId: string): Promise<void> {
    await this.keepAlive();
    await this.call(`/messages/${encodeURIComponent(messageId)}/undo`, { method: 'POST' });
  }

  private async link(path: string): Promise<string> {
    await this.keepAlive();
    const { url } = (await (await this.call(path)).json()) as { url: string };
    return url;
  }

  attachmentLink(messageId: string, n: number): Promise<string> {
    return this.link(`/messages/${encodeURIComponent(messageId)}/attachments/${n}`);
  }

  originalLink(messageId: string): Promise<string> {
    return this.link(`/messages/${encodeURIComponent(messageId)}/original`);
  }

  formattedLink(messageId: string): Promise<string> {
    return this.link(`/messages/${encodeURIComponent(messageId)}/formatted`);
  }
}

export type Loaded =
  | { readonly kind: 'mail'; readonly mail: Mail }
  | { readonly kind: 'expired' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly detail: string };

/** S3 says 403 for an expired link and 400 ExpiredToken when the signer's session has ended. */
const EXPIRED = new Set([400, 401, 403, 410]);

/** Loads a formatted mail from a presigned link. */
export async function loadMail(url: string, outside: Outside): Promise<Loaded> {
  try {
    const answer = await ask(outside, url);
    if (EXPIRED.has(answer.status)) return { kind: 'expired' };
    if (answer.status === 404) return { kind: 'gone' };
    if (!answer.ok) return { kind: 'failed', detail: `The mail store answered ${answer.status}.` };
    return { kind: 'mail', mail: readMail(await answer.json()) };
  } catch (error) {
    const noAnswer = error instanceof ApiProblem;
    return { kind: 'failed', detail: noAnswer ? 'The mail store did not answer.' : (error as Error).message };
  }
}
