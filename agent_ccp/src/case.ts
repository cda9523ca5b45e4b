// What the conversation of a case means for the agent who holds one of its mails.
import type { Address, CaseMessage, CaseView, Purposes } from './api';
import type { Person } from './mail/message';

export const PURPOSES = ['relay', 'queuerelay', 'agentrelay', 'rejectrelay'] as const;
export type Purpose = (typeof PURPOSES)[number];

export function addressText(address: Address | undefined): string {
  if (!address) return '';
  return typeof address === 'string' ? address : (address.address ?? '');
}

export function person(address: Address | undefined): Person {
  const name = typeof address === 'object' ? (address.name ?? '') : '';
  return { name, address: addressText(address) };
}

/** The same for an address however its letters are written. */
export function sameAddress(one: Address | undefined, other: Address | undefined): boolean {
  return addressText(one).toLowerCase() === addressText(other).toLowerCase();
}

const TAKEN_IN = new Set(['', 'accepted', 'normal', 'attached', 'flagged', 'opened', 'continued', 'sent']);
const NOT_FROM_PEOPLE_OUTSIDE = new Set(['automatic', 'bounce', 'complaint', 'dsn', 'note', 'relay', 'reply']);

/** Whether a message is part of the case, and not held, refused or set apart. */
export function isTakenIn({ disposition }: CaseMessage): boolean {
  return TAKEN_IN.has((disposition ?? '').toLowerCase());
}

function fromPerson(message: CaseMessage): boolean {
  const outside = !NOT_FROM_PEOPLE_OUTSIDE.has((message.kind ?? '').toLowerCase());
  // What is only attached (thanks, for one) asks for nothing.
  return message.direction === 'in' && outside && isTakenIn(message) && message.disposition !== 'attached';
}

/**
 * The case's latest mail when it came after the one the task shows, else null. Mail that is held,
 * refused or automatic does not make an answer outdated.
 */
export function newerMail(view: CaseView | null, messageId: string): CaseMessage | null {
  const incoming = inOrder(view?.messages ?? []).filter(
    (message) => message.id === messageId || fromPerson(message),
  );
  const at = incoming.findIndex((message) => message.id === messageId);
  // What the task shows lies further back than the messages at hand.
  if (at < 0 && view?.older) return incoming.at(-1) ?? null;
  return at >= 0 && at < incoming.length - 1 ? (incoming.at(-1) ?? null) : null;
}

/**
 * The addresses an answer goes to. Each says which mail is being answered, so that an answer
 * to an outdated mail can be held: addresses for the latest mail are given only to somebody
 * who has read it.
 */
export function replyAddresses(
  own: Purposes,
  view: CaseView | null,
  newer: CaseMessage | null,
  readNewer: boolean,
): Purposes {
  const latest = view?.relay_addresses ?? {};
  const pick = (purpose: Purpose): string | undefined => {
    if (newer) return readNewer ? (latest[purpose] ?? own[purpose]) : own[purpose];
    return own[purpose] || latest[purpose];
  };
  return Object.fromEntries(PURPOSES.map((purpose) => [purpose, pick(purpose)]));
}

/** Oldest first, by the time the message came or went. */
export function inOrder(messages: readonly CaseMessage[]): CaseMessage[] {
  return [...messages].sort((a, b) => (a.at ?? '').localeCompare(b.at ?? ''));
}

export type Answered = 'yes' | 'no' | 'unknown';

/** A case closed by somebody needs no answer: it counts as answered. */
export function answered(view: CaseView | null): Answered {
  if (!view) return 'unknown';
  const closed = view.case.status === 'resolved' || view.case.status === 'rejected';
  return view.case.answered || closed ? 'yes' : 'no';
}

export interface Recipients {
  readonly to: readonly Person[];
  readonly cc: readonly Person[];
}

/** Who gets the next answer; null when the case cannot be read. */
export function recipients(view: CaseView | null): Recipients | null {
  if (!view) return null;
  const { customer, recipients: given } = view.case;
  const to = given ? (given.to ?? []) : customer?.address ? [customer] : [];
  const named = (all: readonly Address[]): Person[] => all.map(person).filter(({ address }) => address);
  return { to: named(to), cc: named(given?.cc ?? []) };
}
