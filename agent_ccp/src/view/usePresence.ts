import { useEffect, useState } from 'react';
import { ApiProblem, type CaseSession } from '../api';
import { tellPresence, type Viewer } from '../desk';

const EVERY_MS = 15_000;
/** How long the API takes somebody to be there whom it does not hear of. */
const FRESH_MS = 45_000;
const OVER = new Set([401, 403]);
const NOBODY: readonly Viewer[] = [];

/** Tells that this agent looks at the case, and perhaps writes, while the page is seen; who else does. */
export function usePresence(session: CaseSession | null, writing: boolean, live: boolean): readonly Viewer[] {
  const [found, setFound] = useState<{ of: CaseSession | null; viewers: readonly Viewer[] }>({ of: null, viewers: NOBODY });
  useEffect(() => {
    if (!session || !live) return undefined;
    let here = true;
    let heard = Date.now();
    const tell = async (): Promise<void> => {
      if (!here || document.visibilityState !== 'visible') return;
      try {
        const viewers = await tellPresence(session, writing);
        heard = Date.now();
        if (here) setFound({ of: session, viewers });
      } catch (error) {
        const over = error instanceof ApiProblem && OVER.has(error.status);
        if (here && (over || Date.now() - heard > FRESH_MS)) setFound({ of: session, viewers: NOBODY });
      }
    };
    void tell();
    const timer = setInterval(() => void tell(), EVERY_MS);
    const seen = (): void => void tell();
    document.addEventListener('visibilitychange', seen);
    return () => {
      here = false;
      clearInterval(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [session, writing, live]);
  return live && found.of === session ? found.viewers : NOBODY;
}
