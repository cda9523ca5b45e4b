import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { Snapshot } from '../../compose/state';
import { WORDS } from '../../compose/words';
import { shown } from '../../mail/text';
import { useNameOf } from '../names';
import { at } from './times';

interface Props {
  readonly state: Snapshot;
  readonly me: string;
  /** Whether there is anything to keep. */
  readonly worthwhile: boolean;
}

/** How the draft stands, in one line. */
export function DraftState({ state, me, worthwhile }: Props) {
  return (
    <span className="draft-state" role="status">
      {worthwhile && <Line state={state} me={me} />}
    </span>
  );
}

function Line({ state: { saving, origin, over }, me }: Pick<Props, 'state' | 'me'>) {
  const words = WORDS.state;
  const nameOf = useNameOf();
  if (origin) {
    const when = at(origin.at);
    return <span className="quiet">{origin.author === me ? words.mine(when) : words.from(nameOf(origin.author), when)}</span>;
  }
  if (over) return <StatusIndicator type="warning">{words.kept}</StatusIndicator>;
  switch (saving.kind) {
    case 'clean':
      return null;
    case 'waiting':
      return <span className="quiet">{words.unsaved}</span>;
    case 'saving':
      return <StatusIndicator type="loading">{words.saving}</StatusIndicator>;
    case 'saved':
      return <StatusIndicator type="success">{words.saved(at(saving.at))}</StatusIndicator>;
    case 'failed':
      return <StatusIndicator type="error">{words.failed(shown(saving.detail))}</StatusIndicator>;
    default:
      return <StatusIndicator type="warning">{words.kept}</StatusIndicator>;
  }
}
