// What the agent API says and takes when an agent writes.

export const KINDS = ['reply', 'note', 'forward'] as const;
export type Kind = (typeof KINDS)[number];

export const NEXTS = ['default', 'queue', 'me', 'close'] as const;
/** What happens with the customer's next mail, or that the case is closed. */
export type Next = (typeof NEXTS)[number];

export const ROWS = ['to', 'cc', 'bcc'] as const;
export type Row = (typeof ROWS)[number];

export interface FileRef {
  readonly id: string;
  readonly filename: string;
  readonly content_type: string;
  /** Bytes. */
  readonly size: number;
  /** Shown in the text, which names it as cid:content_id. */
  readonly inline: boolean;
  readonly content_id?: string | null;
}

/** Somebody a reply may go to. */
export interface CasePerson {
  readonly name: string;
  readonly address: string;
  readonly role: string;
}

/** A prepared text; its variables are filled in. */
export interface Canned {
  readonly id: string;
  readonly title: string;
  readonly subject?: string;
  readonly html: string;
  readonly text: string;
  /** Whether it is the agent's own; else the team's. */
  readonly mine: boolean;
}

/** A prepared reply of the agent's as it is kept: its variables still stand in it. */
export interface OwnReply {
  /** a-z, 0-9 and "-", at most 60 of them. */
  readonly id: string;
  readonly title: string;
  readonly subject: string;
  readonly html: string;
}

/** Bytes, but for the number of files; html in characters. */
export interface Limits {
  readonly file: number;
  readonly total: number;
  readonly files: number;
  readonly html: number;
}

export interface Draft {
  readonly version: number;
  readonly kind: Kind;
  readonly html: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly next: Next;
  readonly answers: string;
  readonly files: readonly FileRef[];
  readonly author: string;
  readonly at: string;
}

export interface Signature {
  readonly html: string;
  readonly text: string;
}

export interface ComposerInfo {
  /** The address the customer sees. */
  readonly from: string;
  readonly people: readonly CasePerson[];
  readonly signature: Signature;
  readonly replies: readonly Canned[];
  readonly limits: Limits;
  readonly undoSeconds: number;
  readonly draft: Draft | null;
}

/** The newest mails the agent knew of when the answer was written. */
export interface Seen {
  readonly latest_message_id: string;
  readonly last_answer: string;
}

/** What goes to POST /case/messages. */
export interface Outgoing {
  readonly kind: Kind;
  readonly html: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly next: Next;
  readonly answers: string;
  readonly files: readonly string[];
  readonly seen: Seen;
  readonly subject?: string;
  readonly draft_version?: number;
}

export interface Sent {
  readonly id: string;
  readonly delivery: string;
  readonly not_before: string | null;
}

/** Who wrote since `seen`. */
export interface Newer {
  readonly actor: string;
  readonly at: string;
  readonly message_id: string;
  readonly kind: 'customer' | 'answer';
}
