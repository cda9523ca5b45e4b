import { useEffect, useRef } from 'react';

const WRITING_FOR_MS = 60_000;

/** Says that the agent writes, and a while after the last key that no longer. */
export function useTyping(onBusy: (writing: boolean) => void): () => void {
  const tell = useRef(onBusy);
  tell.current = onBusy;
  const timer = useRef(0);
  useEffect(
    () => () => {
      if (timer.current) tell.current(false);
      clearTimeout(timer.current);
    },
    [],
  );
  return () => {
    if (!timer.current) tell.current(true);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      timer.current = 0;
      tell.current(false);
    }, WRITING_FOR_MS);
  };
}
