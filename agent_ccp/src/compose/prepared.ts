// Prepared replies: the team's, and those an agent keeps for himself.
import { plain } from './plain';
import type { Canned, OwnReply } from './types';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Prepared text as HTML, where it has none of its own. */
export function cannedHtml({ html, text }: Canned): string {
  return html || text.replace(/[&<>"]/g, (char) => escapes[char] ?? char).replace(/\n/g, '<br>');
}

/** Those with all the words typed, the agent's own first, and in each part those first that are called so. */
export function matching(replies: readonly Canned[], typed: string): Canned[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (text: string): boolean => words.every((word) => text.toLowerCase().includes(word));
  const rank = ({ title, mine }: Canned): number => (mine ? 0 : 2) + (has(title) ? 0 : 1);
  return replies.filter(({ title, text }) => has(`${title} ${text}`)).sort((a, b) => rank(a) - rank(b));
}

const MOST = 60;

/** A name for a new reply that the service takes and no other one has. */
export function newId(title: string, taken: readonly OwnReply[]): string {
  const words = title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().match(/[a-z0-9]+/g) ?? ['reply'];
  const base = words.join('-').slice(0, MOST - 4).replace(/-$/, '');
  const ids = new Set(taken.map(({ id }) => id));
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? base : `${base}-${n}`;
    if (!ids.has(id)) return id;
  }
}

const squeezed = (text: string): string => plain(text).replace(/\s+/g, ' ').trim();

/** The text of an answer as it can be used again: without its signature and its images. */
export function reusable(html: string, signatureHtml: string): string {
  const { body } = new DOMParser().parseFromString(html, 'text/html');
  for (const image of body.querySelectorAll('img')) image.remove();
  const signature = squeezed(signatureHtml);
  if (signature) cut(body, signature);
  while (body.lastElementChild && body.lastChild === body.lastElementChild && !squeezed(body.lastElementChild.outerHTML)) {
    body.lastElementChild.remove();
  }
  return body.innerHTML;
}

/** Takes the last elements away that together say `words`. */
function cut(body: HTMLElement, words: string): void {
  const last: ChildNode[] = [];
  for (let node = body.lastChild; node; node = node.previousSibling) {
    last.unshift(node);
    const said = squeezed(last.map((each) => (each instanceof Element ? each.outerHTML : (each.textContent ?? ''))).join(''));
    if (said === words) {
      for (const each of last) each.remove();
      return;
    }
    if (!words.endsWith(said)) return;
  }
}
