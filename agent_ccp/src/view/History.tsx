import ExpandableSection from '@cloudscape-design/components/expandable-section';
import { useState } from 'react';
import type { CaseEntry, CaseSession, CaseView } from '../api';
import { entryText } from '../history';
import { absolute, instant } from '../mail/dates';
import { joined } from '../thread';
import { WORDS } from '../threadWords';
import { useNameOf } from './names';
import type { Act } from './Shell';

const AT_FIRST = 30;

interface Props {
  readonly view: CaseView | null;
  readonly session: CaseSession | null;
  readonly act: Act;
}

interface Pages {
  readonly entries: readonly CaseEntry[];
  readonly older: string | null;
}

/** What has happened to the case, newest first; what is further back is loaded when asked for. */
export function History({ view, session, act }: Props) {
  const [all, setAll] = useState(false);
  const [busy, setBusy] = useState(false);
  const [pages, setPages] = useState<Pages | null>(null);
  const entries = joined(pages?.entries ?? [], view?.interactions ?? []);
  const older = pages ? pages.older : (view?.older_interactions ?? null);
  if (entries.length === 0) return null;
  const newest = [...entries].reverse();
  const some = all ? newest : newest.slice(0, AT_FIRST);
  const load = async (): Promise<void> => {
    if (!session || !older) return;
    setBusy(true);
    await act(WORDS.historyFailed, async () => {
      const page = await session.olderHistory(older);
      setPages({ entries: joined(page.interactions, entries), older: page.older });
    });
    setBusy(false);
  };
  return (
    <ExpandableSection variant="container" headerText="History" headerCounter={older ? `(${entries.length}+)` : `(${entries.length})`}>
      <ol className="history">
        {some.map((entry, index) => (
          <Line key={`${newest.length - index}${entry.at}`} entry={entry} />
        ))}
      </ol>
      {newest.length > some.length && (
        <button type="button" className="bare more" onClick={() => setAll(true)}>
          and {newest.length - some.length} more
        </button>
      )}
      {newest.length === some.length && older && (
        <button type="button" className="bare more" aria-busy={busy} disabled={busy || !session} onClick={() => void load()}>
          {WORDS.historyOlder}
        </button>
      )}
    </ExpandableSection>
  );
}

function Line({ entry }: { readonly entry: CaseEntry }) {
  const { what, who, why } = entryText(entry, useNameOf());
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
