// mailto links (RFC 6068). The quote is not in the link: the relay adds it to the sent answer.

/** Windows and several mail clients cut or refuse longer links. */
export const LONGEST_LINK = 1799;

const ADDRESS = /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/;
const ANSWERED = /^\s*(?:re\s*(?:\[\d+\])?\s*:\s*)+/i;
const LINE_BREAKS_AND_CONTROLS = /[\u0000-\u001f\u007f\u2028\u2029]+/g;

/** "Re: " once, whatever the subject began with. Line breaks become spaces. */
export function replySubject(subject: string): string {
  const oneLine = subject.replace(LINE_BREAKS_AND_CONTROLS, ' ').trim().replace(ANSWERED, '');
  return `Re: ${oneLine}`.trimEnd();
}

/** encodeURIComponent leaves five characters alone that some mail clients trip over. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * A mailto link with a subject and nothing else, or null when `address` is not a plain address.
 * `+` is sent as %2B since some clients read a bare + as a space (RFC 6068 section 5).
 * A long subject is shortened by whole characters until the link fits LONGEST_LINK.
 */
export function mailtoLink(address: string, subject: string): string | null {
  if (!ADDRESS.test(address)) return null;
  const at = address.lastIndexOf('@');
  const start = `mailto:${encode(address.slice(0, at))}@${encode(address.slice(at + 1))}?subject=`;
  const whole = encode(subject);
  if (start.length + whole.length <= LONGEST_LINK) return start + whole;
  const room = LONGEST_LINK - start.length - encode('…').length;
  let cut = '';
  for (const char of subject.toWellFormed()) {
    const next = cut + encode(char);
    if (next.length > room) break;
    cut = next;
  }
  return start + cut + encode('…');
}
