// What became of an answer, in words: on its way, arrived, come back or taken back.
import type { CaseMessage, CaseView } from './api';
import { addressText, inOrder } from './case';
import { reasonText } from './decision';
import { instant } from './mail/dates';
import { shown } from './mail/text';

export type Mood = 'success' | 'error' | 'warning' | 'pending' | 'in-progress' | 'info' | 'stopped';

const DELIVERY: Readonly<Record<string, readonly [Mood, string]>> = {
  queued: ['pending', 'Waiting to be sent'],
  pending: ['pending', 'Waiting to be sent'],
  sending: ['in-progress', 'Being sent'],
  sent: ['in-progress', 'Sent, not confirmed yet'],
  delivered: ['success', 'Delivered'],
  delayed: ['warning', 'Delayed, still being tried'],
  deliverydelay: ['warning', 'Delayed, still being tried'],
  bounced: ['error', 'Bounced: not delivered'],
  bounce: ['error', 'Bounced: not delivered'],
  complained: ['error', 'Reported as spam by the recipient'],
  complaint: ['error', 'Reported as spam by the recipient'],
  rejected: ['error', 'Refused by Amazon SES: not sent'],
  reject: ['error', 'Refused by Amazon SES: not sent'],
  failed: ['error', 'Could not be sent'],
  suppressed: ['error', 'Not sent: the address is suppressed'],
  held: ['warning', 'Held back'],
  unknown: ['warning', 'Nobody knows whether this was sent'],
  undone: ['stopped', 'Taken back: not sent'],
};

export interface Delivery {
  readonly mood: Mood;
  readonly text: string;
}

/** How to show a delivery state ("failed: why" is one too); one without entry is shown as it is. */
export function delivery(state: string | null | undefined): Delivery | null {
  if (!state) return null;
  const [word = ''] = state.split(':');
  const known = DELIVERY[word.toLowerCase().replace(/[^a-z]/g, '')];
  return known ? { mood: known[0], text: known[1] } : { mood: 'info', text: shown(state) };
}

/** What a mail server said, without the name of the protocol (RFC 3464, diagnostic-type). */
function said(reason: string | null | undefined): string {
  return shown((reason ?? '').replace(/\bsmtp;\s*/gi, ''));
}

export interface Line extends Delivery {
  readonly address: string;
  readonly reason: string;
}

const BY_TROUBLE: readonly Mood[] = ['error', 'warning', 'info', 'pending', 'in-progress', 'stopped', 'success'];

/** What became of a mail for each of several recipients, trouble first; empty when there is only one. */
export function lines({ recipients }: CaseMessage): Line[] {
  if (!recipients || recipients.length < 2) return [];
  return recipients
    .map(({ address, status, reason }) => {
      const { mood, text } = delivery(status) ?? { mood: 'info', text: '' };
      return { address: shown(address), mood, text, reason: said(reason) };
    })
    .sort((a, b) => BY_TROUBLE.indexOf(a.mood) - BY_TROUBLE.indexOf(b.mood));
}

/** Whether somebody among several fared worse than that the mail is on its way or there. */
export function troubled(all: readonly Line[]): boolean {
  return all.some(({ mood }) => mood === 'error' || mood === 'warning');
}

const KINDS = ['bounced', 'complained', 'rejected', 'failed', 'not-sent', 'unknown'] as const;
export type Kind = (typeof KINDS)[number];

/** An answer that came to nothing: how, and why in words. */
export interface Lost {
  readonly kind: Kind;
  readonly why: string;
  /** Null when only the task tells of it. */
  readonly message: CaseMessage | null;
}

function kindOf(word: string): Kind | null {
  return KINDS.find((kind) => kind === word.trim().toLowerCase()) ?? null;
}

/** Whether a task's warning is about an answer that came back, and not about the mail it shows. */
export function isReturn(warning: string): boolean {
  return kindOf(warning) !== null;
}

const WELL = new Set(['sent', 'delivered', 'delayed']);

/** What the channel said when it brought a message back; null when it did not, or it arrived after all. */
export function returned(message: CaseMessage): Lost | null {
  const text = message.returned ?? '';
  const at = text.indexOf(':');
  const kind = kindOf(at < 0 ? text : text.slice(0, at));
  if (!kind || WELL.has(message.delivery ?? '')) return null;
  return { kind, why: at < 0 ? '' : said(text.slice(at + 1)), message };
}

