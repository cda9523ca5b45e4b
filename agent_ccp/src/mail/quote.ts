// Folding the quoted mail away. Only a quote at the very end is folded: whoever answers between
// the lines needs their words seen where they stand.

export interface Split {
  readonly body: string;
  readonly quote: string | null;
}

const ATTRIBUTION = /:\s*$/;

function textAfter(node: Node, root: Node): string {
  let text = '';
  for (let at: Node | null = node; at && at !== root; at = at.parentNode) {
    for (let next = at.nextSibling; next; next = next.nextSibling) text += next.textContent ?? '';
  }
  return text.trim();
}

function hasBefore(node: Node, root: HTMLElement): boolean {
  const range = root.ownerDocument.createRange();
  range.setStart(root, 0);
  range.setEndBefore(node);
  return range.toString().trim().length > 0;
}

/** Divides sanitised HTML before a trailing blockquote. DOMParser's document is inert. */
export function splitQuote(html: string): Split {
  const root = new DOMParser().parseFromString(html, 'text/html').body;
  const quote = [...root.querySelectorAll('blockquote')].find((each) => !textAfter(each, root));
  if (!quote || !hasBefore(quote, root)) return { body: html, quote: null };
  const before = quote.previousElementSibling;
  // "On Monday Ann wrote:" belongs to the quote, when it is a line of its own.
  const attribution =
    before && ATTRIBUTION.test(before.textContent ?? '') && (before.textContent ?? '').length < 300
      ? before
      : null;
  const withAttribution = attribution && hasBefore(attribution, root);
  quote.remove();
  if (withAttribution) attribution.remove();
  return {
    body: root.innerHTML,
    quote: (withAttribution ? attribution.outerHTML : '') + quote.outerHTML,
  };
}
