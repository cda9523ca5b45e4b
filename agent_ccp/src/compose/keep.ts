// What is being written, kept in the tab, so that no reload, lost connection or ended session loses it.
// sessionStorage and not localStorage: it ends with the tab, and no other window reads it.
import type { Content, Texts } from './content';
import { each, EMPTY, fileOf, itemOf } from './content';
import type { Departed } from './state';
import { KINDS, type FileRef, type Kind, type Outgoing } from './types';

export interface Attempt {
  readonly key: string;
  readonly body: Outgoing;
}

export interface Kept {
  readonly kind: Kind;
  readonly texts: Texts;
  /** Of the draft it was made from; 0 for none. */
  readonly version: number;
  /** Whether the draft in the case says the same. */
  readonly saved: boolean;
  /** A send that has not been answered. */
  readonly attempt: Attempt | null;
  /** What was sent and can still be taken back. */
  readonly sent: Departed | null;
}

export interface Shelf {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const name = (caseId: string): string => `email-writing-${caseId}`;

type Flat = Omit<Content, 'items'> & { readonly files: readonly FileRef[] };

function flat({ items, ...content }: Content): Flat {
  return { ...content, files: items.filter(({ state }) => state === 'done').map(fileOf) };
}

function full({ files, ...content }: Flat): Content {
  return { ...EMPTY, ...content, items: files.map(itemOf) };
}

/** As it stands in the tab: content without what only lives in the page. */
interface Stored extends Omit<Kept, 'texts' | 'sent'> {
  readonly texts: Record<Kind, Flat>;
  readonly sent: (Omit<Departed, 'content'> & { readonly content: Flat }) | null;
}

function stored({ texts, sent, ...kept }: Kept): Stored {
  const { reply, note, forward } = texts;
  const flats = { reply: flat(reply), note: flat(note), forward: flat(forward) };
  return { ...kept, texts: flats, sent: sent && { ...sent, content: flat(sent.content) } };
}

/** False when the browser has no room for it. */
export function keep(shelf: Shelf, caseId: string, kept: Kept): boolean {
  try {
    shelf.setItem(name(caseId), JSON.stringify(stored(kept)));
    return true;
  } catch {
    return false;
  }
}

/** What was kept, or null; whatever cannot be read is as good as nothing. */
export function recall(shelf: Shelf, caseId: string): Kept | null {
  try {
    const raw = JSON.parse(shelf.getItem(name(caseId)) ?? 'null') as Stored | null;
    if (!raw || !KINDS.includes(raw.kind)) return null;
    const sent = raw.sent ? { ...raw.sent, content: full(raw.sent.content) } : null;
    return { ...raw, texts: each((kind) => full(raw.texts[kind])), sent };
  } catch {
    return null;
  }
}

export function forget(shelf: Shelf, caseId: string): void {
  shelf.removeItem(name(caseId));
}
