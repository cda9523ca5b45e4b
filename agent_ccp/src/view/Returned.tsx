import Alert from '@cloudscape-design/components/alert';
import { lines, words, type Lost } from '../fate';
import { RecipientLines } from './Recipients';

interface Props {
  readonly lost: Lost;
  /** The user name of the agent who looks at it. */
  readonly me: string;
  /** Brings the answer into view; missing where it cannot be shown. */
  readonly onRead?: (messageId: string) => void;
}

/** An answer that came back: what happened, why, and what to do now. */
export function Returned({ lost, me, onRead }: Props) {
  const { header, advice } = words(lost, me);
  const { message, why, kind } = lost;
  return (
    <section aria-label={header}>
      <Alert type={kind === 'unknown' ? 'warning' : 'error'} header={<bdi>{header}</bdi>}>
        {why && (
          <p className="words" dir="auto">
            {why}
          </p>
        )}
        {message && <RecipientLines lines={lines(message).map((line) => ({ ...line, reason: '' }))} />}
        <p className="words">{advice}</p>
        {message && onRead && (
          <p className="words">
            <button type="button" className="bare link" onClick={() => onRead(message.id)}>
              Read the answer below
            </button>
          </p>
        )}
      </Alert>
    </section>
  );
}
