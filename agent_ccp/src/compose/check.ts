// What speaks against sending, and against a file, in words.
import { size } from '../mail/text';
import type { Content, Item } from './content';
import { ready } from './content';
import { mentionsFile, nothing } from './plain';
import type { Kind, Limits } from './types';
import { WORDS } from './words';

export const MOST_FORWARDED = 10;

export const DEFAULT_LIMITS: Limits = { file: 20_000_000, total: 25_000_000, files: 20, html: 200_000 };

/** Decimal megabytes, as the limits are: "20 MB". */
export function megabytes(bytes: number): string {
  return bytes >= 1_000_000 ? `${Math.round(bytes / 100_000) / 10} MB` : size(bytes);
}

/** Why it cannot be sent as it is; null when it can. Files under way only make it wait. */
export function refusal(kind: Kind, content: Content, signatureHtml: string, limits: Limits): string | null {
  if (kind !== 'note' && content.to.length === 0) return WORDS.refuse.nobody;
  if (content.items.some(({ state }) => state === 'failed')) return WORDS.refuse.failed;
  if (kind !== 'forward' && nothing(content.html, signatureHtml)) return WORDS.refuse.empty[kind];
  if (content.html.length > limits.html) return WORDS.refuse.long;
  const everyone = content.to.length + content.cc.length + content.bcc.length;
  if (kind === 'forward' && everyone > MOST_FORWARDED) return WORDS.tooMany(MOST_FORWARDED);
  return null;
}

/** Whether the text speaks of a file and none goes along. */
export function lacksFile(kind: Kind, content: Content, signatureHtml: string): boolean {
  const attached = ready(content).some(({ inline }) => !inline);
  // The forwarded mail brings its own.
  return kind !== 'forward' && !attached && mentionsFile(content.html, signatureHtml);
}

export function total(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + (item.state === 'failed' ? 0 : item.size), 0);
}

interface Sized {
  readonly name: string;
  readonly size: number;
}

/** Which of the files fit beside those there, and why the others do not. */
export function admit<T extends Sized>(
  files: readonly T[],
  items: readonly Item[],
  limits: Limits,
): { readonly taken: T[]; readonly problems: string[] } {
  const taken: T[] = [];
  const problems: string[] = [];
  let sum = total(items);
  for (const file of files) {
    if (items.length + taken.length >= limits.files) {
      problems.push(WORDS.file.count(limits.files));
      break;
    }
    if (file.size === 0) problems.push(WORDS.file.empty(file.name));
    else if (file.size > limits.file) problems.push(WORDS.file.tooLarge(file.name, megabytes(limits.file)));
    else if (sum + file.size > limits.total) problems.push(WORDS.file.overall(file.name, megabytes(limits.total)));
    else {
      taken.push(file);
      sum += file.size;
    }
  }
  return { taken, problems };
}
