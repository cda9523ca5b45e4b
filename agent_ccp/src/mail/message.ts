// The formatted mail (version 1): what the channel prepared for the page to show.

export interface Person {
  readonly name: string;
  readonly address: string;
}

export interface Attachment {
  readonly n: number;
  readonly filename: string;
  readonly content_type: string;
  readonly size: number;
  readonly inline: boolean;
  /** Without angle brackets; empty when it has none. */
  readonly content_id: string;
}

export interface Sentiment {
  readonly label: string;
  readonly scores: Readonly<Record<string, number>>;
}

export interface Warning {
  readonly code: string;
  readonly text: string;
}

export interface Mail {
  readonly message_id: string;
  readonly received_at: string | null;
  readonly from: Person;
  readonly reply_to: readonly Person[];
  readonly to: readonly Person[];
  readonly cc: readonly Person[];
  readonly subject: string;
  readonly text: string;
  readonly new_text: string;
  readonly quoted_text: string;
  readonly html: string;
  readonly attachments: readonly Attachment[];
  readonly language: { readonly code: string; readonly score: number } | null;
  readonly sentiment: Sentiment | null;
  readonly key_phrases: readonly { readonly text: string; readonly score: number }[];
  readonly authenticated: boolean | null;
  readonly warnings: readonly Warning[];
}

type Raw = Record<string, unknown>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): Raw[] =>
  Array.isArray(value) ? value.filter((each): each is Raw => !!each && typeof each === 'object') : [];
const record = (value: unknown): Raw | null =>
  value && typeof value === 'object' && !Array.isArray(value) ? (value as Raw) : null;
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

function person(raw: Raw | null): Person {
  return { name: text(raw?.name), address: text(raw?.address) };
}

function sentiment(raw: Raw | null): Sentiment | null {
  if (!raw || !text(raw.label)) return null;
  const scores = Object.entries(record(raw.scores) ?? {}).map(([key, value]) => [key, number(value)]);
  return { label: text(raw.label).toUpperCase(), scores: Object.fromEntries(scores) };
}

/** Reads version 1; missing parts become empty. Throws on anything that is not version 1. */
export function readMail(json: unknown): Mail {
  const raw = record(json);
  if (raw?.version !== 1) throw new Error('The mail is in a format this page does not know.');
  const language = record(raw.language);
  return {
    message_id: text(raw.message_id),
    received_at: text(raw.received_at) || null,
    from: person(record(raw.from)),
    reply_to: list(raw.reply_to).map(person),
    to: list(raw.to).map(person),
    cc: list(raw.cc).map(person),
    subject: text(raw.subject),
    text: text(raw.text),
    new_text: text(raw.new_text),
    quoted_text: text(raw.quoted_text),
    html: text(raw.html),
    attachments: list(raw.attachments).map((each, index) => ({
      n: typeof each.n === 'number' ? each.n : index,
      filename: text(each.filename),
      content_type: text(each.content_type),
      size: number(each.size),
      inline: each.inline === true,
      content_id: text(each.content_id),
    })),
    language: language && text(language.code) ? { code: text(language.code), score: number(language.score) } : null,
    sentiment: sentiment(record(raw.sentiment)),
    key_phrases: list(raw.key_phrases).map((each) => ({ text: text(each.text), score: number(each.score) })),
    authenticated: typeof raw.authenticated === 'boolean' ? raw.authenticated : null,
    warnings: list(raw.warnings).map((each) => ({ code: text(each.code), text: text(each.text) })),
  };
}
