// One key for one content: sent again after silence, it is the same mail, however often.
import type { Attempt } from './keep';
import type { Outgoing } from './types';

/**
 * What happened around it makes no other mail of it: the draft was saved, or the mail itself, whose
 * answer was lost, is in the case by now.
 */
function print({ draft_version: _version, seen: _seen, ...body }: Outgoing): string {
  return JSON.stringify(body);
}

/** The attempt under way when `body` is still what it sends, else a new one. */
export function attemptFor(open: Attempt | null, body: Outgoing, newKey: () => string): Attempt {
  return open && print(open.body) === print(body) ? open : { key: newKey(), body };
}
