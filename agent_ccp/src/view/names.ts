import { createContext, useContext, useEffect, useState } from 'react';
import type { Viewer } from '../desk';
import { shown } from '../mail/text';

/** What a colleague is called, by user name: the display name where the page has heard it. */
export type NameOf = (username: string) => string;

const Names = createContext<NameOf>(shown);
export const NamesProvider = Names.Provider;

export function useNameOf(): NameOf {
  return useContext(Names);
}

/** Names as presence tells them; whoever has gone keeps his. */
export function useNames(viewers: readonly Viewer[]): NameOf {
  const [{ nameOf }, setNames] = useState(() => named(new Map()));
  useEffect(() => {
    setNames((before) => {
      const news = viewers.filter(({ username, name }) => username && name && before.names.get(username) !== name);
      if (news.length === 0) return before;
      return named(new Map([...before.names, ...news.map(({ username, name }) => [username, name] as const)]));
    });
  }, [viewers]);
  return nameOf;
}

function named(names: ReadonlyMap<string, string>): { names: ReadonlyMap<string, string>; nameOf: NameOf } {
  return { names, nameOf: (username) => shown(names.get(username) ?? username) };
}
