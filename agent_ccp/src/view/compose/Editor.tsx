import { useEffect, useImperativeHandle, useRef, useState, type Ref } from 'react';
import Squire from 'squire-rte';
import { clean } from '../../compose/html';
import { Toolbar, type Formats, type ToolbarHandle } from './Toolbar';

export interface EditorHandle {
  readonly root: () => HTMLElement | null;
  readonly focus: () => void;
  readonly insert: (html: string) => void;
  readonly insertImage: (src: string, attributes: Record<string, string>) => void;
}

interface Props {
  readonly ref?: Ref<EditorHandle>;
  readonly label: string;
  readonly placeholder: string;
  /** Shown when `revision` changes; what is typed stays here until `onInput` reads it. */
  readonly html: string;
  readonly revision: number | string;
  readonly disabled?: boolean;
  readonly onInput: (root: HTMLElement) => void;
  readonly onImages?: (files: File[]) => void;
  /** Images in pasted HTML, which have been taken out of it: their addresses. */
  readonly onPastedImages?: (addresses: string[]) => void;
  readonly onSlash?: () => void;
  readonly onSend?: () => void;
  readonly tools?: React.ReactNode;
}

const NO_FORMATS: Formats = { bold: false, italic: false, underline: false, bullets: false, numbers: false, quote: false, link: '' };

function formatsOf(squire: Squire): Formats {
  const path = squire.getPath();
  const node = squire.getSelection().commonAncestorContainer;
  const element = node instanceof Element ? node : node.parentElement;
  const anchor = element?.closest('a');
  return {
    bold: squire.hasFormat('B') || squire.hasFormat('STRONG'),
    italic: squire.hasFormat('I') || squire.hasFormat('EM'),
    underline: squire.hasFormat('U'),
    bullets: /(?:^|>)UL\b/.test(path),
    numbers: /(?:^|>)OL\b/.test(path),
    quote: /(?:^|>)BLOCKQUOTE\b/.test(path),
    link: anchor && squire.getRoot().contains(anchor) ? (anchor.getAttribute('href') ?? '') : '',
  };
}

function isBlank(root: HTMLElement): boolean {
  return root.textContent?.trim() === '' && !root.querySelector('img,li,blockquote,table,hr');
}

/** Whether the caret stands in an empty line. */
function inEmptyLine(squire: Squire): boolean {
  const range = squire.getSelection();
  if (!range.collapsed) return false;
  const node = range.startContainer;
  const block = node === squire.getRoot() ? node.childNodes[range.startOffset] : node;
  const element = block instanceof Element ? block : block?.parentElement;
  return element?.closest('div,p,li')?.textContent?.trim() === '';
}

/** Takes the images out of pasted content, but for those the editor itself has put there. */
function takeImages(fragment: DocumentFragment, root: HTMLElement): string[] {
  const taken: string[] = [];
  for (const image of fragment.querySelectorAll('img')) {
    const key = image.dataset.file;
    if (key && root.querySelector(`img[data-file="${CSS.escape(key)}"]`)) continue;
    taken.push(image.getAttribute('src') ?? '');
    image.remove();
  }
  return taken;
}

/** Rich text on Squire. The text lives in the document: React neither draws nor reads it. */
export function Editor(props: Props) {
  const { ref, label, placeholder, html, revision, disabled = false, tools } = props;
  const root = useRef<HTMLDivElement>(null);
  const squire = useRef<Squire | null>(null);
  const bar = useRef<ToolbarHandle>(null);
  const shown = useRef('');
  /** Where the focus was when it was asked for while the text was switched off. */
  const owed = useRef<Element | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [blank, setBlank] = useState(true);
  const [formats, setFormats] = useState(NO_FORMATS);

  useEffect(() => {
    const element = root.current;
    if (!element) return undefined;
    const editor = new Squire(element, {
      blockAttributes: { dir: 'auto' },
      tagAttributes: { a: { rel: 'noopener noreferrer' } },
      undo: { documentSizeThreshold: 400_000, undoLimit: 30 },
      sanitizeToDOMFragment: (text: string) => clean(text),
      didError: () => undefined,
    });
    squire.current = editor;
    const look = (): void => setFormats(formatsOf(editor));
    editor.addEventListener('input', () => {
      setBlank(isBlank(element));
      if (element.innerHTML === shown.current) return;
      shown.current = '';
      latest.current.onInput(element);
    });
    editor.addEventListener('pathChange', look);
    editor.addEventListener('select', look);
    editor.addEventListener('cursor', look);
    editor.addEventListener('pasteImage', (event) => {
      const { clipboardData } = (event as CustomEvent<{ clipboardData: DataTransfer }>).detail;
      latest.current.onImages?.([...clipboardData.files]);
    });
    editor.addEventListener('willPaste', (event) => {
      const { fragment } = (event as CustomEvent<{ fragment?: DocumentFragment }>).detail;
      const taken = fragment ? takeImages(fragment, element) : [];
      if (taken.length) latest.current.onPastedImages?.(taken);
    });
    return () => {
      squire.current = null;
      editor.destroy();
    };
  }, []);

  useEffect(() => {
    const editor = squire.current;
    const element = root.current;
    if (!editor || !element) return;
    editor.setHTML(html);
    editor.moveCursorToStart();
    shown.current = element.innerHTML;
    setBlank(isBlank(element));
    setFormats(formatsOf(editor));
    // Only another revision is another text: `html` follows what is typed.
  }, [revision]);

  useEffect(() => {
    root.current?.setAttribute('contenteditable', String(!disabled));
    // Not when one has gone elsewhere meanwhile.
    if (!disabled && owed.current && owed.current === document.activeElement) squire.current?.focus();
    if (!disabled) owed.current = null;
  }, [disabled]);

  const focus = (): void => {
    // What cannot be written in takes no focus: it is given when it can.
    if (!root.current?.isContentEditable) owed.current = document.activeElement;
    else squire.current?.focus();
  };

  useImperativeHandle(ref, () => ({
    root: () => root.current,
    focus,
    insert: (text) => {
      squire.current?.focus();
      squire.current?.insertHTML(text);
    },
    insertImage: (src, attributes) => {
      squire.current?.insertImage(src, attributes);
    },
  }));

  const onKeyDown = (event: React.KeyboardEvent): void => {
    // A dialog's keys come by here too, wherever it is drawn.
    if (!(event.target instanceof Node && root.current?.contains(event.target))) return;
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      bar.current?.link();
    } else if (command && event.key === 'Enter' && props.onSend) {
      event.preventDefault();
      event.stopPropagation();
      props.onSend();
    } else if (event.key === '/' && !command && props.onSlash && squire.current && inEmptyLine(squire.current)) {
      event.preventDefault();
      props.onSlash();
    }
  };

  return (
    <div className={disabled ? 'editor disabled' : 'editor'} onKeyDownCapture={onKeyDown}>
      <Toolbar ref={bar} editor={() => squire.current} formats={formats} disabled={disabled}>
        {tools}
      </Toolbar>
      <div className="editor-paper">
        {blank && (
          <div className="editor-placeholder" aria-hidden="true">
            {placeholder}
          </div>
        )}
        <div
          ref={root}
          className="editor-text"
          role="textbox"
          aria-multiline="true"
          aria-label={label}
          aria-disabled={disabled || undefined}
          dir="auto"
          spellCheck
          onMouseUp={() => {
            // In an untouched text one begins to write above the signature, wherever one clicks.
            if (shown.current && squire.current?.getSelection().collapsed) squire.current.moveCursorToStart();
          }}
        />
      </div>
    </div>
  );
}
