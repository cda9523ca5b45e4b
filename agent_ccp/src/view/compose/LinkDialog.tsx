import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { isAddress } from '../../compose/address';
import { WORDS } from '../../compose/words';

interface Props {
  readonly address: string;
  readonly asksText: boolean;
  readonly onClose: () => void;
  /** Empty address: the link is taken off. */
  readonly onSet: (address: string, text: string) => void;
}

/** What was meant: "example.com" is a page, "ann@example.com" somebody to write to. */
function whole(typed: string): string | null {
  const text = typed.trim();
  if (/^(?:https?:\/\/[^\s/]|mailto:\S|tel:[\d+])/i.test(text)) return text;
  if (isAddress(text)) return `mailto:${text}`;
  return /^[^\s:/]+\.[^\s:]{2,}$/.test(text) ? `https://${text}` : null;
}

export function LinkDialog({ address, asksText, onClose, onSet }: Props) {
  const [typed, setTyped] = useState(address);
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const set = (): void => {
    const found = whole(typed);
    if (found) onSet(found, asksText ? text.trim() || typed.trim() : '');
    else setWrong(true);
  };
  const onKey = ({ detail }: { detail: { key: string } }): void => {
    if (detail.key === 'Enter') set();
  };
  return (
    <Modal
      visible
      onDismiss={onClose}
      closeAriaLabel={WORDS.dismiss}
      header={WORDS.link.title}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            {address && (
              <Button variant="link" onClick={() => onSet('', '')}>
                {WORDS.link.unset}
              </Button>
            )}
            <Button variant="link" onClick={onClose}>
              {WORDS.cancel}
            </Button>
            <Button variant="primary" onClick={set}>
              {WORDS.link.set}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <FormField label={WORDS.link.address} constraintText={WORDS.link.hint} errorText={wrong && WORDS.link.wrong}>
          <Input autoFocus value={typed} onChange={({ detail }) => setTyped(detail.value)} onKeyDown={onKey} type="url" inputMode="url" />
        </FormField>
        {asksText && (
          <FormField label={WORDS.link.text}>
            <Input value={text} onChange={({ detail }) => setText(detail.value)} onKeyDown={onKey} />
          </FormField>
        )}
      </SpaceBetween>
    </Modal>
  );
}
