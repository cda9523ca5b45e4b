// The case's one draft, kept in step with the text in hand.
import { deleteDraft, saveDraft, type Stored, type Transport } from './api';
import { draftBody, type Content, type DraftBody } from './content';
import { Saver, type Saving } from './saver';
import type { World } from './state';
import type { Draft, Kind } from './types';

export class Drafting {
  private readonly saver: Saver;
  /** Of the draft that the case has. */
  private kind: Kind | null;

  constructor(
    private readonly api: () => Transport,
    later: World['later'],
    draft: Draft | null,
    tell: (saving: Saving) => void,
  ) {
    this.kind = draft?.kind ?? null;
    const ways = {
      put: (seen: number, body: DraftBody) => this.put(seen, body),
      remove: (seen: number) => deleteDraft(this.api(), seen),
      tell,
      later,
    };
    this.saver = new Saver(ways, draft?.version ?? 0);
  }

  get version(): number {
    return this.saver.draftVersion;
  }

  /** Whether the case has everything. */
  get settled(): boolean {
    return this.saver.settled;
  }

  /** The version of the case's draft when that is of this kind, else 0. */
  versionOf(kind: Kind): number {
    return this.kind === kind ? this.version : 0;
  }

  /** Takes the newest text; one that says nothing deletes its draft. */
  change(kind: Kind, content: Content, worthwhile: boolean): void {
    if (worthwhile) this.saver.change(draftBody(kind, content));
    else if (this.kind === kind) this.saver.change(null);
  }

  flush(): Promise<void> {
    return this.saver.flush();
  }

  pause(): Promise<void> {
    return this.saver.pause();
  }

  stop(): void {
    this.saver.stop();
  }

  /** Ours is given up for that of the case. */
  adopt(draft: Draft): void {
    this.kind = draft.kind;
    this.saver.adopt(draft.version);
  }

  /** Somebody saved another one: nothing is saved until it is decided which one stays. */
  dispute(draft: Draft): void {
    this.saver.dispute(draft);
  }

  keepMine(theirs: Draft): void {
    void this.saver.keepMine(theirs.version);
  }

  /** A text was sent. What was waiting to be saved must not come back as a draft. */
  left(kind: Kind): void {
    const was = this.kind === kind;
    if (was) this.kind = null;
    this.saver.adopt(was ? 0 : this.version);
  }

  private async put(version: number, body: DraftBody): Promise<Stored> {
    const stored = await saveDraft(this.api(), version, body);
    this.kind = body.kind;
    return stored;
  }
}
