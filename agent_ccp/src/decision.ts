// Mail that was held, refused or set apart: what that means, and what an agent can do about it.
import type { CaseMessage, CaseView } from './api';
import { addressText, inOrder, person, recipients, sameAddress } from './case';
import type { Mail, Person, Warning } from './mail/message';
import { shown } from './mail/text';

export type Action = 'admit' | 'add' | 'new-case' | 'block' | 'send' | 'discard' | 'reply-to';

export interface Words {
  /** On the button. */
  readonly label: string;
  /** Beside the button: what follows from it. */
  readonly meaning: string;
  /** Once it is done. */
  readonly done: string;
}

export const ACTIONS: Readonly<Record<Action, Words>> = {
  admit: {
    label: 'Admit this mail',
    meaning: 'This mail counts as part of the case, this once. Its sender gets nothing, and the sender’s next mail is held again.',
    done: 'The mail is part of the case now. Its sender got nothing.',
  },
  add: {
    label: 'Add to the case',
    meaning: 'This mail counts as part of the case. From now on its sender gets a copy of every answer and may write to the case.',
    done: 'The mail is part of the case now, and its sender gets a copy of every answer from now on.',
  },
  'new-case': {
    label: 'Open a new case',
    meaning: 'The mail leaves this case. It opens one of its own, with its sender as the customer.',
    done: 'The mail has a case of its own now. It comes to an agent as a new task.',
  },
  block: {
    label: 'Block sender',
    meaning: 'This mail is kept. Later mail of the sender to this case goes to the quarantine, where no agent sees it.',
    done: 'The sender is blocked on this case. The mail is kept.',
  },
  send: {
    label: 'Send anyway',
    meaning: 'The answer goes out as it was written.',
    done: 'The answer is on its way.',
  },
  discard: {
    label: 'Do not send',
    meaning: 'The answer is kept in the case and never goes out.',
    done: 'The answer was not sent. It is kept in the case.',
  },
  'reply-to': {
    label: 'Copy answers to',
    meaning: 'From now on this address gets a copy of every answer. The customer gets them as before.',
    done: 'The address gets a copy of every answer from now on.',
  },
};

const ON_HELD: readonly Action[] = ['admit', 'add', 'new-case', 'block', 'send', 'discard'];
/** They cannot be taken back by another click, or tell something to somebody new. */
const CONFIRMED: ReadonlySet<Action> = new Set<Action>(['add', 'block', 'reply-to']);

export function mustBeConfirmed(action: Action): boolean {
  return CONFIRMED.has(action);
}

/** The actions a held message offers, in the order they are shown. */
export function actionsOf(message: CaseMessage): Action[] {
  return ON_HELD.filter((action) => message.actions?.includes(action));
}

/** The messages that wait for a decision, oldest first. */
export function holds(view: CaseView | null): CaseMessage[] {
  return inOrder(view?.messages ?? []).filter((message) => actionsOf(message).length > 0);
}

/** How many messages wait for a decision: also such as this page was not told of. */
export function undecided(view: CaseView | null): number {
  return Math.max(view?.case.held ?? 0, holds(view).length);
}

/** An agent's mail that was meant for the customer, or for the case. */
export function isAnswer({ kind, direction }: CaseMessage): boolean {
  return direction === 'out' || kind === 'relay' || kind === 'reply';
}

/** Where a mail asks for its answers, when that is not where it came from. */
export function otherReplyTo(message: { readonly from?: CaseMessage['from']; readonly reply_to?: CaseMessage['reply_to'] }): Person[] {
  return (message.reply_to ?? []).map(person).filter((each) => each.address && !sameAddress(each, message.from));
}

/** Whether all these people get the next answer. */
export function getAnswers(people: readonly Person[], view: CaseView | null): boolean {
  const goes = recipients(view);
  const all = goes ? [...goes.to, ...goes.cc] : [];
  return people.every((each) => all.some((one) => sameAddress(one, each)));
}

export type Colour = 'blue' | 'grey' | 'red' | 'severity-medium' | 'severity-low';

export interface Standing {
  readonly text: string;
  readonly colour: Colour;
  /** Why, in words; may be empty. */
  readonly reason: string;
}

const STANDINGS: Readonly<Record<string, readonly [Colour, string]>> = {
  held: ['severity-medium', 'Held'],
  flagged: ['severity-low', 'Flagged'],
  blocked: ['red', 'Blocked'],
  discarded: ['grey', 'Not sent'],
  noted: ['grey', 'Note'],
  moved: ['blue', 'Moved'],
  quarantined: ['red', 'Quarantined'],
};
const ORDINARY = new Set(['', 'accepted', 'normal', 'attached', 'opened', 'continued', 'sent']);

