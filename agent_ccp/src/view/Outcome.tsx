import Alert, { type AlertProps } from '@cloudscape-design/components/alert';
import { useEffect, useRef } from 'react';
import type { Notice } from './decisions';

/** What a decision came to. The button it was made with is gone: the keyboard goes on from here. */
export function Outcome({ notice, onDismiss }: { notice: Notice | null; onDismiss: () => void }) {
  const alert = useRef<AlertProps.Ref>(null);
  useEffect(() => {
    if (notice) alert.current?.focus();
  }, [notice]);
  if (!notice) return null;
  return (
    <Alert ref={alert} type={notice.type} header={notice.header} dismissible dismissAriaLabel="Dismiss" onDismiss={onDismiss}>
      {notice.text}
    </Alert>
  );
}
