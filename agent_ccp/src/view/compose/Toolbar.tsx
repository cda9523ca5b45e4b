import { useImperativeHandle, useRef, useState, type ReactNode, type Ref } from 'react';
import type Squire from 'squire-rte';
import { WORDS } from '../../compose/words';
import { SignIcon, type Sign } from './icons';
import { LinkDialog } from './LinkDialog';

export interface Formats {
  readonly bold: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly bullets: boolean;
  readonly numbers: boolean;
  readonly quote: boolean;
  /** Its address; empty outside a link. */
  readonly link: string;
}

export interface ToolbarHandle {
  readonly link: () => void;
}

interface Props {
  readonly ref?: Ref<ToolbarHandle>;
  readonly editor: () => Squire | null;
  readonly formats: Formats;
  readonly disabled: boolean;
  readonly children?: ReactNode;
}

const GROUPS: readonly (readonly Sign[])[] = [
  ['bold', 'italic', 'underline'],
  ['bullets', 'numbers', 'quote'],
  ['link', 'clear'],
];

const KEYS: Partial<Record<Sign, string>> = { bold: 'Control+B', italic: 'Control+I', underline: 'Control+U', link: 'Control+K' };

function run(squire: Squire, sign: Sign, on: boolean): void {
  switch (sign) {
    case 'bold':
      return void (on ? squire.removeBold() : squire.bold());
    case 'italic':
      return void (on ? squire.removeItalic() : squire.italic());
    case 'underline':
      return void (on ? squire.removeUnderline() : squire.underline());
    case 'bullets':
      return void (on ? squire.removeList() : squire.makeUnorderedList());
    case 'numbers':
      return void (on ? squire.removeList() : squire.makeOrderedList());
    case 'quote':
      return void (on ? squire.decreaseQuoteLevel() : squire.increaseQuoteLevel());
    default:
      squire.removeAllFormatting();
  }
}

/** One stop for the Tab key; arrows move within (ARIA toolbar pattern). */
function move(bar: HTMLElement, event: React.KeyboardEvent): void {
  const buttons = [...bar.querySelectorAll<HTMLButtonElement>('button.tool')];
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const to = event.key === 'Home' ? 0 : event.key === 'End' ? buttons.length - 1 : at + (step ?? 0);
  if (at < 0 || (step === undefined && event.key !== 'Home' && event.key !== 'End')) return;
  event.preventDefault();
  const next = buttons[(to + buttons.length) % buttons.length];
  for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
  next?.focus();
}

export function Toolbar({ ref, editor, formats, disabled, children }: Props) {
  const [linking, setLinking] = useState<{ readonly address: string; readonly asksText: boolean } | null>(null);
  const bar = useRef<HTMLDivElement>(null);

  const link = (): void => {
    const squire = editor();
    if (squire) setLinking({ address: formats.link, asksText: squire.getSelection().collapsed && !formats.link });
  };
  useImperativeHandle(ref, () => ({ link }));

  const choose = (sign: Sign): void => {
    const squire = editor();
    if (!squire) return;
    if (sign === 'link') return link();
    run(squire, sign, sign !== 'clear' && formats[sign]);
    squire.focus();
  };

  return (
    <div className="tools">
      <div role="toolbar" aria-label={WORDS.toolbar} className="tools-format" ref={bar} onKeyDown={(event) => bar.current && move(bar.current, event)}>
        {GROUPS.map((group) => (
          <span key={group[0]} className="tool-group">
            {group.map((sign) => (
              <button
                key={sign}
                type="button"
                className="tool"
                tabIndex={sign === 'bold' ? 0 : -1}
                disabled={disabled}
                aria-label={WORDS.tools[sign]}
                title={KEYS[sign] ? `${WORDS.tools[sign]} (${KEYS[sign]?.replace('Control', 'Ctrl')})` : WORDS.tools[sign]}
                aria-keyshortcuts={KEYS[sign]}
                aria-pressed={sign === 'clear' ? undefined : !!formats[sign]}
                // The selection stays in the text.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => choose(sign)}
              >
                <SignIcon sign={sign} />
              </button>
            ))}
          </span>
        ))}
      </div>
      <div className="tools-more">{children}</div>
      {linking && (
        <LinkDialog
          {...linking}
          onClose={() => {
            setLinking(null);
            editor()?.focus();
          }}
          onSet={(address, text) => {
            setLinking(null);
            const squire = editor();
            if (!squire) return;
            squire.focus();
            if (text) squire.insertPlainText(text, false);
            if (text) select(squire, text.length);
            if (address) squire.makeLink(address, { rel: 'noopener noreferrer' });
            else squire.removeLink();
          }}
        />
      )}
    </div>
  );
}

/** Selects the `length` characters before the caret, which have just been put there. */
function select(squire: Squire, length: number): void {
  const range = squire.getSelection();
  if (!(range.startContainer instanceof Text) || range.startOffset < length) return;
  range.setStart(range.startContainer, range.startOffset - length);
  squire.setSelection(range);
}