/** The reason to show beside a delivery state that is no good news; empty for others. */
export function reason(message: CaseMessage): string {
  const told = returned(message);
  if (told?.why) return told.why;
  const { mood } = delivery(message.delivery) ?? { mood: 'success' };
  if (mood !== 'error' && mood !== 'warning') return '';
  const [only, second] = message.recipients ?? [];
  if (only && !second && only.reason) return said(only.reason);
  const [, code = ''] = (message.delivery ?? '').split(/:(.*)/s);
  return reasonText(code);
}

const isOut = ({ direction }: CaseMessage): boolean => direction === 'out';

/**
 * The answer that came back and has not been made good since, or null. Without the case, what the
 * task says must do; with it, an answer that arrived after all is no news any more.
 */
export function lostAnswer(view: CaseView | null, warning: string, notice: string): Lost | null {
  const told = kindOf(warning);
  if (!view) return told ? { kind: told, why: said(notice), message: null } : null;
  if (view.case.answered) return null;
  const out = inOrder(view.messages).filter(isOut);
  const at = out.findLastIndex((message) => returned(message) !== null);
  const lost = out[at];
  if (!lost) return null;
  const another = out.slice(at + 1).some(({ delivery: state }) => state !== 'undone');
  return another && !told ? null : returned(lost);
}

interface Advice {
  /** After "Your answer", "The answer by bob" or "An answer". */
  readonly header: string;
  readonly advice: string;
}

const ADVICE: Readonly<Record<Kind, Advice>> = {
  bounced: {
    header: 'did not arrive',
    advice:
      'If the reason will pass, answer again later. If the address is wrong, call the customer, or ask for a mail from the right one: it can be added to the case.',
  },
  complained: {
    header: 'was reported as spam',
    advice: 'Call the customer before you write again. Amazon SES sends nothing more to this address until an administrator allows it.',
  },
  rejected: {
    header: 'was not sent',
    advice: 'Answer again, without its attachments if it had some: Amazon SES refuses mail in which it finds a virus.',
  },
  failed: { header: 'was not sent', advice: 'Answer again, or call the customer. If it happens again, tell an administrator.' },
  'not-sent': { header: 'was not sent', advice: 'Answer again, or call the customer. If it happens again, tell an administrator.' },
  unknown: {
    header: 'may not have been sent',
    advice: 'Ask the customer whether it arrived, or answer again: then it may arrive twice.',
  },
};

/** The banner about an answer that came back, for the agent `me`. */
export function words({ kind, message }: Lost, me: string): Advice {
  const { header, advice } = ADVICE[kind];
  const author = shown(message?.actor ?? '');
  const whose = !author ? 'The answer' : author === me ? 'Your answer' : `The answer by ${author}`;
  return { header: `${whose} ${header}`, advice };
}

const SUPPRESSED: Readonly<Record<string, string>> = {
  bounce: 'mail to it has bounced before',
  complaint: 'its owner has reported mail as spam',
};

/** Why an answer would not reach the customer's address; empty when nothing is known against it. */
export function suppression(view: CaseView | null): string {
  const cause = (view?.case.suppressed ?? '').toLowerCase();
  if (!view || !cause) return '';
  const address = shown(addressText(view.case.customer)) || 'this address';
  const why = SUPPRESSED[cause] ?? reasonText(cause);
  return `Amazon SES sends nothing to ${address}: ${why}. Call the customer, or ask for a mail from another address. An administrator can take the address off the suppression list.`;
}

/** An answer that can still be taken back, and for how long from now on. */
export interface Leaving {
  readonly message: CaseMessage;
  readonly ms: number;
}

/** The newest answer that has not left yet. The time left is by the channel's clock, not this computer's. */
export function leaving(view: CaseView | null): Leaving | null {
  const now = instant(view?.now);
  const message = inOrder(view?.messages ?? []).findLast((each) => isOut(each) && each.not_before);
  const leaves = instant(message?.not_before);
  if (!message || leaves === null || now === null || leaves <= now) return null;
  return { message, ms: leaves - now };
}
