// Everything about what an agent is writing in one case, but how it looks.
import type { CaseView } from '../api';
import { draftIn, type Transport } from './api';
import { Begun } from './begun';
import { drop, each, everywhere, joined, ofDraft, put, sending, type Content, type Item } from './content';
import { Drafting } from './drafting';
import { Files } from './files';
import { sentHere } from './here';
import { forget, keep, recall, type Kept } from './keep';
import { nothing } from './plain';
import type { Saving } from './saver';
import { Sending, type Despite } from './sending';
import { started, type Departed, type Refresh, type Snapshot, type World } from './state';
import { KINDS, type Canned, type ComposerInfo, type Draft, type Kind, type Row, type Signature } from './types';

export class Writing {
  private state: Snapshot;
  private readonly listeners = new Set<() => void>();
  private readonly begun: Begun;
  private readonly draft: Drafting;
  readonly sending: Sending;
  readonly files: Files;

  constructor(
    private api: Transport,
    private view: CaseView,
    info: ComposerInfo,
    private readonly world: World,
    private refresh: Refresh = async () => null,
  ) {
    this.begun = new Begun(view, info);
    this.state = started(info, this.begun.texts);
    this.files = new Files(world.store, { api: () => this.api, change: (key, change) => this.fileChanged(key, change) });
    this.draft = new Drafting(() => this.api, world.later, info.draft, (saving) => this.saved(saving));
    this.sending = this.newSending();
    this.open(info.draft);
  }

  private newSending(): Sending {
    return new Sending({
      world: this.world,
      api: () => this.api,
      view: () => this.view,
      refresh: () => this.refresh(),
      state: this.snapshot,
      set: (change) => this.set(change),
      draftVersion: (kind) => this.draft.versionOf(kind),
      pause: () => this.draft.pause(),
      keep: () => this.keep(false),
      left: (sent) => this.left(sent),
      stayed: (error) => this.stayed(error),
      back: (sent) => this.restore(sent),
      observe: (view) => this.observe(view),
    });
  }

  readonly snapshot = (): Snapshot => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get content(): Content {
    return this.state.texts[this.state.kind];
  }

  /** Whether there is something that must not be lost. */
  get worthwhile(): boolean {
    return this.worth(this.state.kind);
  }

  // -- opening -------------------------------------------------------------------------------

  /** The draft of the case, or what this tab kept of it. */
  private open(draft: Draft | null): void {
    const kept = recall(this.world.shelf, this.caseId);
    if (kept) this.recalled(kept);
    if (kept && !kept.saved && this.worthwhile) {
      if (draft && draft.version !== kept.version) this.draft.dispute(draft);
      this.changed();
    } else if (draft) this.show(draft);
  }

  /** Kept texts that say nothing begin as usual. */
  private recalled({ kind, texts, attempt, sent }: Kept): void {
    this.sending.attempt = attempt;
    const filled = each((one) => (texts[one].html || texts[one].items.length ? texts[one] : this.begun.texts[one]));
    const leaving = sent && sent.until > this.world.now() ? sent : null;
    // The page counts the seconds of an answer once.
    if (leaving) sentHere.add(leaving.id);
    this.set({ kind, texts: filled, sent: leaving });
  }

  private show(draft: Draft): void {
    const before = this.state.texts[draft.kind];
    const content = { ...ofDraft(draft), subject: before.subject };
    this.redraw({ kind: draft.kind, texts: { ...this.state.texts, [draft.kind]: content }, origin: draft });
    this.draft.adopt(draft);
  }

  // -- writing -------------------------------------------------------------------------------

  /** Goes on with the text of a kind; with `about`, it is about that message from now on. */
  select(kind: Kind, about = ''): void {
    const content = this.state.texts[kind];
    const moved = about && content.answers !== about ? this.begun.about(kind, about, content) : content;
    this.redraw({ kind, texts: { ...this.state.texts, [kind]: moved }, problem: '', notice: '', asksFile: false });
    if (this.worthwhile) this.changed();
  }

  edit(change: Partial<Content>): void {
    this.update({ ...this.content, ...change });
  }

  place(row: Row, address: string): void {
    this.update(put(this.content, row, address));
  }

  unplace(row: Row, address: string): void {
    this.update(drop(this.content, row, address));
  }

  say(notice: string): void {
    this.set({ notice });
  }

  /** Takes files in and sends them to the store; gives the items of those that fit. */
  add(files: readonly File[], inline: boolean): Item[] {
    const { items, problems } = this.files.take(files, inline, this.content.items, this.state.info.limits);
    if (items.length) this.update({ ...this.content, items: [...this.content.items, ...items] });
    this.set({ notice: problems.join(' ') });
    for (const item of items) void this.files.start(item);
    return items;
  }

  retry(key: string): void {
    const item = this.content.items.find((one) => one.key === key);
    if (item) void this.files.start(item);
  }