const REASONS: Readonly<Record<string, string>> = {
  // mail from outside
  new: '',
  admitted: '',
  added: '',
  customer: '',
  participant: '',
  'agent-note': '',
  'new-unverified': 'Its sender could not be verified',
  'customer-unverified': 'It names the customer as its sender, which could not be verified',
  'participant-unverified': 'It names somebody of this case as its sender, which could not be verified',
  'third-party': 'Its sender is not part of this case',
  'third-party-unverified': 'Its sender is not part of this case, and could not be verified',
  colleague: 'Its sender is not part of this case, but writes from the customer’s organisation',
  'agent-unverified': 'It says that it comes from an agent of yours, which could not be verified',
  'blocked-sender': 'Its sender is blocked on this case',
  // mail of agents
  'agent-domain': 'It did not come from a mail domain of your company',
  'case-closed': 'The case was closed',
  discard: 'An agent decided so',
  'cannot-compose': 'No mail could be made of it',
  'from-syntax': 'Who sent it could not be told for certain',
  'no-case': 'There is no such case',
  'no-customer': 'The customer’s mail named no sender to answer',
  'not-allowed': 'The case is not with a queue or an agent who may answer it',
  'token-in-attachment': 'An attached mail shows an internal address',
  'too-many': 'More answers in an hour than are allowed',
  'unknown-agent': 'Its sender is no agent',
  address: 'Its reply address is incomplete or unknown',
  automatic: 'It was written by a machine',
  dmarc: 'Its sender could not be verified',
  empty: 'It says nothing new',
  loop: 'It is a mail of our own that came back',
  forwarded: 'It was forwarded, not written as a reply',
  spam: 'It was taken for spam',
  stale: 'The customer wrote again before it was sent',
  token: 'Its reply address was made for another agent or case, or is no longer valid',
  'unknown-command': 'Its first line is a command that does not exist',
  virus: 'It carries a virus',
};

/** A code of the channel as words: its sentence, or the code without its dashes. */
export function reasonText(reason: string | null | undefined): string {
  const code = (reason ?? '').trim();
  const known = REASONS[code.toLowerCase()];
  if (known !== undefined) return known;
  const words = shown(code.replace(/[_-]+/g, ' '));
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** How to mark a message that was not simply taken in; null for one that was. */
export function standing(message: CaseMessage): Standing | null {
  const decided = (message.disposition ?? '').toLowerCase();
  const reason = reasonText(message.reason);
  if (isAnswer(message) && decided === 'held') return { text: 'Answer held', colour: 'severity-medium', reason };
  if (isAnswer(message) && decided === 'blocked') return { text: 'Not sent', colour: 'red', reason };
  if (isAnswer(message) && decided === 'noted') {
    return { text: 'Released', colour: 'grey', reason: 'It was held, and an agent decided to send it' };
  }
  if (decided === 'noted' || message.kind === 'note') return { text: 'Note', colour: 'grey', reason: 'For agents only: it was not sent' };
  if (decided === 'moved') return { text: 'Moved', colour: 'blue', reason: 'It has a case of its own' };
  const known = STANDINGS[decided];
  if (known) return { text: known[1], colour: known[0], reason };
  return ORDINARY.has(decided) ? null : { text: reasonText(decided), colour: 'grey', reason };
}

/** Who wrote a message: an address, an agent's user name, or words for somebody unknown. */
export function writer(message: CaseMessage): string {
  const agent = isAnswer(message) || message.kind === 'note' ? message.actor : '';
  return shown(agent || addressText(message.from)) || 'an unknown address';
}

const HELD_FOR: ReadonlySet<string> = new Set(['third-party', 'third-party-unverified', 'colleague', 'agent-unverified']);

/** The warnings of a message that say more than the reason it is held for. */
export function extraWarnings({ warnings, reason }: CaseMessage): string[] {
  const more = (warnings ?? []).filter(({ code }) => code !== reason && !HELD_FOR.has(code));
  return [...new Set(more.map(({ text }) => shown(text)).filter(Boolean))];
}

/**
 * What to warn of: as the mail says, as its case says now, and as the task's attribute says, which
 * carries a code or a sentence about the sender. The others say more than a code.
 */
export function warningsOf(
  attribute: string,
  mail: Mail | null,
  message: CaseMessage | null,
  view: CaseView | null = null,
): Warning[] {
  const given = [...(message?.warnings ?? []), ...(mail?.warnings ?? [])];
  const own = given.map(({ code, text }) => ({ code, text: shown(text) })).filter(({ text }) => text);
  const said = shown(attribute);
  const isCode = /^[a-z0-9_-]+$/i.test(said);
  const repeated = isCode ? own.length > 0 : own.some(({ text }) => text === said);
  if (said && !repeated) {
    const words = `Look twice before you answer: ${said.replace(/[_-]/g, ' ')}.`;
    own.unshift(isCode ? { code: said, text: words } : { code: 'sender', text: said });
  }
  const settled = message !== null && actionsOf(message).length === 0 && message.disposition !== 'held';
  const copied = message !== null && getAnswers(otherReplyTo(message), view);
  const over = (code: string): boolean => (settled && HELD_FOR.has(code)) || (copied && code === 'different-reply-to');
  const valid = own.filter(({ code }) => !over(code));
  return valid.filter(({ text }, at) => valid.findIndex((each) => each.text === text) === at);
}

/** Whether a mail says of itself that it was held when it came, for when the case cannot be read. */
export function wasHeld(attribute: string, warnings: readonly Warning[]): boolean {
  return [attribute, ...warnings.map(({ code }) => code)].some((code) => HELD_FOR.has(code));
}

const ABOUT_THE_SENDER = /unverified|third-party|participant|look-?alike|display-?name|own-name|agent|colleague|puny|mixed-script|reply-?to|sender|from\b|address/;

/** Warnings about who wrote a mail, which belong beside its sender, and all others. */
export function sortWarnings(warnings: readonly Warning[]): { readonly sender: string[]; readonly rest: string[] } {
  const texts = (wanted: boolean): string[] =>
    warnings.filter(({ code }) => ABOUT_THE_SENDER.test(code) === wanted).map(({ text }) => text);
  return { sender: texts(true), rest: texts(false) };
}

/** The domain as mail systems see it, when it is written in letters that can look like others. */
export function asciiDomain(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  if (!/[^\u0000-\u007f]/.test(domain) || /[/?#:\\]/.test(domain)) return '';
  try {
    return new URL(`http://${domain}`).hostname;
  } catch {
    return '';
  }
}
