// What one answer, note or forward consists of while it is written. Nothing here touches the page.
import { sameAddress } from '../case';
import { ROWS, type Draft, type FileRef, type Kind, type Next, type Outgoing, type Row, type Seen } from './types';

/** A file on its way to the store, there, or refused. */
export interface Item extends FileRef {
  /** The page's own name for it; `id` is empty until the API has given one. */
  readonly key: string;
  readonly state: 'sending' | 'done' | 'failed';
  /** 0 to 1. */
  readonly progress: number;
  readonly trouble: string;
}

export interface Content {
  readonly html: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly next: Next;
  readonly answers: string;
  readonly subject: string;
  readonly items: readonly Item[];
}

export const EMPTY: Content = {
  html: '',
  to: [],
  cc: [],
  bcc: [],
  next: 'default',
  answers: '',
  subject: '',
  items: [],
};

/** Each kind has a text of its own: what was meant for colleagues never becomes a reply by a click. */
export type Texts = Readonly<Record<Kind, Content>>;

export function each(make: (kind: Kind) => Content): Texts {
  return { reply: make('reply'), note: make('note'), forward: make('forward') };
}

/** A text with what was begun meanwhile below it. */
export function joined(first: Content, second: Content): Content {
  return { ...first, html: first.html + second.html, items: [...first.items, ...second.items] };
}

export function itemOf(file: FileRef): Item {
  return { ...file, key: file.id, state: 'done', progress: 1, trouble: '' };
}

export function fileOf({ id, filename, content_type, size, inline, content_id }: Item): FileRef {
  return { id, filename, content_type, size, inline, content_id: content_id ?? null };
}

/** The files that are in the store; an image that is no longer in the text does not go along. */
export function ready(content: Content): Item[] {
  return content.items.filter(
    ({ state, inline, content_id }) =>
      state === 'done' && (!inline || (!!content_id && content.html.includes(`cid:${content_id}`))),
  );
}

/** How many go along as files, and how many are images in the text. */
export function counted(items: readonly Item[]): readonly [attached: number, inline: number] {
  const inline = items.filter((item) => item.inline).length;
  return [items.length - inline, inline];
}

export function sending({ items }: Content): boolean {
  return items.some(({ state }) => state === 'sending');
}

export function ofDraft(draft: Draft): Content {
  const { html, to, cc, bcc, next, answers, files } = draft;
  return { html, to, cc, bcc, next, answers, subject: '', items: files.map(itemOf) };
}

/** The body of PUT /case/draft but for its version. */
export type DraftBody = Omit<Outgoing, 'seen' | 'subject' | 'draft_version'>;

export function draftBody(kind: Kind, content: Content): DraftBody {
  const { html, to, cc, bcc, next, answers } = content;
  return { kind, html, to, cc, bcc, next, answers, files: ready(content).map(({ id }) => id) };
}

export function outgoing(kind: Kind, content: Content, seen: Seen, draftVersion: number): Outgoing {
  const { html, to, cc, bcc, next, answers, subject } = content;
  const people = kind === 'note' ? { to: [], cc: [], bcc: [] } : { to, cc, bcc };
  return {
    kind,
    html,
    ...people,
    next: kind === 'reply' ? next : 'default',
    answers,
    files: ready(content).map(({ id }) => id),
    seen,
    ...(kind === 'forward' && subject.trim() ? { subject: subject.trim() } : {}),
    ...(draftVersion > 0 ? { draft_version: draftVersion } : {}),
  };
}

export function withItem(content: Content, key: string, change: Partial<Item> | null): Content {
  const items = content.items.flatMap((item) => {
    if (item.key !== key) return [item];
    return change ? [{ ...item, ...change }] : [];
  });
  return { ...content, items };
}

/** The same change to a file in whichever text it is. */
export function everywhere(texts: Texts, key: string, change: Partial<Item> | null): Texts {
  return each((kind) => withItem(texts[kind], key, change));
}

/** Puts an address into a row, and takes it out of the others. */
export function put(content: Content, row: Row, address: string): Content {
  const rows = ROWS.map((each) => {
    const others = content[each].filter((one) => !sameAddress(one, address));
    if (each !== row) return [each, others] as const;
    return [each, content[each].some((one) => sameAddress(one, address)) ? content[each] : [...others, address]] as const;
  });
  return { ...content, ...Object.fromEntries(rows) };
}

export function drop(content: Content, row: Row, address: string): Content {
  return { ...content, [row]: content[row].filter((one) => one !== address) };
}
