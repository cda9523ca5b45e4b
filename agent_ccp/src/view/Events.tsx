import type { CaseEntry } from '../api';
import { entryText } from '../history';
import { absolute, instant } from '../mail/dates';
import { WORDS } from '../threadWords';
import { useNameOf } from './names';

interface Props {
  readonly events: readonly CaseEntry[];
  /** How many more there were. */
  readonly hidden: number;
}

/** What happened between two messages, in quiet lines. */
export function Events({ events, hidden }: Props) {
  const nameOf = useNameOf();
  return (
    <ul className="events quiet" aria-label={WORDS.events}>
      {hidden > 0 && <li>{WORDS.more(hidden)}</li>}
      {events.map((entry, index) => {
        const { what, who, why } = entryText(entry, nameOf);
        const at = instant(entry.at);
        return (
          <li key={`${index}${entry.at}`}>
            {what}
            {who && <bdi> {who}</bdi>}
            {why && <span dir="auto">{` · ${why}`}</span>}
            {at !== null && <time dateTime={entry.at}>{` · ${absolute(at)}`}</time>}
          </li>
        );
      })}
    </ul>
  );
}
