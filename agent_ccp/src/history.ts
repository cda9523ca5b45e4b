// The history of a case, in words.
import type { CaseEntry } from './api';
import { ACTIONS, reasonText, type Action } from './decision';
import { shown } from './mail/text';

const KINDS: Readonly<Record<string, string>> = {
  received: 'Mail received',
  acknowledged: 'Receipt confirmed to the customer',
  offered: 'Offered as a task',
  accepted: 'Task accepted',
  'task-ended': 'Task ended',
  viewed: 'Looked at',
  answered: 'Answered',
  closed: 'Case closed',
  reopened: 'Case opened again',
  sent: 'Mail handed to Amazon SES',
  'not-sent': 'Mail not sent',
  'sent-again': 'Answer sent once more',
  returned: 'Answer came back',
  undone: 'Answer taken back before it left',
  held: 'Mail held',
  reminded: 'Held mail brought up again',
  decided: 'Decided',
  noted: 'Note added',
  blocked: 'Agent’s mail not sent',
  refused: 'Mail put into the quarantine',
  duplicate: 'Copy of a known mail left out',
  'foreign-address': 'Used another agent’s address',
  'recipients-ignored': 'Other recipients left out',
};

const WHAT: Readonly<Record<string, string>> = {
  case: 'the case',
  original: 'the original mail',
  formatted: 'a mail of the case',
};

const DOUBTS: Readonly<Record<string, string>> = { unknown: 'Nobody knew whether it had been sent' };

// Reasons that say nothing to an agent, or that the words above say already.
const SILENT = new Set(['acknowledged', 'offered', 'accepted', 'answered']);

// Of these the actor is whom it came from.
const FROM: ReadonlySet<string> = new Set(['received', 'duplicate']);

function why({ kind, reason }: CaseEntry): string {
  if (!reason || SILENT.has(kind)) return '';
  if (kind === 'viewed') return WHAT[reason] ?? (reason.startsWith('attachments') ? 'an attachment' : shown(reason));
  if (kind === 'decided') return ACTIONS[reason as Action]?.label ?? reasonText(reason);
  if (kind === 'sent-again') return DOUBTS[reason] ?? reasonText(reason);
  // "bounced: what the other server said" is for people already.
  if (kind === 'returned') return shown(reason.slice(reason.indexOf(':') + 1));
  return reasonText(reason);
}

const ACTORS: Readonly<Record<string, string>> = {
  channel: '',
  unknown: '',
  customer: 'the customer',
  'third-party': 'somebody else',
};

export interface Entry {
  readonly what: string;
  readonly who: string;
  readonly why: string;
}

/** One entry of a history; a kind without words is shown by its own name. */
export function entryText(entry: CaseEntry, nameOf: (username: string) => string = shown): Entry {
  const actor = entry.actor ?? '';
  const by = FROM.has(entry.kind) ? 'from' : 'by';
  const name = ACTORS[actor] ?? nameOf(actor);
  const who = name ? `${by} ${name}` : '';
  return { what: KINDS[entry.kind] ?? reasonText(entry.kind), who, why: why(entry) };
}
