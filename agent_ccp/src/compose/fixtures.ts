// What the composer's tests begin with.
import { ApiProblem, type CaseMessage, type CaseView } from '../api';
import { EMPTY, type Content } from './content';
import type { Shelf } from './keep';
import type { FileRef } from './types';

export const SIGNATURE = '<div>-- </div><div>Alice<br>Support</div>';
export const ann = { name: 'Ann', address: 'ann@example.com' };
export const first: CaseMessage = { id: 'm1', direction: 'in', from: ann, subject: 'Lamp', at: '2026-11-22T10:00:00Z' };

export function view(messages: CaseMessage[] = [first], changes: object = {}): CaseView {
  return { case: { id: 'case', status: 'open', answered: false, customer: ann, ...changes }, messages };
}

export const file: FileRef = { id: 'f1', filename: 'a.pdf', content_type: 'application/pdf', size: 10, inline: false };
export const content = (changes: Partial<Content>): Content => ({ ...EMPTY, to: ['ann@example.com'], html: '<p>Hello</p>', ...changes });

export function shelf(): Shelf & { readonly items: Map<string, string> } {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

/** Time that passes when it is told to. */
export function clock(): { later: (run: () => void, ms: number) => () => void; pass: () => Promise<void>; waits: () => number[] } {
  let timers: { run: () => void; ms: number }[] = [];
  return {
    later: (run, ms) => {
      const timer = { run, ms };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    pass: async () => {
      const due = timers;
      timers = [];
      for (const { run } of due) run();
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    },
    waits: () => timers.map(({ ms }) => ms),
  };
}

export function problem(status: number, draft: object | null = null): Error {
  const type = draft ? 'urn:email-channel:draft-changed' : '';
  return Object.assign(new ApiProblem(status, 'No.'), { type, body: { draft } });
}
