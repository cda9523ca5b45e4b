// Mails and case sessions of the tasks at hand, kept while the agent moves between them.
import { ApiProblem, CaseSession, loadMail, type Grant, type Loaded, type Outside } from './api';
import type { Mail } from './mail/message';
import type { MailTask } from './task';

/** What the channel leaves in the attribute once a code has been exchanged. */
const SPENT = 'used';

/** Which mail a task stands for now. */
export function mailKey({ task, messageId }: MailTask): string {
  return `${task.id}/${messageId}`;
}

/**
 * Where a tab keeps its sessions, so that a reload goes on with them: a code works once. A script
 * that could read it there could as well ask the page itself; another tab or site cannot.
 */
export type Keep = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

function tabStorage(): Keep | null {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null; // the browser was told to keep nothing
  }
}

function keyOf(contactId: string): string {
  return `case-session/${contactId}`;
}

export class Mailroom {
  private readonly sessions = new Map<string, { code: string; opened: Promise<CaseSession> }>();
  private readonly mails = new Map<string, { contactId: string; mail: Mail }>();

  constructor(
    private readonly apiUrl: string,
    readonly outside: Outside,
    private readonly keep: Keep | null = tabStorage(),
  ) {}

  /**
   * The case session of a task, opened at first use: its code works once. Rejects with ApiProblem;
   * an unreachable API may be asked again, since the code has not been spent.
   */
  session(task: MailTask): Promise<CaseSession> {
    const { code, task: contact } = task;
    const known = this.sessions.get(contact.id);
    if (known && (known.code === code || code === SPENT)) return known.opened;
    if (!this.apiUrl) return Promise.reject(new ApiProblem(0, 'No case service is set up.'));
    const kept = this.kept(contact.id);
    if (!code && !kept) return Promise.reject(new ApiProblem(0, 'The task carries no access code.'));
    const opened = kept ? this.resume(contact.id, kept, code) : this.open(contact.id, code);
    this.sessions.set(contact.id, { code, opened });
    opened.catch((error: unknown) => {
      if (error instanceof ApiProblem && error.status === 0) this.sessions.delete(contact.id);
    });
    return opened;
  }

  private open(contactId: string, code: string): Promise<CaseSession> {
    if (!code || code === SPENT) {
      return Promise.reject(
        new ApiProblem(401, 'The access code was used already. Transfer the task to yourself to read its case.'),
      );
    }
    return CaseSession.open(this.apiUrl, contactId, code, this.outside, (grant) => this.remember(contactId, grant));
  }

  private async resume(contactId: string, grant: Grant, code: string): Promise<CaseSession> {
    try {
      return await CaseSession.resume(this.apiUrl, grant, this.outside, (next) => this.remember(contactId, next));
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 0) throw error; // nobody said that it is over
      this.forget(contactId);
      return this.open(contactId, code);
    }
  }

  private kept(contactId: string): Grant | null {
    try {
      const found = JSON.parse(this.keep?.getItem(keyOf(contactId)) ?? 'null') as Grant | null;
      return found && found.expires > this.outside.now() ? found : null;
    } catch {
      return null;
    }
  }

  private remember(contactId: string, grant: Grant): void {
    try {
      this.keep?.setItem(keyOf(contactId), JSON.stringify(grant));
    } catch {
      // Full or forbidden: then a reload needs the task to be accepted anew.
    }
  }

  private forget(contactId: string): void {
    try {
      this.keep?.removeItem(keyOf(contactId));
    } catch {
      // It ends by itself in ten minutes.
    }
  }

  /** The mail of a task when it has been loaded before. A task may come to stand for a newer mail. */
  peek(task: MailTask): Mail | undefined {
    return this.mails.get(mailKey(task))?.mail;
  }

  /** Loads the mail by the task's link, or by a fresh one when that has expired or is missing. */
  async mail(task: MailTask): Promise<Loaded> {
    const known = this.peek(task);
    if (known) return { kind: 'mail', mail: known };
    const { mailLink, mailLinkExpires } = task;
    const alive = mailLink && (mailLinkExpires === null || mailLinkExpires > this.outside.now());
    let loaded: Loaded = alive ? await loadMail(mailLink, this.outside) : { kind: 'expired' };
    if (loaded.kind === 'expired' && task.messageId) loaded = await this.mailByFreshLink(task);
    if (loaded.kind === 'mail') this.mails.set(mailKey(task), { contactId: task.task.id, mail: loaded.mail });
    return loaded;
  }

  private async mailByFreshLink(task: MailTask): Promise<Loaded> {
    try {
      const session = await this.session(task);
      return await loadMail(await session.formattedLink(task.messageId), this.outside);
    } catch {
      return { kind: 'expired' };
    }
  }

  /** Forgets tasks that are no longer with the agent. */
  retain(ids: ReadonlySet<string>): void {
    for (const id of this.sessions.keys()) {
      if (ids.has(id)) continue;
      this.sessions.delete(id);
      this.forget(id);
    }
    for (const [key, { contactId }] of this.mails) if (!ids.has(contactId)) this.mails.delete(key);
  }

  /** Renews the sessions that end soon, also of tasks the agent is not looking at. */
  async keepAlive(): Promise<void> {
    const opened = [...this.sessions.values()].map((each) => each.opened.then((open) => open.keepAlive()));
    await Promise.allSettled(opened);
  }
}
