import { useRef, useState } from 'react';
import type { ApiProblem, CaseMessage, Decided } from '../api';
import { ACTIONS, writer, type Action } from '../decision';
import { leaving } from '../fate';
import type { CaseState } from './hooks';

export interface Question {
  readonly message: CaseMessage;
  readonly action: Action;
}

export interface Failure {
  readonly id: string;
  readonly action: Action;
  readonly detail: string;
  /** Whether the same again may work. */
  readonly again: boolean;
}

export interface Notice {
  readonly type: 'success' | 'info';
  readonly header: string;
  readonly text: string;
}

export interface Decisions {
  readonly running: Question | null;
  readonly failed: Failure | null;
  readonly notice: Notice | null;
  /** Why nothing can be decided now; null when it can. */
  readonly locked: string | null;
  /** Messages decided here: the case may take a moment to say so. */
  readonly settled: ReadonlySet<string>;
  readonly run: (question: Question) => Promise<void>;
  readonly say: (notice: Notice | null) => void;
}

/** Somebody was faster, or the decision cannot be carried out: the detail says which. */
const NOT_POSSIBLE = 409;

/** No answer, too many questions, a fault over there: the decision may or may not have been taken. */
function mayWorkAgain(status: number | undefined): boolean {
  return !status || status === 408 || status === 429 || status >= 500;
}

function done({ message, action }: Question, decided: Decided): Notice {
  const number = decided.case_id && action === 'new-case' ? ` Its number is ${decided.case_id}.` : '';
  const who = action === 'send' || action === 'discard' ? `answer by ${writer(message)}` : `mail from ${writer(message)}`;
  return { type: 'success', header: `Done: ${who}`, text: `${ACTIONS[action].done}${number}` };
}

/** Carries out what the agent decides about messages of one case, one at a time. */
export function useDecisions({ session, trouble, ended, refresh }: CaseState, live: boolean): Decisions {
  const [running, setRunning] = useState<Question | null>(null);
  const [failed, setFailed] = useState<Failure | null>(null);
  const [notice, setNotice] = useState<Notice | null>(null);
  const [settled, setSettled] = useState<ReadonlySet<string>>(new Set());
  const busy = useRef(false);
  // A decision that is tried again is the same decision: it keeps its key until it is answered.
  const keys = useRef(new Map<string, string>());
  const reachable = session && !ended ? null : (trouble ?? 'The case is still being asked for.');
  const locked = live ? reachable : 'The task is completed.';

  const run = async (question: Question): Promise<void> => {
    if (busy.current || !session) return;
    busy.current = true;
    const { message, action } = question;
    const name = `${message.id}/${action}`;
    const key = keys.current.get(name) ?? crypto.randomUUID();
    keys.current.set(name, key);
    setRunning(question);
    setFailed(null);
    setNotice(null);
    try {
      const decided = await session.decide(message.id, action, key);
      keys.current.delete(name);
      if (action !== 'reply-to') setSettled((all) => new Set(all).add(message.id));
      const view = await refresh();
      // While it can be taken back, the count says what happens.
      setNotice(action === 'send' && leaving(view) ? null : done(question, decided));
    } catch (error) {
      const { status, message: detail } = error as ApiProblem;
      const again = mayWorkAgain(status);
      if (!again) keys.current.delete(name);
      if (status !== undefined && !again) await refresh();
      if (status === NOT_POSSIBLE) setNotice({ type: 'info', header: 'That is not possible', text: detail });
      else setFailed({ id: message.id, action, detail, again });
    }
    busy.current = false;
    setRunning(null);
  };

  return { running, failed, notice, locked, settled, run, say: setNotice };
}
