// A task that stands for a mail: what its contact attributes say. Any of them may be missing.
import type { Purposes } from './api';
import type { Task } from './connect/types';
import { instant } from './mail/dates';

export interface MailTask {
  readonly task: Task;
  readonly caseId: string;
  readonly messageId: string;
  readonly from: string;
  readonly fromName: string;
  readonly sentTo: string;
  readonly subject: string;
  readonly language: string;
  readonly sentiment: string;
  readonly warning: string;
  /** The reason of the warning in words, where there is one. */
  readonly notice: string;
  /** The user name of the agent who accepted it. */
  readonly agent: string;
  /** Milliseconds since the epoch. */
  readonly received: number;
  readonly mailLink: string;
  readonly mailLinkExpires: number | null;
  readonly originalLink: string;
  readonly code: string;
  readonly relays: Purposes;
}

/** The name the inbound flow gives the reference to the untouched mail. */
export const ORIGINAL = 'Original email';

export function mailTask(task: Task): MailTask {
  const read = (name: string): string => task.attributes[name] ?? '';
  const original = task.references[ORIGINAL]?.value ?? '';
  return {
    task,
    caseId: read('interaction_id'),
    messageId: read('message_id'),
    from: read('from_address'),
    fromName: read('from_name'),
    sentTo: read('sent_to_email'),
    subject: read('subject') || task.name,
    language: read('detected_language'),
    sentiment: read('detected_sentiment').toUpperCase(),
    warning: read('warning'),
    notice: read('notice'),
    agent: read('agent_username'),
    received: instant(read('received_at')) ?? task.since,
    mailLink: read('email_url'),
    mailLinkExpires: instant(read('email_url_expires_at')),
    originalLink: /^https?:\/\//i.test(original) ? original : '',
    code: read('access_code'),
    relays: {
      relay: read('relay_address'),
      queuerelay: read('queuerelay_address'),
      agentrelay: read('agentrelay_address'),
      rejectrelay: read('rejectrelay_address'),
    },
  };
}

const OVER = new Set(['missed', 'error']);
const ORDER = { offered: 0, connected: 1, 'after-contact': 2, missed: 3, error: 3 } as const;

/** Offered first, then the work in hand, oldest mail first in each group. */
export function sortTasks(tasks: readonly MailTask[]): MailTask[] {
  return [...tasks].sort(
    (a, b) => ORDER[a.task.state] - ORDER[b.task.state] || a.received - b.received,
  );
}

/** A task that only has to be cleared away: there is nothing to work on. */
export function isOver(task: Task): boolean {
  return OVER.has(task.state);
}
