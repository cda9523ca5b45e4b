import { useCallback, useEffect, useReducer, useRef, useState, useSyncExternalStore } from 'react';
import { ApiProblem, type CaseSession, type CaseView, type Loaded } from '../api';
import type { Desk, DeskView } from '../connect/types';
import { mailKey, type Mailroom } from '../mailroom';
import { withEarlier, withOlder } from '../pages';
import type { MailTask } from '../task';

const NOBODY: DeskView = { agent: null, tasks: [], trouble: null };
const CASE_EVERY_MS = 15_000;

export function useDeskView(desk: Desk | null): DeskView {
  return useSyncExternalStore(
    useCallback((listener: () => void) => desk?.subscribe(listener) ?? (() => undefined), [desk]),
    () => desk?.view() ?? NOBODY,
  );
}

/** The present moment, again every `everyMs`, for ages that grow while they are looked at. */
export function useNow(everyMs = 20_000): number {
  const [, tick] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(tick, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return Date.now();
}

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    useCallback(
      (listener: () => void) => {
        const media = matchMedia(query);
        media.addEventListener('change', listener);
        return () => media.removeEventListener('change', listener);
      },
      [query],
    ),
    () => matchMedia(query).matches,
  );
}

export interface MailState {
  readonly loaded: Loaded | null;
  readonly retry: () => void;
}

/** The mail of a task; null while it is being loaded. */
export function useMail(room: Mailroom, task: MailTask): MailState {
  const [state, setState] = useState<{ key: string; loaded: Loaded | null }>({ key: '', loaded: null });
  const [attempt, setAttempt] = useState(0);
  const key = mailKey(task);
  const latest = useRef(task);
  latest.current = task;
  useEffect(() => {
    let wanted = true;
    if (!room.peek(latest.current)) setState({ key, loaded: null });
    void room.mail(latest.current).then((loaded) => {
      if (wanted) setState({ key, loaded });
    });
    return () => {
      wanted = false;
    };
    // A refreshed link or a code that arrives later is a reason to try again.
  }, [room, key, task.mailLink, task.code, attempt]);
  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  return { loaded: state.key === key ? state.loaded : null, retry };
}

export interface CaseState {
  readonly session: CaseSession | null;
  readonly view: CaseView | null;
  readonly trouble: string | null;
  /** The session is over: nothing can be asked or decided with it any more. */
  readonly ended: boolean;
  /** Asks now; null when the case cannot be read. */
  readonly refresh: () => Promise<CaseView | null>;
  /** Loads the messages before those at hand; `before` is called when they are about to be shown. Rejects with ApiProblem. */
  readonly loadOlder: (before?: () => void) => Promise<void>;
}

const NO_CASE = { id: '', session: null, view: null, trouble: null, ended: false };

const OVER = new Set([401, 403]);

/** The case of a task, asked again at intervals and whenever the agent comes back to the page. */
export function useCase(room: Mailroom, task: MailTask, live: boolean): CaseState {
  const [state, setState] = useState<{
    id: string;
    session: CaseSession | null;
    view: CaseView | null;
    trouble: string | null;
    ended: boolean;
  }>(NO_CASE);
  const id = task.task.id;
  const latest = useRef(task);
  latest.current = task;

  const reached = useRef(state);
  reached.current = state;

  const refresh = useCallback(async (): Promise<CaseView | null> => {
    const asked = latest.current;
    try {
      const session = await room.session(asked);
      const newest = await session.case();
      const joined = (known: { id: string; view: CaseView | null }): CaseView =>
        withEarlier(newest, known.id === asked.task.id ? known.view : null);
      const view = joined(reached.current);
      if (latest.current.task.id === asked.task.id) {
        setState((known) => ({ id: asked.task.id, session, view: joined(known), trouble: null, ended: false }));
      }
      return view;
    } catch (error) {
      if (latest.current.task.id === asked.task.id) {
        const trouble = (error as Error).message;
        const ended = error instanceof ApiProblem && OVER.has(error.status);
        setState((before) => ({ ...(before.id === asked.task.id ? before : NO_CASE), id: asked.task.id, trouble, ended }));
      }
      return null;
    }
  }, [room]);

  const loadOlder = useCallback(async (before?: () => void): Promise<void> => {
    const { id: asked, session, view } = reached.current;
    if (!session || !view?.older) return;
    const page = await session.olderMessages(view.older);
    before?.();
    setState((known) => {
      if (known.id !== asked || !known.view) return known;
      return { ...known, view: withOlder(known.view, page) };
    });
  }, []);

  useEffect(() => {
    if (!live) return undefined;
    const ask = (): void => {
      if (document.visibilityState === 'visible') void refresh();
    };
    ask();
    const timer = setInterval(ask, CASE_EVERY_MS);
    window.addEventListener('focus', ask);
    return () => {
      clearInterval(timer);
      window.removeEventListener('focus', ask);
    };
  }, [refresh, id, task.messageId, task.code, live]);

  const own = state.id === id ? state : NO_CASE;
  return { session: own.session, view: own.view, trouble: own.trouble, ended: own.ended, refresh, loadOlder };
}
