// What a text begins with: whom it goes to, what it answers, and the signature.
import type { CaseView } from '../api';
import { recipients } from '../case';
import { EMPTY, type Content } from './content';
import { seenOf } from './seen';
import type { ComposerInfo, Kind } from './types';

const FORWARDED = /^\s*(?:(?:fwd?|wg|tr|rv)\s*:\s*)+/i;

export function forwardSubject(subject: string): string {
  return `Fwd: ${subject.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim().replace(FORWARDED, '')}`.trimEnd();
}

/** Two empty lines to write in, and the signature below. */
export function signed(signatureHtml: string): string {
  return signatureHtml ? `<div><br></div><div><br></div>${signatureHtml}` : '';
}

/** An untouched text of a kind, about a message or else the customer's newest. */
export function fresh(kind: Kind, view: CaseView, info: ComposerInfo, about = ''): Content {
  const answers = about || seenOf(view).latest_message_id;
  if (kind === 'note') return { ...EMPTY, answers };
  const html = signed(info.signature.html);
  if (kind === 'forward') {
    const message = view.messages.find(({ id }) => id === answers);
    return { ...EMPTY, answers, html, subject: forwardSubject(message?.subject ?? view.case.subject ?? '') };
  }
  const goes = recipients(view);
  const addresses = (people: readonly { readonly address: string }[]): string[] => people.map(({ address }) => address);
  return { ...EMPTY, answers, html, to: addresses(goes?.to ?? []), cc: addresses(goes?.cc ?? []) };
}
