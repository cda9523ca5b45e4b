// What the page says about colleagues, other cases, a case's state and its keys, in one place.
import type { Settable } from './desk';

const list = new Intl.ListFormat('en', { type: 'conjunction' });

export const WORDS = {
  dismiss: 'Dismiss',
  retry: 'Try again',
  back: 'Go back',
  close: 'Close',
  noSubject: '(no subject)',
  viewers: {
    writing: (names: readonly string[]): string =>
      names.length === 1 ? `${names[0]} is writing an answer.` : `${list.format(names)} are writing answers.`,
    looking: (names: readonly string[]): string =>
      `${list.format(names)} ${names.length === 1 ? 'is' : 'are'} also looking at this case.`,
    colleague: 'A colleague',
  },
  status: {
    open: 'Open',
    waiting: 'Waiting for the customer',
    resolved: 'Resolved',
    rejected: 'Rejected',
  } as Readonly<Record<string, string>>,
  state: {
    now: (status: string): string => `The case is now: ${status}`,
    label: (status: string): string => `${status}: change the state of the case`,
    busy: 'Changing the state of the case',
    actions: { resolved: 'Resolve', rejected: 'Reject', open: 'Re-open' } satisfies Record<Settable, string>,
    meanings: {
      resolved: 'Nothing more to do; a new email opens it again',
      rejected: 'A new email opens a new case',
      open: 'There is still something to do',
    } satisfies Record<Settable, string>,
    doing: {
      resolved: 'Resolving the case',
      rejected: 'Rejecting the case',
      open: 'Re-opening the case',
    } satisfies Record<Settable, string>,
    reject: {
      title: 'Reject this case?',
      closed: 'The case is closed without an answer. The customer is not told.',
      later: (customer: string): string => `A later email of ${customer} opens a new case, which refers to this one.`,
      do: 'Reject the case',
    },
    customer: 'the customer',
  },
  stale: {
    title: (who: string, when: string): string => (when ? `${who} wrote ${when}` : `${who} wrote meanwhile`),
    text: 'The state of the case was not changed. Read it first, and then decide again.',
    customer: 'The customer',
    colleague: 'A colleague',
  },
  others: {
    title: 'Other cases of this customer',
    loading: 'Loading the other cases',
    failed: 'The other cases cannot be shown',
    none: 'There are no other cases any more.',
    older: 'Show older',
    linked: 'Linked',
    linkedLabel: 'linked with this case',
  },
  other: {
    loading: 'Loading the case',
    failed: 'The case cannot be shown',
    readOnly: 'You can read this case here. Nothing can be answered or decided in it.',
    empty: 'There is no message in this case.',
    older: 'Show older messages',
    from: (who: string): string => `From ${who}`,
    answeredBy: (who: string): string => `Written by ${who}`,
    colleague: 'a colleague',
    somebody: 'somebody',
    loadingMessage: 'Loading the message',
    noMessage: 'This message cannot be loaded.',
  },
  keys: {
    title: 'Keyboard shortcuts',
    key: 'Key',
    does: 'What it does',
    next: 'Next message',
    previous: 'Previous message',
    help: 'This list',
    reply: 'Reply',
    note: 'Write a note',
    forward: 'Forward',
    resolve: 'Resolve the case',
    hint: 'They work while you are not typing and no dialog is open.',
    use: 'Use keyboard shortcuts',
  },
} as const;
