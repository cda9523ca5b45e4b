import ExpandableSection from '@cloudscape-design/components/expandable-section';
import { useState } from 'react';
import type { CaseEntry } from '../api';
import { entryText } from '../history';
import { absolute, instant } from '../mail/dates';

const AT_FIRST = 30;

/** What has happened to the case, newest first. */
export function History({ entries }: { readonly entries: readonly CaseEntry[] }) {
  const [all, setAll] = useState(false);
  if (entries.length === 0) return null;
  const newest = [...entries].reverse();
  const some = all ? newest : newest.slice(0, AT_FIRST);
  return (
    <ExpandableSection variant="container" headerText="History" headerCounter={`(${entries.length})`}>
      <ol className="history">
        {some.map((entry, index) => (
          <Line key={`${index}${entry.at}`} entry={entry} />
        ))}
      </ol>
      {newest.length > some.length && (
        <button type="button" className="bare more" onClick={() => setAll(true)}>
          and {newest.length - some.length} more
        </button>
      )}
    </ExpandableSection>
  );
}

function Line({ entry }: { readonly entry: CaseEntry }) {
  const { what, who, why } = entryText(entry);
  const at = instant(entry.at);
  return (
    <li>
      {at !== null && (
        <time className="quiet" dateTime={entry.at}>
          {absolute(at)}
        </time>
      )}
      <span>
        {what}
        {who && <bdi> {who}</bdi>}
        {why && <span className="quiet" dir="auto">{` · ${why}`}</span>}
      </span>
    </li>
  );
}
