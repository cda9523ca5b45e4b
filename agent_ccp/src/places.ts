// Where a task can be handed to: quick connects, found by their names.
import type { QuickConnect } from './connect/types';
import { WORDS } from './workWords';

export interface PlaceGroup {
  readonly title: string;
  readonly places: readonly QuickConnect[];
}

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
// Letters as one types them: "e" finds "é".
const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** The places whose names have all the words typed: queues, colleagues and others, each by name. */
export function placesFor(all: readonly QuickConnect[], typed: string): readonly PlaceGroup[] {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  const found = all.filter(({ name }) => words.every((word) => plain(name).includes(word)));
  const { kinds, others } = WORDS.transfer;
  const titles = [...Object.values(kinds), others];
  return titles.flatMap((title) => {
    const places = found.filter(({ type }) => (kinds[type] ?? others) === title);
    return places.length ? [{ title, places: places.sort((a, b) => byName.compare(a.name, b.name)) }] : [];
  });
}
