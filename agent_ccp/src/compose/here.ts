// Answers sent by the composer of this page: it counts their seconds down itself.
const ids = new Set<string>();
const listeners = new Set<() => void>();

export const sentHere = {
  add(id: string): void {
    ids.add(id);
    for (const listener of listeners) listener();
  },
  has: (id: string): boolean => ids.has(id),
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
