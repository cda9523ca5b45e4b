import Alert, { type AlertProps } from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { addressText } from '../case';
import { sentHere } from '../compose/here';
import { shown } from '../mail/text';
import { WORDS } from '../workWords';
import { useNow } from './hooks';
import type { Departure, Undo } from './undo';

const words = WORDS.leaving;

/** For the seconds in which an answer can be taken back. */
export function Leaving({ undo }: { readonly undo: Undo }) {
  const id = undo.departure?.message.id ?? '';
  // Beside the text it was sent from there is a count already.
  const counted = useSyncExternalStore(sentHere.subscribe, () => sentHere.has(id));
  if (!undo.departure || counted) return null;
  return <Counting key={undo.departure.message.id} {...undo.departure} undo={undo} />;
}

function Counting({ message, until, undo }: Departure & { readonly undo: Undo }) {
  const alert = useRef<AlertProps.Ref>(null);
  const left = Math.ceil((until - useNow(200)) / 1000);
  const { running, trouble } = undo;
  const over = left <= 0 && !running;
  useEffect(() => {
    // The button that let it go, or Undo itself, is gone: the keyboard goes on from here.
    if (document.activeElement === document.body) alert.current?.focus();
  }, [over]);
  const to = (message.to ?? []).map(addressText).join(', ');
  if (over) {
    return (
      <Alert ref={alert} type="success" header={words.over} dismissible dismissAriaLabel={WORDS.dismiss} onDismiss={undo.dismiss}>
        <To to={to} />
      </Alert>
    );
  }
  return (
    <Alert
      ref={alert}
      type="info"
      header={
        <>
          {words.leaves}{' '}
          <span className="count" role="timer">
            {Math.max(left, 0)} s
          </span>
        </>
      }
      action={
        <Button loading={running} onClick={() => void undo.run()} ariaLabel={words.undoLabel}>
          {words.undo}
        </Button>
      }
    >
      <To to={to} />
      {trouble && (
        <p className="words" role="alert">
          <StatusIndicator type="error">{words.failed}</StatusIndicator> {shown(trouble)}
        </p>
      )}
    </Alert>
  );
}

function To({ to }: { readonly to: string }) {
  return (
    <p className="words">
      {words.to} <bdi>{shown(to) || words.customer}</bdi>.
    </p>
  );
}
