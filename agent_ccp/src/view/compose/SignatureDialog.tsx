import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useEffect, useRef, useState } from 'react';
import { saveSignature, signature, type Transport } from '../../compose/api';
import { forMail } from '../../compose/html';
import { nothing, plain } from '../../compose/plain';
import type { Signature } from '../../compose/types';
import { WORDS } from '../../compose/words';
import { shown } from '../../mail/text';
import { Editor } from './Editor';

interface Props {
  readonly api: Transport;
  readonly onSaved: (signature: Signature) => void;
  readonly onClose: () => void;
}

const NO_IMAGES: ReadonlyMap<string, string> = new Map();

export function SignatureDialog({ api, onSaved, onClose }: Props) {
  const [stored, setStored] = useState<Signature | null>(null);
  const [trouble, setTrouble] = useState('');
  const [busy, setBusy] = useState(false);
  const written = useRef('');
  useEffect(() => {
    let open = true;
    signature(api).then(
      (found) => {
        written.current = found.html;
        if (open) setStored(found);
      },
      (error: Error) => open && setTrouble(error.message),
    );
    return () => {
      open = false;
    };
    // Once: what is being written is not to be replaced.
  }, []);
  const save = async (): Promise<void> => {
    setBusy(true);
    setTrouble('');
    try {
      const html = nothing(written.current, '') ? '' : written.current;
      await saveSignature(api, html);
      const kept = await signature(api).catch(() => ({ html, text: plain(html) }));
      onSaved(kept);
    } catch (error) {
      setTrouble(`${WORDS.signature.failed} ${(error as Error).message}`);
      setBusy(false);
    }
  };
  return (
    <Modal
      visible
      onDismiss={onClose}
      closeAriaLabel={WORDS.dismiss}
      header={WORDS.signature.title}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {WORDS.cancel}
            </Button>
            <Button variant="primary" loading={busy} disabled={!stored} onClick={() => void save()}>
              {WORDS.signature.save}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <div className="compose-dialog">
        <p className="words">{WORDS.signature.hint}</p>
        {!stored && !trouble && <Spinner />}
        {stored && (
          <Editor
            label={WORDS.signature.text}
            placeholder=""
            html={stored.html}
            revision="signature"
            disabled={busy}
            onInput={(root) => {
              written.current = forMail(root, NO_IMAGES);
            }}
          />
        )}
        {trouble && <Alert type="error">{shown(trouble)}</Alert>}
      </div>
    </Modal>
  );
}
