// What the thread and the history say in their own words.

export const WORDS = {
  events: 'What happened in between',
  more: (count: number): string =>
    count === 1 ? 'One more event is in the history below.' : `${count} more events are in the history below.`,
  noSubject: '(no subject)',
  thread: 'Messages',
  older: 'Show older messages',
  olderFailed: 'Loading older messages',
  mood: 'Mood of the customer’s mails',
  moodWords: (labels: readonly string[], earlier: boolean): string =>
    `Mood of the customer’s mails${earlier ? ', of those loaded' : ''}, oldest first: ${labels.join(', ')}.`,
  reply: 'Reply',
  forward: 'Forward',
  translated: 'Translated',
  translating: 'Translating …',
  notTranslated: (why: string): string => `This email could not be translated. ${why}`.trim(),
  historyOlder: 'Show earlier history',
  historyFailed: 'Loading the earlier history',
} as const;
