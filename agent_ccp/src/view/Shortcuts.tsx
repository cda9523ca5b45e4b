import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useEffect, useRef, useState } from 'react';
import { shortcut, step } from '../desk';
import { WORDS } from '../words';

export interface Shortcut {
  readonly label: string;
  readonly run: () => void;
}

interface Props {
  /** By key, a small letter. The list and j and k are there without being given. */
  readonly keys: Readonly<Record<string, Shortcut>>;
}

const OFF = 'email-agent-ccp.shortcuts-off';
const TYPING =
  'input, textarea, select, [contenteditable]:not([contenteditable="false"]), [role="textbox"], [role="combobox"], [role="listbox"], [role="menu"], [role="dialog"], dialog';

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TYPING) !== null;
}

function inDialog(): boolean {
  const dialogs = document.querySelectorAll('[role="dialog"][aria-modal="true"], dialog[open]');
  return [...dialogs].some((each) => each.getClientRects().length > 0);
}

function isOff(): boolean {
  try {
    return localStorage.getItem(OFF) === 'yes';
  } catch {
    return false;
  }
}

function keepOff(off: boolean): void {
  try {
    if (off) localStorage.setItem(OFF, 'yes');
    else localStorage.removeItem(OFF);
  } catch {
    // Without storage it holds until the page is closed.
  }
}

/** Moves the keyboard to the message after or before the one it is at. */
function go(by: 1 | -1): void {
  const messages = [...document.querySelectorAll<HTMLElement>('[data-message]')];
  const at = messages.findIndex((each) => each.contains(document.activeElement));
  const next = messages[step(messages.length, at, by)];
  if (!next) return;
  if (next.tabIndex < 0 && !next.hasAttribute('tabindex')) next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: 'start' });
}

/** Single keys for what an agent does most, and the list of them. They can be switched off (WCAG 2.1.4). */
export function Shortcuts({ keys }: Props) {
  const [open, setOpen] = useState(false);
  const [off, setOff] = useState(isOff);
  const all: Readonly<Record<string, Shortcut>> = {
    j: { label: WORDS.keys.next, run: () => go(1) },
    k: { label: WORDS.keys.previous, run: () => go(-1) },
    ...keys,
    '?': { label: WORDS.keys.help, run: () => setOpen(true) },
  };
  const latest = useRef(all);
  latest.current = all;
  useEffect(() => {
    if (off) return undefined;
    const press = (event: KeyboardEvent): void => {
      const key = shortcut(event);
      if (!key || !Object.hasOwn(latest.current, key) || event.defaultPrevented) return;
      if ((event.repeat && key !== 'j' && key !== 'k') || isTyping(event.target) || inDialog()) return;
      event.preventDefault();
      latest.current[key]?.run();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [off]);
  return (
    <div className="shortcuts">
      <Button variant="inline-link" onClick={() => setOpen(true)}>
        {WORDS.keys.title}
      </Button>
      <Modal visible={open} header={WORDS.keys.title} closeAriaLabel={WORDS.close} onDismiss={() => setOpen(false)}>
        <SpaceBetween size="m">
          <table className="keys">
            <thead>
              <tr>
                <th scope="col">{WORDS.keys.key}</th>
                <th scope="col">{WORDS.keys.does}</th>
              </tr>
            </thead>
            <tbody>
              {Object.entries(all).map(([key, { label }]) => (
                <tr key={key}>
                  <td>
                    <kbd>{key}</kbd>
                  </td>
                  <td>{label}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="words">{WORDS.keys.hint}</p>
          <Toggle
            checked={!off}
            onChange={({ detail }) => {
              keepOff(!detail.checked);
              setOff(!detail.checked);
            }}
          >
            {WORDS.keys.use}
          </Toggle>
        </SpaceBetween>
      </Modal>
    </div>
  );
}
