import Button from '@cloudscape-design/components/button';
import type { Kind } from '../../compose/types';
import { WORDS } from '../../compose/words';

interface Props {
  readonly kind: Kind;
  readonly busy: boolean;
  readonly preparing: boolean;
  readonly onPrepare: () => void;
  readonly onSign: () => void;
}

/** Texts that are there already, beside the toolbar. */
export function Tools({ kind, busy, preparing, onPrepare, onSign }: Props) {
  return (
    <>
      <Button variant="inline-link" disabled={busy} ariaExpanded={preparing} onClick={onPrepare}>
        {WORDS.canned.open}
      </Button>
      {kind !== 'note' && (
        <Button variant="inline-link" disabled={busy} onClick={onSign}>
          {WORDS.signature.edit}
        </Button>
      )}
    </>
  );
}
