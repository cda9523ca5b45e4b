import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Answered } from '../case';
import { shown } from '../mail/text';

/** What speaks against completing a task. */
export interface Doubt {
  readonly answered: Answered;
  /** How many messages wait for a decision. */
  readonly held: number;
}

interface Props {
  readonly asking: Doubt | null;
  readonly customer: string;
  readonly address: string;
  readonly onBack: () => void;
  readonly onComplete: () => void;
}

function title({ answered, held }: Doubt, customer: string): string {
  if (answered === 'unknown') return 'Was this email answered?';
  if (answered === 'no') return `${customer}’s email has not been answered`;
  return held === 1 ? 'A held message waits for a decision' : `${held} held messages wait for a decision`;
}

export function CompleteDialog({ asking, customer, address, onBack, onComplete }: Props) {
  return (
    <Modal
      visible={asking !== null}
      onDismiss={onBack}
      closeAriaLabel="Dismiss"
      header={asking && title(asking, customer)}
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
      {asking?.answered === 'unknown' && (
        <p className="words">
          The case cannot be reached right now, so this page cannot tell whether you have answered, or whether a mail is
          held in it.
        </p>
      )}
      {asking?.answered === 'no' && (
        <p className="words">
          No answer has gone to <bdi>{shown(address) || customer}</bdi> yet. If you have just sent one, give it a minute to
          arrive.
        </p>
      )}
      {asking && asking.held > 0 && (
        <p className="words">
          {asking.held === 1 ? 'One message is held' : `${asking.held} messages are held`} in this case and nobody has
          decided yet. Until somebody does, it stays there without effect.
        </p>
      )}
      {asking?.answered !== 'yes' && (
        <p className="words">
          If you complete the task now, nothing is lost: an unanswered email stays in its case, and the case stays open.
          The customer is not told.
        </p>
      )}
    </Modal>
  );
}
