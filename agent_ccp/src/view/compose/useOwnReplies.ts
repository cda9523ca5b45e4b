import { useCallback, useEffect, useRef, useState } from 'react';
import { composer, deleteOwnReply, ownReplies, saveOwnReply, type Transport } from '../../compose/api';
import type { Canned, OwnReply } from '../../compose/types';
import { WORDS } from '../../compose/words';
import { shown } from '../../mail/text';

export interface OwnReplies {
  /** null until they are there. */
  readonly replies: readonly OwnReply[] | null;
  readonly busy: boolean;
  /** What was done last, and what was not, in words. */
  readonly done: string;
  readonly trouble: string;
  readonly again: () => void;
  readonly quiet: () => void;
  /** Whether it is kept. */
  readonly save: (reply: OwnReply) => Promise<boolean>;
  readonly remove: (reply: OwnReply) => Promise<void>;
}

const words = WORDS.prepared;
const NOTHING = { done: '', trouble: '' };
const byTitle = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
const sorted = (replies: readonly OwnReply[]): OwnReply[] => [...replies].sort((a, b) => byTitle.compare(a.title, b.title));

/** The agent's own prepared replies; `onChanged` gets the composer's, filled in, after every change. */
export function useOwnReplies(api: Transport, onChanged: (replies: readonly Canned[]) => void): OwnReplies {
  const [replies, setReplies] = useState<readonly OwnReply[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState(NOTHING);
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(api);
  latest.current = api;
  useEffect(() => {
    let wanted = true;
    setSaid(NOTHING);
    ownReplies(latest.current).then(
      (found) => wanted && setReplies(sorted(found)),
      (error: Error) => wanted && setSaid({ done: '', trouble: `${words.notLoaded} ${error.message}` }),
    );
    return () => {
      wanted = false;
    };
  }, [attempt]);

  const change = async (done: string, failed: string, run: () => Promise<void>): Promise<boolean> => {
    setBusy(true);
    setSaid(NOTHING);
    try {
      await run();
      setSaid({ done, trouble: '' });
      // The picker shows them filled in; should that fail, it has them with the next case.
      const info = await composer(latest.current).catch(() => null);
      if (info) onChanged(info.replies);
      return true;
    } catch (error) {
      setSaid({ done: '', trouble: `${failed} ${(error as Error).message}` });
      return false;
    } finally {
      setBusy(false);
    }
  };
  const without = (id: string): OwnReply[] => (replies ?? []).filter((each) => each.id !== id);
  const save = (reply: OwnReply): Promise<boolean> =>
    change(words.saved(shown(reply.title)), words.failed, async () => {
      const kept = await saveOwnReply(latest.current, reply);
      setReplies(sorted([...without(reply.id), kept.id ? kept : reply]));
    });
  const remove = async (reply: OwnReply): Promise<void> => {
    await change(words.removed(shown(reply.title)), words.notRemoved, async () => {
      await deleteOwnReply(latest.current, reply.id);
      setReplies(without(reply.id));
    });
  };
  const again = useCallback(() => setAttempt((count) => count + 1), []);
  const quiet = useCallback(() => setSaid(NOTHING), []);
  return { replies, busy, ...said, again, quiet, save, remove };
}
