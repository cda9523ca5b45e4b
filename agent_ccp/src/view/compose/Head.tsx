import Button from '@cloudscape-design/components/button';
import type { Snapshot } from '../../compose/state';
import { KINDS, type Kind } from '../../compose/types';
import { WORDS } from '../../compose/words';
import { DraftState } from './DraftState';

interface Props {
  readonly state: Snapshot;
  readonly me: string;
  /** Whether there is anything to keep. */
  readonly worthwhile: boolean;
  readonly onKind: (kind: Kind) => void;
  readonly onDiscard: () => void;
}

/** What is written, and how its draft stands. */
export function Head({ state, me, worthwhile, onKind, onDiscard }: Props) {
  const { kind, busy } = state;
  return (
    <div className="composer-head">
      <div className="kinds" role="group" aria-label={WORDS.kindLabel}>
        {KINDS.map((each) => (
          <button key={each} type="button" aria-pressed={each === kind} disabled={busy} onClick={() => onKind(each)}>
            {WORDS.kinds[each]}
          </button>
        ))}
      </div>
      <span className="composer-side">
        <DraftState state={state} me={me} worthwhile={worthwhile} />
        {worthwhile && (
          <Button variant="inline-link" disabled={busy} onClick={onDiscard}>
            {WORDS.state.discard}
          </Button>
        )}
      </span>
    </div>
  );
}
