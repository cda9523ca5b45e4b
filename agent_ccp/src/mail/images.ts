// The images of a mail. Its own (cid:) come as attachments and are put in as data: URLs. Those of
// other hosts wait in data-blocked-src until the agent asks: fetching one tells its sender that,
// when and where the mail was read.
import { BROWSER } from '../api';
import type { Attachment, Mail } from './message';

export const BLOCKED = 'data-blocked-src';
const LARGEST = 5 * 1024 * 1024;
const MOST = 50;
const PATIENCE_MS = 30_000;
const TYPES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/jpg', 'image/gif', 'image/webp']);
const RASTER = /^data:image\/(?:png|jpe?g|gif|webp|bmp);base64,/i;

/** Data URLs by Content-ID. */
export type Pictures = ReadonlyMap<string, string>;

// DOMParser's document is inert: nothing in it runs or is fetched.
const parse = (html: string): HTMLElement => new DOMParser().parseFromString(html, 'text/html').body;

/** The Content-ID a cid: URL names (RFC 2392), or null. */
export function contentId(source: string | null): string | null {
  const id = /^\s*cid:(.*)$/is.exec(source ?? '')?.[1]?.trim();
  if (!id) return null;
  try {
    return decodeURIComponent(id).replace(/^<|>$/g, '');
  } catch {
    return id;
  }
}

/** The type of an image by its first bytes; null for everything but PNG, JPEG, GIF and WebP. */
export function imageType(octets: Uint8Array): string | null {
  const start = String.fromCharCode(...octets.subarray(0, 12));
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return 'image/gif';
  if (start.startsWith('RIFF') && start.slice(8) === 'WEBP') return 'image/webp';
  return null;
}

/** An https: address as the browser understands it; null for everything else. */
function remote(source: string | null): string | null {
  try {
    const url = new URL(source ?? '');
    return url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}

/** Whether a mail has images that "Show images" would load. */
export function hasRemote(html: string): boolean {
  if (!html.includes(BLOCKED)) return false;
  return [...parse(html).querySelectorAll(`img[${BLOCKED}]`)].some((each) => remote(each.getAttribute(BLOCKED)));
}

/** The attachments that are to be shown in the text. */
export function inText(mail: Mail): readonly Attachment[] {
  const ids = new Set([...parse(mail.html).querySelectorAll('img')].map((each) => contentId(each.getAttribute('src'))));
  return mail.attachments
    .filter(({ content_id, content_type, size }) =>
      !!content_id && ids.has(content_id) && TYPES.has(content_type.toLowerCase()) && size <= LARGEST)
    .slice(0, MOST);
}

/** A mail without the attachments its text shows already. */
export function besides(mail: Mail, inPlace: ReadonlySet<number>): Mail {
  return inPlace.size === 0 ? mail : { ...mail, attachments: mail.attachments.filter(({ n }) => !inPlace.has(n)) };
}

/** Puts images into sanitised HTML: a mail's own as far as they are there, others when asked for. */
export function withImages(html: string, pictures: Pictures, others: boolean): string {
  const root = parse(html);
  for (const each of root.querySelectorAll('img')) {
    const source = each.getAttribute('src');
    const own = pictures.get(contentId(source) ?? '');
    if (own) each.setAttribute('src', own);
    else if (source !== null && !RASTER.test(source)) each.removeAttribute('src');
    const other = others ? remote(each.getAttribute(BLOCKED)) : null;
    if (other && !own) {
      each.setAttribute('src', other);
      each.removeAttribute(BLOCKED);
    }
    each.removeAttribute('srcset');
  }
  return root.innerHTML;
}

function base64(octets: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < octets.length; at += 0x8000) parts.push(String.fromCharCode(...octets.subarray(at, at + 0x8000)));
  return btoa(parts.join(''));
}

/** Fetches an image from a presigned link as a data: URL. Rejects when it is none, or too large. */
export async function loadImage(url: string, fetcher: typeof fetch = BROWSER.fetch): Promise<string> {
  const answer = await fetcher(url, { cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!answer.ok) throw new Error(`The mail store answered ${answer.status}.`);
  const octets = new Uint8Array(await answer.arrayBuffer());
  const type = imageType(octets);
  if (!type || octets.length > LARGEST) throw new Error('This is not an image that can be shown.');
  return `data:${type};base64,${base64(octets)}`;
}
