// What the composer shows at a moment, and the world it writes in.
import type { CaseView } from '../api';
import type { Content, Texts } from './content';
import type { Store } from './files';
import type { Shelf } from './keep';
import type { Saving } from './saver';
import type { ComposerInfo, Draft, Kind, Newer, Seen } from './types';

export interface Departed {
  readonly id: string;
  readonly kind: Kind;
  readonly content: Content;
  /** Until then it can be taken back, by this computer's clock; 0 for never. */
  readonly until: number;
  /** Milliseconds it had at first. */
  readonly total: number;
  readonly state: 'leaving' | 'undoing' | 'gone' | 'undone' | 'late';
  readonly trouble: string;
}

export interface Stale {
  readonly newer: Newer;
  /** Whether a send was refused for it. */
  readonly refused: boolean;
  readonly seen: Seen;
}

export interface Snapshot {
  readonly kind: Kind;
  readonly texts: Texts;
  readonly info: ComposerInfo;
  readonly saving: Saving;
  /** The draft it was begun from, until it is changed. */
  readonly origin: Draft | null;
  readonly busy: boolean;
  /** Why it was not sent; until something is changed. */
  readonly problem: string;
  /** What was not taken into the text or along with it; until something else is. */
  readonly notice: string;
  readonly stale: Stale | null;
  /** Whether to ask about a file that seems to be missing. */
  readonly asksFile: boolean;
  readonly sent: Departed | null;
  readonly over: boolean;
  /** Grows when the editor is to show another text than it has. */
  readonly revision: number;
}

export function started(info: ComposerInfo, texts: Texts): Snapshot {
  return {
    kind: 'reply',
    texts,
    info,
    saving: { kind: 'clean' },
    origin: null,
    busy: false,
    problem: '',
    notice: '',
    stale: null,
    asksFile: false,
    sent: null,
    over: false,
    revision: 0,
  };
}

export interface World {
  readonly store: Store;
  readonly shelf: Shelf;
  readonly now: () => number;
  readonly later: (run: () => void, ms: number) => () => void;
  readonly newKey: () => string;
}

/** Asks for the case now; null when it cannot be read. */
export type Refresh = () => Promise<CaseView | null>;
