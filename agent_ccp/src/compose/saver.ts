// Saves a draft a moment after the last change, one request at a time, and says how that stands.
import { draftIn, statusOf, type Stored } from './api';
import type { DraftBody } from './content';
import type { Draft } from './types';

export const PAUSE_MS = 1500;
const AGAIN_MS = [5_000, 10_000, 30_000];

export type Saving =
  | { readonly kind: 'clean' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'saved'; readonly at: string }
  | { readonly kind: 'offline' }
  | { readonly kind: 'over' }
  | { readonly kind: 'failed'; readonly detail: string }
  | { readonly kind: 'conflict'; readonly draft: Draft };

export interface Ways {
  readonly put: (version: number, body: DraftBody) => Promise<Stored>;
  readonly remove: (version: number) => Promise<void>;
  readonly tell: (saving: Saving, version: number) => void;
  readonly later: (run: () => void, ms: number) => () => void;
}

const OVER = new Set([401, 403]);
const CONFLICT = 409;
const GONE = new Set([404, 410]);

export class Saver {
  /** What is to be saved: undefined for nothing new, null for "delete it". */
  private wanted: DraftBody | null | undefined = undefined;
  private running: Promise<void> | null = null;
  private cancel: (() => void) | null = null;
  private tries = 0;
  private stopped = false;
  private conflict = false;

  constructor(
    private readonly ways: Ways,
    private version = 0,
  ) {}

  get draftVersion(): number {
    return this.version;
  }

  /** Whether everything that was written is in the case. */
  get settled(): boolean {
    return this.wanted === undefined && !this.running;
  }

  /** Takes the newest text; null when there is nothing worth keeping. */
  change(body: DraftBody | null): void {
    if (this.stopped) return;
    this.wanted = body;
    if (this.conflict) return;
    this.tell({ kind: 'waiting' });
    this.plan(PAUSE_MS);
  }

  /** Saves now what is waiting. */
  async flush(): Promise<void> {
    this.unplan();
    await this.running;
    if (this.wanted === undefined || this.conflict || this.stopped) return;
    this.running = this.run().finally(() => {
      this.running = null;
    });
    await this.running;
  }

  /** Saves nothing more until the next change; resolves when no request is under way. */
  async pause(): Promise<void> {
    this.unplan();
    await this.running;
    this.unplan();
  }

  /** Somebody saved another version: nothing is saved until it is decided which one stays. */
  dispute(draft: Draft): void {
    this.conflict = true;
    this.unplan();
    this.tell({ kind: 'conflict', draft });
  }

  /** The other version is overwritten with ours. */
  async keepMine(theirs: number): Promise<void> {
    this.conflict = false;
    this.version = theirs;
    await this.flush();
  }

  /** Ours is given up for the version `version`. */
  adopt(version: number, at = ''): void {
    this.conflict = false;
    this.version = version;
    this.wanted = undefined;
    this.unplan();
    this.tell(at ? { kind: 'saved', at } : { kind: 'clean' });
  }

  /** Nothing is saved from now on. */
  stop(): void {
    this.stopped = true;
    this.unplan();
  }

  private tell(saving: Saving): void {
    this.ways.tell(saving, this.version);
  }

  private plan(ms: number): void {
    this.unplan();
    this.cancel = this.ways.later(() => {
      this.cancel = null;
      void this.flush();
    }, ms);
  }

  private unplan(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private async run(): Promise<void> {
    const body = this.wanted;
    this.wanted = undefined;
    if (body === undefined) return;
    this.tell({ kind: 'saving' });
    try {
      if (body === null) await this.delete();
      else await this.put(body);
      this.tries = 0;
    } catch (error) {
      // Something newer may have been written meanwhile: that is what is saved next.
      if (this.wanted === undefined) this.wanted = body;
      this.trouble(error);
      return;
    }
    if (this.wanted !== undefined && !this.stopped) this.plan(PAUSE_MS);
  }

  private async put(body: DraftBody): Promise<void> {
    const { version, at } = await this.ways.put(this.version, body);
    this.version = version;
    this.tell({ kind: 'saved', at });
  }

  private async delete(): Promise<void> {
    if (this.version > 0) {
      try {
        await this.ways.remove(this.version);
      } catch (error) {
        if (!GONE.has(statusOf(error))) throw error;
      }
    }
    this.version = 0;
    this.tell({ kind: 'clean' });
  }

  private trouble(error: unknown): void {
    const status = statusOf(error);
    if (status === CONFLICT) {
      const draft = draftIn(error);
      if (draft) this.dispute(draft);
      else this.startAnew();
    } else if (OVER.has(status)) this.tell({ kind: 'over' });
    else if (status === 0 || status >= 500 || status === 429) {
      this.tell(status === 0 ? { kind: 'offline' } : { kind: 'failed', detail: (error as Error).message });
      this.plan(AGAIN_MS[Math.min(this.tries, AGAIN_MS.length - 1)] ?? 30_000);
      this.tries += 1;
    } else this.tell({ kind: 'failed', detail: (error as Error).message });
  }

  /** Somebody has discarded the draft: ours becomes the first one. */
  private startAnew(): void {
    this.version = 0;
    if (this.wanted === null) this.wanted = undefined;
    else this.plan(PAUSE_MS);
  }
}
