// Where a translation of mails is put in. None is: it would send what customers write to one more
// service, which is for an administrator to decide.

/** Gives a text in another language; both are named by tags of RFC 5646. Rejects when it cannot. */
export type Translate = (text: string, from: string, to: string) => Promise<string>;

/** Assign a function, and each mail in a language other than the agent's has one view more. */
export const translate: Translate | null = null;

/** Whether a mail is in another language than the reader's; not known is not another. */
export function isForeign(language: string, reader: string): boolean {
  const main = (tag: string): string => tag.toLowerCase().split(/[-_]/)[0] ?? '';
  return language !== '' && main(language) !== main(reader);
}
