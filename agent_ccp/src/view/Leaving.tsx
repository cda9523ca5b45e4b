import Alert, { type AlertProps } from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useEffect, useRef } from 'react';
import { addressText } from '../case';
import { shown } from '../mail/text';
import { useNow } from './hooks';
import type { Departure, Undo } from './undo';

/** For the seconds in which an answer can be taken back. */
export function Leaving({ undo }: { readonly undo: Undo }) {
  if (!undo.departure) return null;
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
      <Alert ref={alert} type="success" header="The answer is on its way" dismissible dismissAriaLabel="Dismiss" onDismiss={undo.dismiss}>
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
          The answer leaves in{' '}
          <span className="count" role="timer">
            {Math.max(left, 0)} s
          </span>
        </>
      }
      action={
        <Button loading={running} onClick={() => void undo.run()} ariaLabel="Undo: do not send the answer">
          Undo
        </Button>
      }
    >
      <To to={to} />
      {trouble && (
        <p className="words" role="alert">
          <StatusIndicator type="error">“Undo” did not work.</StatusIndicator> {shown(trouble)}
        </p>
      )}
    </Alert>
  );
}

function To({ to }: { readonly to: string }) {
  return (
    <p className="words">
      It goes to <bdi>{shown(to) || 'the customer'}</bdi>.
    </p>
  );
}
