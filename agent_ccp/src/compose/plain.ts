// The words of a written text, for checks and for the clipboard; never shown as HTML.

const BREAKS = /<(?:br|hr)\b[^>]*>|<\/(?:p|div|li|tr|h[1-6]|blockquote|pre|table)>/gi;
const ENTITIES: Readonly<Record<string, string>> = { nbsp: ' ', amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** Plain text of HTML as an editor writes it: one line per block. */
export function plain(html: string): string {
  return html
    .replace(BREAKS, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(nbsp|amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name] ?? '')
    .replace(/[\u00a0\u200b]/g, (char) => (char === '\u00a0' ? ' ' : ''))
    .replace(/[ \t]+\n/g, '\n')
    .trim();
}

const squeezed = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** What the agent wrote: the text without the signature that was put below it. */
export function own(html: string, signatureHtml: string): string {
  const text = squeezed(plain(html));
  const signature = squeezed(plain(signatureHtml));
  return signature && text.endsWith(signature) ? text.slice(0, -signature.length).trim() : text;
}

/** Whether there is nothing to send: no words but the signature's, and no image. */
export function nothing(html: string, signatureHtml: string): boolean {
  const images = (text: string): number => (text.match(/<img\b/gi) ?? []).length;
  return own(html, signatureHtml) === '' && images(html) <= images(signatureHtml);
}

// Stems, in the languages mail comes in; a false alarm costs one more click.
const ATTACHED =
  /\battach|\benclos|anbei|angehängt|\banhang\b|beigefügt|ci-joint|pièces? jointe|adjunt|anex[oa]|allegat|bijlage|bijgevoegd|załącz|bifog|vedlagt|vedhæft|liitteenä|příloh|附件|添付|첨부|مرفق|вложен|прикреп/iu;

/** Whether a text speaks of a file that goes along. */
export function mentionsFile(html: string, signatureHtml: string): boolean {
  return ATTACHED.test(own(html, signatureHtml));
}