  private fileChanged(key: string, change: Partial<Item> | null): void {
    this.set({ texts: everywhere(this.state.texts, key, change) });
    if (!change || change.state) this.changed();
  }

  signs(signature: Signature): void {
    const begun = this.begun.has(this.state.kind, this.content);
    this.set({ info: { ...this.state.info, signature } });
    this.renew();
    if (begun) this.redraw({});
  }

  /** The prepared replies as they are now. */
  prepares(replies: readonly Canned[]): void {
    this.set({ info: { ...this.state.info, replies } });
  }

  private update(content: Content): void {
    this.set({ texts: { ...this.state.texts, [this.state.kind]: content }, problem: '', asksFile: false });
    this.changed();
  }

  private worth(kind: Kind): boolean {
    const { html, items, to } = this.state.texts[kind];
    const signature = kind === 'note' ? '' : this.state.info.signature.html;
    return !nothing(html, signature) || items.length > 0 || (kind === 'forward' && to.length > 0);
  }

  // -- saving --------------------------------------------------------------------------------

  private changed(): void {
    this.keep(false);
    const { kind, origin } = this.state;
    if (origin) this.set({ origin: null });
    this.draft.change(kind, this.content, this.worth(kind));
  }

  private saved(saving: Saving): void {
    const over = saving.kind === 'over' || (this.state.over && saving.kind !== 'saved');
    this.set({ saving, over });
    if (saving.kind === 'saved') this.keep(true);
  }

  flush(): void {
    void this.draft.flush();
  }

  /** Saves now; whether the case has all of it. */
  async save(): Promise<boolean> {
    await this.draft.flush();
    return !this.worthwhile || (this.draft.settled && !sending(this.content));
  }

  // -- the draft of somebody else ------------------------------------------------------------

  takeTheirs(): void {
    const { saving } = this.state;
    if (saving.kind === 'conflict') this.show(saving.draft);
    this.keep(true);
  }

  keepMine(): void {
    const { saving } = this.state;
    if (saving.kind === 'conflict') this.draft.keepMine(saving.draft);
  }

  /** Deletes the text, its files and the draft. */
  discard(): void {
    const { kind } = this.state;
    for (const { key } of this.content.items) this.files.remove(key);
    this.restart(kind);
    this.redraw({ origin: null, problem: '', stale: null });
    this.changed();
    void this.draft.flush();
  }

  private restart(kind: Kind): void {
    this.set({ texts: { ...this.state.texts, [kind]: this.begun.restart(kind) } });
  }

  // -- the case as it is now -----------------------------------------------------------------

  connect(api: Transport, refresh: Refresh): void {
    this.refresh = refresh;
    if (api === this.api) return;
    this.api = api;
    this.set({ over: false });
    if (this.worthwhile) this.changed();
  }

  observe(view: CaseView): void {
    this.view = view;
    this.renew();
    this.sending.hear(view, this.caseId, !this.worth('reply'));
  }

  private renew(): void {
    this.set({ texts: this.begun.renew(this.view, this.state.info, this.state.texts) });
  }

  // -- sending -------------------------------------------------------------------------------

  send(despite?: Despite): Promise<void> {
    return this.sending.send(despite);
  }

  private left(sent: Departed): void {
    this.restart(sent.kind);
    this.redraw({ sent, stale: null, origin: null });
    this.draft.left(sent.kind);
    this.keep(true);
    if (sent.kind !== 'reply' && this.worth('reply')) this.select('reply');
  }

  private stayed(error: unknown): void {
    const draft = draftIn(error);
    if (draft) this.draft.dispute(draft);
    this.changed();
  }

  /** Text, files and people are back where they were; a text begun meanwhile goes below them. */
  private restore(sent: Departed): void {
    const { kind, content } = sent;
    const whole = this.worth(kind) ? joined(content, this.state.texts[kind]) : content;
    this.redraw({ kind, texts: { ...this.state.texts, [kind]: whole }, sent: { ...sent, state: 'undone', trouble: '' } });
    this.changed();
  }

  // -- ending ----------------------------------------------------------------------------------

  /** Leaves nothing running; what is not saved yet is in the tab's own copy. */
  close(): void {
    this.files.stop();
    this.draft.stop();
  }

  private get caseId(): string {
    return this.view.case.id;
  }

  private keep(saved: boolean): void {
    const { kind, texts, sent } = this.state;
    const { attempt } = this.sending;
    const leaving = sent?.state === 'leaving' || sent?.state === 'undoing' ? { ...sent, state: 'leaving' as const } : null;
    if (!attempt && !leaving && !KINDS.some((one) => this.worth(one))) return forget(this.world.shelf, this.caseId);
    keep(this.world.shelf, this.caseId, { kind, texts, version: this.draft.version, saved, attempt, sent: leaving });
  }

  /** The editor is to show another text than it has. */
  private redraw(change: Partial<Snapshot>): void {
    this.set({ ...change, revision: this.state.revision + 1 });
  }

  private set(change: Partial<Snapshot>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
