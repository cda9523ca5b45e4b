import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import type { CaseSession, CaseView } from '../../api';
import { composer, transport } from '../../compose/api';
import { preview } from '../../compose/image';
import { putFile } from '../../compose/upload';
import { Writing } from '../../compose/writing';

/** What is being written for a contact, while the agent is at another task too. */
export interface Held {
  readonly writing: Writing;
  /** The images of the text as the screen shows them, by file key. */
  readonly pictures: Map<string, string>;
}

const held = new Map<string, Held>();

const WORLD = {
  store: { put: putFile, newKey: () => crypto.randomUUID() },
  shelf: sessionStorage,
  now: () => Date.now(),
  later: (run: () => void, ms: number) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  newKey: () => crypto.randomUUID(),
};

export interface WritingState {
  readonly held: Held | null;
  readonly trouble: string;
  readonly retry: () => void;
}

/** The writing of one contact's case; null while it is being loaded. */
export function useWriting(
  contactId: string,
  session: CaseSession,
  view: CaseView,
  refresh: () => Promise<CaseView | null>,
  live: boolean,
): WritingState {
  const key = `${contactId}/${view.case.id}`;
  const [, drawn] = useState(0);
  const [trouble, setTrouble] = useState('');
  const [attempt, setAttempt] = useState(0);
  const found = held.get(key) ?? null;

  useEffect(() => {
    const api = transport(session);
    const known = held.get(key);
    if (known) return known.writing.connect(api, refresh);
    if (!live) return undefined;
    let wanted = true;
    setTrouble('');
    composer(api).then(
      (info) => {
        if (!wanted || held.has(key)) return;
        held.set(key, { writing: new Writing(api, view, info, WORLD, refresh), pictures: new Map() });
        drawn((count) => count + 1);
      },
      (error: Error) => wanted && setTrouble(error.message),
    );
    return () => {
      wanted = false;
    };
    // The view follows below.
  }, [key, session, refresh, live, attempt]);

  useEffect(() => found?.writing.observe(view), [found, view]);
  // On the way to another task: what is written is saved before that.
  useEffect(() => () => held.get(key)?.writing.flush(), [key]);
  useEffect(() => {
    if (live) return;
    held.get(key)?.writing.close();
    held.delete(key);
  }, [key, live]);
  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  useEffect(() => {
    if (!trouble) return undefined;
    window.addEventListener('online', retry);
    return () => window.removeEventListener('online', retry);
  }, [trouble, retry]);
  return { held: found, trouble, retry };
}

export function useSnapshot(writing: Writing): ReturnType<Writing['snapshot']> {
  return useSyncExternalStore(writing.subscribe, writing.snapshot);
}

/** The picture of a file from the store. */
export async function pictureOf(link: string): Promise<string> {
  const answer = await fetch(link, { cache: 'no-store', credentials: 'omit' });
  if (!answer.ok) throw new Error(`The store answered ${answer.status}.`);
  return (await preview(await answer.blob())).src;
}

/** Whether the browser says that it has a network. */
export function useOnline(): boolean {
  return useSyncExternalStore(
    (listener) => {
      window.addEventListener('online', listener);
      window.addEventListener('offline', listener);
      return () => {
        window.removeEventListener('online', listener);
        window.removeEventListener('offline', listener);
      };
    },
    () => navigator.onLine,
  );
}
