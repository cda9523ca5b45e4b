import { useEffect, useRef, useState } from 'react';
import type { ApiProblem, CaseMessage } from '../api';
import { leaving } from '../fate';
import type { Notice } from './decisions';
import type { CaseState } from './hooks';

/** An answer that was let go here or elsewhere and has not left yet. */
export interface Departure {
  readonly message: CaseMessage;
  /** When it leaves, by this computer's clock. */
  readonly until: number;
}

export interface Undo {
  readonly departure: Departure | null;
  readonly running: boolean;
  /** Why taking it back did not work, when it may work another time. */
  readonly trouble: string;
  readonly run: () => Promise<void>;
  readonly dismiss: () => void;
}

const TOO_LATE = 409;
const TAKEN_BACK: Notice = {
  type: 'success',
  header: 'Taken back',
  text: 'The answer was not sent. It is kept in the case, and the customer still waits for one.',
};
const LEFT: Notice = { type: 'info', header: 'It has left already', text: 'The answer cannot be taken back any more.' };

/** Follows the newest answer of a case that has not left, and takes it back when asked to. */
export function useUndo({ session, view, refresh }: CaseState, say: (notice: Notice | null) => void): Undo {
  const [departure, setDeparture] = useState<Departure | null>(null);
  const [running, setRunning] = useState(false);
  const [trouble, setTrouble] = useState('');
  const busy = useRef(false);
  // What the case says of these may be older than what we know.
  const settled = useRef(new Set<string>());

  useEffect(() => {
    const found = leaving(view);
    setDeparture((known) => {
      // Read again, the same answer leaves when it was to leave: the count does not jump.
      if (found && found.message.id !== known?.message.id && !settled.current.has(found.message.id)) {
        return { message: found.message, until: Date.now() + found.ms };
      }
      const now = view?.messages.find(({ id }) => id === known?.message.id);
      return now?.delivery === 'undone' ? null : known;
    });
  }, [view]);

  const settle = (): void => {
    if (departure) settled.current.add(departure.message.id);
    setDeparture(null);
  };
  const run = async (): Promise<void> => {
    if (busy.current || !session || !departure) return;
    busy.current = true;
    setRunning(true);
    setTrouble('');
    say(null);
    try {
      await session.undo(departure.message.id);
      settle();
      say(TAKEN_BACK);
      await refresh();
    } catch (error) {
      const { status, message } = error as ApiProblem;
      if (status === TOO_LATE) {
        settle();
        say(LEFT);
        await refresh();
      } else setTrouble(message);
    }
    busy.current = false;
    setRunning(false);
  };

  return { departure, running, trouble, run, dismiss: settle };
}
