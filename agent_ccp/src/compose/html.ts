// The written text between the editor, which shows images, and the API, which names them as cid:.
import createDOMPurify from 'dompurify';

const TAGS = [
  ...['a', 'b', 'blockquote', 'br', 'code', 'div', 'em', 'h1', 'h2', 'h3', 'hr', 'i', 'img', 'li', 'ol', 'p', 'pre'],
  ...['s', 'span', 'strong', 'sub', 'sup', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'u', 'ul'],
];
/** Of a <b> that is not bold: some word processors put one around everything that is copied. */
const NOT_BOLD = 'data-plain';
const PLAIN = ['alt', 'title', 'width', 'height', 'colspan', 'rowspan', 'start', 'dir', 'data-file', NOT_BOLD];
const SCHEMES = /^(?:https?|mailto|tel|data):/i;

/** What a mail program shows without being asked, and the store takes. */
export const IMAGE_TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
const DATA_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,/i;

/** A document nothing is loaded in: an image named cid: would be asked for in this one. */
const ELSEWHERE = document.implementation.createHTMLDocument('');

const purify = createDOMPurify(window);

// The few styles that mean what the toolbar's buttons mean; colours and fonts of elsewhere do not come along.
purify.addHook('beforeSanitizeAttributes', (node) => {
  if (!(node instanceof HTMLElement) || !node.hasAttribute('style')) return;
  const { fontWeight, fontStyle, textDecoration, textDecorationLine } = node.style;
  node.removeAttribute('style');
  if (/^(?:bold|bolder|[6-9]00)$/.test(fontWeight)) wrap(node, 'b');
  else if (fontWeight && /^(?:B|STRONG)$/.test(node.nodeName)) node.setAttribute(NOT_BOLD, '');
  if (fontStyle === 'italic') wrap(node, 'i');
  if (`${textDecoration} ${textDecorationLine}`.includes('underline') && node.nodeName !== 'A') wrap(node, 'u');
});

purify.addHook('afterSanitizeAttributes', (node) => {
  if (node.nodeName === 'A') {
    const href = node.getAttribute('href') ?? '';
    if (!/^(?:https?|mailto|tel):/i.test(href)) node.removeAttribute('href');
  }
  // The element is kept for now, so that whoever pastes can be told that an image was left out.
  if (node.nodeName === 'IMG' && !DATA_IMAGE.test(node.getAttribute('src') ?? '')) node.removeAttribute('src');
});

function wrap(node: HTMLElement, tag: string): void {
  if (node.nodeName.toLowerCase() === tag) return;
  // In the node's own document, where nothing loads or runs: what is inside has not been cleaned yet.
  const inner = node.ownerDocument.createElement(tag);
  inner.append(...node.childNodes);
  node.append(inner);
}

/** A part of a document with nothing in it but text, formats, links and images that are its own. */
export function clean(html: string): DocumentFragment {
  const fragment = purify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href', 'src', ...PLAIN],
    ADD_URI_SAFE_ATTR: PLAIN,
    ALLOW_DATA_ATTR: false,
    ALLOWED_URI_REGEXP: SCHEMES,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const node of fragment.querySelectorAll(`[${NOT_BOLD}]`)) node.replaceWith(...node.childNodes);
  return document.importNode(fragment, true);
}

export interface Image {
  readonly key: string;
  readonly contentId: string;
}

/** The editor's HTML as it is kept and sent: images by cid:, and those not uploaded yet left out. */
export function forMail(root: HTMLElement, contentIds: ReadonlyMap<string, string>): string {
  const copy = ELSEWHERE.importNode(root, true);
  for (const image of copy.querySelectorAll('img')) {
    const contentId = contentIds.get(image.dataset.file ?? '');
    if (contentId) {
      image.setAttribute('src', `cid:${contentId}`);
      image.removeAttribute('data-file');
    } else image.remove();
  }
  for (const input of copy.querySelectorAll('input')) input.remove();
  return copy.innerHTML;
}

/** One transparent pixel, until the image itself is there. */
const PIXEL = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';

/** Mail HTML as the editor shows it: each image of ours carries its key and waits for its bytes. */
export function forEditor(html: string, images: readonly Image[], bytes: ReadonlyMap<string, string>): string {
  const { body } = new DOMParser().parseFromString(html, 'text/html');
  for (const image of body.querySelectorAll('img')) {
    const contentId = (image.getAttribute('src') ?? '').replace(/^cid:/i, '');
    const own = images.find((each) => each.contentId === contentId);
    if (!own) {
      image.remove();
      continue;
    }
    image.dataset.file = own.key;
    image.setAttribute('src', bytes.get(own.key) || PIXEL);
  }
  const holder = ELSEWHERE.createElement('div');
  holder.append(clean(body.innerHTML));
  return holder.innerHTML;
}
