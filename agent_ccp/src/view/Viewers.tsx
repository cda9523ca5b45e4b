import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { viewersText, type Viewer } from '../desk';

/** Who else has the case open, said once when it changes. */
export function Viewers({ viewers }: { readonly viewers: readonly Viewer[] }) {
  const text = viewersText(viewers);
  return (
    <div className="viewers" aria-live="polite" aria-atomic="true">
      {text && (
        <StatusIndicator type="info" wrapText>
          {text}
        </StatusIndicator>
      )}
    </div>
  );
}
