import Alert from '@cloudscape-design/components/alert';
import { WORDS } from '../workWords';

interface Props {
  /** Whether the task came to stand for a newer mail while it was open. */
  readonly overtaken: boolean;
  /** Who wrote the mail that is shown. */
  readonly by: string;
  /** Who wrote a mail after that; empty when nobody did. */
  readonly newerBy: string;
}

/** That the customer has written again while the agent was at work. */
export function Written({ overtaken, by, newerBy }: Props) {
  const words = WORDS.written;
  return (
    <>
      {overtaken && (
        <Alert type="info" header={words.again(by)}>
          {words.shown}
        </Alert>
      )}
      {newerBy && (
        <Alert type="info" header={words.again(newerBy)}>
          {words.below}
        </Alert>
      )}
    </>
  );
}
