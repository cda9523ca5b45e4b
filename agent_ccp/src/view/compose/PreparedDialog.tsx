import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button, { type ButtonProps } from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useEffect, useRef, useState } from 'react';
import type { Transport } from '../../compose/api';
import { newId, reusable } from '../../compose/prepared';
import type { Canned, OwnReply } from '../../compose/types';
import { WORDS } from '../../compose/words';
import { shown } from '../../mail/text';
import { PreparedForm, type PreparedFormHandle } from './PreparedForm';
import { useOwnReplies } from './useOwnReplies';

/** Whether it begins with the list, or with the text at hand to be kept. */
export type Begin = 'list' | 'save';

interface Props {
  readonly api: Transport;
  readonly begin: Begin;
  /** The text at hand, and the signature it may end with. */
  readonly html: string;
  readonly signature: string;
  /** The composer's replies as they are now. */
  readonly onChanged: (replies: readonly Canned[]) => void;
  readonly onClose: () => void;
}

const words = WORDS.prepared;
const NEW: OwnReply = { id: '', title: '', subject: '', html: '' };

/** The agent's own prepared replies: their list, and one of them to be written. */
export function PreparedDialog({ api, begin, html, signature, onChanged, onClose }: Props) {
  const own = useOwnReplies(api, onChanged);
  const [writing, setWriting] = useState<OwnReply | null>(() => (begin === 'save' ? { ...NEW, html: reusable(html, signature) } : null));
  const form = useRef<PreparedFormHandle>(null);

  const save = async (): Promise<void> => {
    const reply = form.current?.take();
    if (!reply || !own.replies) return;
    const named = reply.id ? reply : { ...reply, id: newId(reply.title, own.replies) };
    if (await own.save(named)) setWriting(null);
  };
  const back = (): void => {
    own.quiet();
    setWriting(null);
  };
  const title = !writing ? words.title : writing.id ? words.editTitle : words.newTitle;

  return (
    <Modal
      visible
      onDismiss={onClose}
      closeAriaLabel={WORDS.dismiss}
      header={title}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            {writing ? (
              <>
                <Button variant="link" onClick={back}>
                  {words.back}
                </Button>
                <Button variant="primary" loading={own.busy} disabled={!own.replies} onClick={() => void save()}>
                  {words.save}
                </Button>
              </>
            ) : (
              <Button onClick={onClose}>{words.close}</Button>
            )}
          </SpaceBetween>
        </Box>
      }
    >
      <div className="compose-dialog">
        {!own.replies && !own.trouble && (
          <p className="words" role="status">
            <Spinner /> {words.loading}
          </p>
        )}
        {writing && <PreparedForm key={writing.id} ref={form} reply={writing} busy={own.busy} />}
        {!writing && own.replies && <OwnList replies={own.replies} busy={own.busy} onEdit={setWriting} onRemove={own.remove} />}
        {!writing && own.replies && (
          <div>
            <Button iconName="add-plus" onClick={() => setWriting(NEW)}>
              {words.add}
            </Button>
          </div>
        )}
        <div role="status">{own.done && <StatusIndicator type="success">{own.done}</StatusIndicator>}</div>
        {own.trouble && (
          <div role="alert">
            <Alert type="error" action={own.replies ? undefined : <Button onClick={own.again}>{words.again}</Button>}>
              {shown(own.trouble)}
            </Alert>
          </div>
        )}
      </div>
    </Modal>
  );
}

interface ListProps {
  readonly replies: readonly OwnReply[];
  readonly busy: boolean;
  readonly onEdit: (reply: OwnReply) => void;
  readonly onRemove: (reply: OwnReply) => Promise<void>;
}

function OwnList({ replies, busy, onEdit, onRemove }: ListProps) {
  const [asking, setAsking] = useState('');
  return (
    <>
      <p className="words quiet">{words.intro}</p>
      {replies.length === 0 && <p className="words">{words.empty}</p>}
      <ul className="own-replies">
        {replies.map((reply) => (
          <li key={reply.id}>
            <b dir="auto">{asking === reply.id ? words.sure(shown(reply.title)) : shown(reply.title)}</b>
            <span className="own-actions">
              {asking === reply.id ? (
                <Sure busy={busy} onRemove={() => void onRemove(reply)} onKeep={() => setAsking('')} />
              ) : (
                <>
                  <Button variant="inline-link" ariaLabel={words.editLabel(shown(reply.title))} onClick={() => onEdit(reply)}>
                    {words.edit}
                  </Button>
                  <Button variant="inline-link" ariaLabel={words.removeLabel(shown(reply.title))} onClick={() => setAsking(reply.id)}>
                    {words.remove}
                  </Button>
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

interface SureProps {
  readonly busy: boolean;
  readonly onRemove: () => void;
  readonly onKeep: () => void;
}

function Sure({ busy, onRemove, onKeep }: SureProps) {
  const keep = useRef<ButtonProps.Ref>(null);
  // The button that asked is gone: the keyboard goes on here, where nothing is lost.
  useEffect(() => keep.current?.focus(), []);
  return (
    <>
      <Button disabled={busy} onClick={onRemove}>
        {words.remove}
      </Button>
      <Button ref={keep} variant="link" onClick={onKeep}>
        {words.keep}
      </Button>
    </>
  );
}
