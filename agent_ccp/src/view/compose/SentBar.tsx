import Alert, { type AlertProps } from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { useEffect, useRef } from 'react';
import type { Departed } from '../../compose/state';
import { WORDS } from '../../compose/words';
import { shown } from '../../mail/text';
import { useNow } from '../hooks';

interface Props {
  readonly sent: Departed;
  readonly onUndo: () => void;
  readonly onGone: () => void;
  readonly onDismiss: () => void;
}

/** What became of what was just sent: a few seconds to take it back, then that it has left. */
export function SentBar(props: Props) {
  const { sent, onDismiss } = props;
  const whom = shown([...sent.content.to, ...sent.content.cc, ...sent.content.bcc].join(', '));
  const words = WORDS.sent;
  const closed = sent.kind === 'reply' && sent.content.next === 'close' ? ` ${words.closed}` : '';
  if (sent.state === 'leaving' || sent.state === 'undoing') return <Counting {...props} whom={whom} />;
  const dismissible = { dismissible: true, dismissAriaLabel: words.dismiss, onDismiss };
  if (sent.state === 'undone') return <Alert type="success" header={words.undone} {...dismissible} />;
  if (sent.state === 'late') return <Alert type="info" header={words.tooLate} {...dismissible} />;
  if (sent.kind === 'note') return <Alert type="success" header={words.note} {...dismissible} />;
  return (
    <Alert type="success" header={words.gone} {...dismissible}>
      {words.onItsWay(whom)}
      {closed}
    </Alert>
  );
}

function Counting({ sent, onUndo, onGone, whom }: Props & { readonly whom: string }) {
  const alert = useRef<AlertProps.Ref>(null);
  const left = Math.ceil((sent.until - useNow(200)) / 1000);
  const undoing = sent.state === 'undoing' && !sent.trouble;
  useEffect(() => {
    if (left <= 0 && !undoing) onGone();
  }, [left <= 0, undoing]);
  useEffect(() => {
    // The Send button is empty-handed now: the keyboard goes on where Undo is.
    alert.current?.focus();
  }, []);
  const share = Math.max(0, Math.min(1, (sent.until - Date.now()) / Math.max(1, sent.total)));
  return (
    <Alert
      ref={alert}
      type="info"
      header={
        <span className="count" role="timer">
          {WORDS.sent.leaving(Math.max(left, 0))}
        </span>
      }
      action={
        <Button loading={undoing} onClick={onUndo} ariaLabel={WORDS.sent.undoLabel}>
          {WORDS.sent.undo}
        </Button>
      }
    >
      {WORDS.sent.to(whom)}
      {sent.trouble && <p role="alert">{WORDS.sent.failed(shown(sent.trouble))}</p>}
      <div className="countdown" aria-hidden="true">
        <div style={{ inlineSize: `${share * 100}%` }} />
      </div>
    </Alert>
  );
}
