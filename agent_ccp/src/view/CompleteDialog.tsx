import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Answered } from '../case';
import { shown } from '../mail/text';

interface Props {
  readonly asking: Answered | null;
  readonly customer: string;
  readonly address: string;
  readonly onBack: () => void;
  readonly onComplete: () => void;
}

export function CompleteDialog({ asking, customer, address, onBack, onComplete }: Props) {
  const unknown = asking === 'unknown';
  return (
    <Modal
      visible={asking !== null}
      onDismiss={onBack}
      closeAriaLabel="Dismiss"
      header={unknown ? 'Was this email answered?' : `${customer}’s email has not been answered`}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onComplete}>
              Complete anyway
            </Button>
            <Button variant="primary" onClick={onBack}>
              Go back
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      {unknown ? (
        <p className="words">The case cannot be reached right now, so this page cannot tell whether you have answered.</p>
      ) : (
        <p className="words">
          No answer has gone to <bdi>{shown(address) || customer}</bdi> yet. If you have just sent one, give it a minute to
          arrive.
        </p>
      )}
      <p className="words">
        If you complete the task now, nothing is lost: an unanswered email stays in its case, and the case stays open.
        The customer is not told.
      </p>
    </Modal>
  );
}
