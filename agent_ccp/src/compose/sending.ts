// Sends what is written, says what became of it, and takes it back while that can be.
import type { CaseView } from '../api';
import { delivery } from '../fate';
import { newerIn, post, statusOf, undo, undoMs, unsure, type Transport } from './api';
import { attemptFor } from './attempt';
import { lacksFile, refusal } from './check';
import { outgoing, sending, type Content } from './content';
import { sentHere } from './here';
import type { Attempt } from './keep';
import { newerSince, seenOf } from './seen';
import type { Departed, Refresh, Snapshot, World } from './state';
import type { Kind, Newer, Seen } from './types';
import { WORDS } from './words';

/** What sending needs of the composer around it. */
export interface Around {
  readonly world: World;
  readonly api: () => Transport;
  readonly view: () => CaseView;
  readonly refresh: Refresh;
  readonly state: () => Snapshot;
  readonly set: (change: Partial<Snapshot>) => void;
  /** The version of the case's draft when that is of this kind, else 0. */
  readonly draftVersion: (kind: Kind) => number;
  /** Saves nothing more until the next change; resolves when nothing is under way. */
  readonly pause: () => Promise<void>;
  /** Writes down that a send is under way, before it is. */
  readonly keep: () => void;
  /** It is no draft any more. */
  readonly left: (sent: Departed) => void;
  /** It was not sent, and stays one. */
  readonly stayed: (error: unknown) => void;
  /** It was taken back. */
  readonly back: (sent: Departed) => void;
  /** Takes in the case as it is now. */
  readonly observe: (view: CaseView) => void;
}

const OVER = new Set([401, 403]);
const TOO_LATE = 409;
const TROUBLED: ReadonlySet<string> = new Set(['error', 'warning', 'stopped']);

/** What the agent was asked about and sends despite of: somebody wrote, or a file seems missing. */
export type Despite = 'newer' | 'no-file';

export class Sending {
  /** A send that has not been answered. */
  attempt: Attempt | null = null;
  private seen: Seen;
  /** The text for which a missing file was asked about already. */
  private asked = '';

  constructor(private readonly around: Around) {
    this.seen = seenOf(around.view());
  }

  /** Sends the text in hand, or says why not. A consent to one thing is none to the other. */
  async send(despite?: Despite): Promise<void> {
    const { kind, texts, info, busy, over } = this.around.state();
    const content = texts[kind];
    if (busy || over || sending(content)) return;
    const problem = refusal(kind, content, info.signature.html, info.limits);
    if (problem) return this.around.set({ problem, notice: '' });
    if (despite !== 'no-file' && this.asksFile(kind, content)) return this.around.set({ asksFile: true, problem: '' });
    if (kind === 'reply' && !this.passes(despite === 'newer')) return this.around.set({ asksFile: false });
    this.around.set({ busy: true, problem: '', notice: '', asksFile: false });
    await this.around.pause();
    await this.deliver(kind, content);
    this.around.set({ busy: false });
  }

  private asksFile(kind: Kind, content: Content): boolean {
    const asked = this.asked === content.html;
    if (asked || !lacksFile(kind, content, this.around.state().info.signature.html)) return false;
    this.asked = content.html;
    return true;
  }

  /** Whether the agent has read what was written meanwhile, or sends all the same. */
  private passes(anyway: boolean): boolean {
    const { stale } = this.around.state();
    if (stale && !anyway) {
      this.around.set({ stale: { ...stale, refused: true } });
      return false;
    }
    this.reviewed();
    return true;
  }

  private async deliver(kind: Kind, content: Content): Promise<void> {
    const { world, api, state } = this.around;
    const seen = kind === 'reply' ? this.seen : seenOf(this.around.view());
    const body = outgoing(kind, content, seen, this.around.draftVersion(kind));
    this.attempt = attemptFor(this.attempt, body, world.newKey);
    this.around.keep();
    try {
      const sent = await post(api(), this.attempt.body, this.attempt.key);
      sentHere.add(sent.id);
      this.attempt = null;
      const total = undoMs(sent, state().info.undoSeconds, world.now());
      const until = total && world.now() + total;
      this.around.left({ id: sent.id, kind, content, until, total, state: total ? 'leaving' : 'gone', trouble: '' });
      await this.catchUp(sent.id);
    } catch (error) {
      await this.refused(error);
    }
  }

  /** The newest answer is ours: it makes nothing outdated. */
  private async catchUp(id: string): Promise<void> {
    const before = this.seen;
    const view = await this.around.refresh();
    if (!view) return;
    const now = seenOf(view);
    if (now.last_answer === id || before.latest_message_id === now.latest_message_id) this.seen = now;
    this.around.observe(view);
  }

  private async refused(error: unknown): Promise<void> {
    const newer = newerIn(error);
    const lost = unsure(error);
    if (!lost) this.attempt = null;
    if (newer) await this.stopped(newer);
    else if (OVER.has(statusOf(error))) this.around.set({ over: true });
    else this.around.set({ problem: lost ? WORDS.refuse.unsure : WORDS.refuse.problem((error as Error).message) });
    this.around.stayed(error);
  }

  private async stopped(newer: Newer): Promise<void> {
    const view = (await this.around.refresh()) ?? this.around.view();
    const id = newer.message_id;
    const known = newer.kind === 'customer' ? { latest_message_id: id } : { last_answer: id };
    this.around.set({ stale: { newer, refused: true, seen: { ...seenOf(view), ...(id ? known : {}) } } });
  }

  /** Tells of what was written while the agent was writing; `untouched` where he was not. */
  hear(view: CaseView, caseId: string, untouched: boolean): void {
    const { sent, stale } = this.around.state();
    const message = view.messages.find(({ id }) => id === sent?.id);
    if (sent?.state === 'leaving' && message?.delivery === 'undone') this.around.back(sent);
    // The page tells of it above, and brings the answer back.
    if (sent?.state === 'gone' && message && TROUBLED.has(delivery(message.delivery)?.mood ?? 'info')) this.dismiss();
    const newer = newerSince(view, this.seen);
    if (!newer) return;
    const own = newer.message_id === sent?.id || view.case.id !== caseId;
    if (own || untouched) this.seen = seenOf(view);
    // While an answer may be under way, the newest one may be that.
    else if (!stale && !this.attempt) this.around.set({ stale: { newer, refused: false, seen: seenOf(view) } });
  }

  /** The agent has read what came meanwhile. */
  reviewed(): void {
    const { stale } = this.around.state();
    if (!stale) return;
    this.seen = stale.seen;
    this.around.set({ stale: null });
  }

  /** Time is up: it can no longer be taken back. */
  gone(): void {
    const { sent } = this.around.state();
    if (sent?.state !== 'leaving') return;
    this.around.set({ sent: { ...sent, state: 'gone' } });
    this.around.keep();
  }

  dismiss(): void {
    this.around.set({ sent: null });
  }

  async undo(): Promise<void> {
    const { sent } = this.around.state();
    if (sent?.state !== 'leaving') return;
    this.around.set({ sent: { ...sent, state: 'undoing', trouble: '' } });
    try {
      await undo(this.around.api(), sent.id);
      this.around.back(sent);
    } catch (error) {
      const late = statusOf(error) === TOO_LATE;
      this.around.set({ sent: late ? { ...sent, state: 'late' } : { ...sent, trouble: (error as Error).message } });
      this.around.keep();
    }
    await this.around.refresh();
  }
}
