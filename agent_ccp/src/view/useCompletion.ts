import { useState } from 'react';
import { answered } from '../case';
import type { Desk } from '../connect/types';
import { undecided } from '../decision';
import { WORDS } from '../workWords';
import type { Doubt } from './CompleteDialog';
import type { CaseState } from './hooks';
import type { Act } from './Shell';

export interface Completion {
  readonly busy: boolean;
  /** What speaks against it, to be asked about. */
  readonly asking: Doubt | null;
  /** Ends the task, or asks first. */
  readonly complete: () => Promise<void>;
  readonly end: () => Promise<void>;
  readonly back: () => void;
}

/** Completes a task, but asks while its case is not answered or mail of it is held. */
export function useCompletion(taskId: string, inCase: CaseState, desk: Desk, act: Act): Completion {
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState<Doubt | null>(null);
  const end = async (): Promise<void> => {
    setBusy(true);
    setAsking(null);
    await act(WORDS.complete.doing, async () => desk.end?.(taskId));
    setBusy(false);
  };
  const complete = async (): Promise<void> => {
    setBusy(true);
    const view = await inCase.refresh();
    const doubt = { answered: answered(view), held: undecided(view) };
    setBusy(false);
    if (doubt.answered === 'yes' && doubt.held === 0) await end();
    else setAsking(doubt);
  };
  return { busy, asking, complete, end, back: () => setAsking(null) };
}
