import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import type { Line } from '../fate';

const AT_FIRST = 4;

/** What became of a mail, a line for each of its recipients. */
export function RecipientLines({ lines }: { readonly lines: readonly Line[] }) {
  const [all, setAll] = useState(false);
  if (lines.length === 0) return null;
  const some = all ? lines : lines.slice(0, AT_FIRST);
  return (
    <>
      <ul className="recipients" aria-label="Recipients">
        {some.map(({ address, mood, text, reason }, index) => (
          <li key={`${index}${address}`}>
            <bdi className="recipient">{address}</bdi> <StatusIndicator type={mood}>{text}</StatusIndicator>
            {reason && (
              <span className="quiet" dir="auto">
                {reason}
              </span>
            )}
          </li>
        ))}
      </ul>
      {lines.length > some.length && (
        <button type="button" className="bare more" onClick={() => setAll(true)}>
          and {lines.length - some.length} more
        </button>
      )}
    </>
  );
}
