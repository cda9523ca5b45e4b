import { useEffect, useState } from 'react';
import type { CaseSession } from '../../api';
import { fileLink, transport } from '../../compose/api';
import type { Item } from '../../compose/content';
import { IMAGE_TYPES } from '../../compose/html';
import { preview } from '../../compose/image';
import { fileOfDataUrl } from '../../compose/upload';
import { WORDS } from '../../compose/words';
import type { EditorHandle } from './Editor';
import { pictureOf, type Held } from './useWriting';

interface Around {
  readonly editor: React.RefObject<EditorHandle | null>;
  readonly typing: () => void;
  /** Takes the text over from the editor. */
  readonly read: () => void;
  readonly busy: boolean;
}

export interface Taking {
  readonly attach: (files: readonly File[]) => void;
  readonly insertImages: (files: readonly File[]) => void;
  /** Images of pasted HTML, by their addresses. */
  readonly pastedImages: (addresses: readonly string[]) => void;
  readonly remove: (item: Item) => void;
  readonly dragging: boolean;
  /** What makes an element a place to drop files. */
  readonly dropPlace: Pick<React.HTMLAttributes<HTMLElement>, 'onDragOver' | 'onDragLeave' | 'onDropCapture'>;
}

const hasFiles = (event: React.DragEvent): boolean => event.dataTransfer.types.includes('Files');

/** Takes files and images in, however they come: chosen, pasted or dropped. */
export function useFiles({ writing, pictures }: Held, { editor, typing, read, busy }: Around): Taking {
  const [dragging, setDragging] = useState(false);

  const insertImage = async (file: File): Promise<void> => {
    const shownAs = IMAGE_TYPES.has(file.type) ? await preview(file).catch(() => null) : null;
    const [item] = writing.add([file], !!shownAs);
    if (!item || !shownAs) return;
    pictures.set(item.key, shownAs.src);
    editor.current?.focus();
    editor.current?.insertImage(shownAs.src, { 'data-file': item.key, alt: '', width: String(shownAs.width) });
  };
  const insertImages = (files: readonly File[]): void => {
    typing();
    for (const file of files) void insertImage(file);
  };
  const pastedImages = (addresses: readonly string[]): void => {
    const files = addresses.map(fileOfDataUrl);
    insertImages(files.filter((file) => file !== null));
    if (files.includes(null)) writing.say(WORDS.file.webImages);
  };
  const attach = (files: readonly File[]): void => {
    typing();
    writing.add(files, false);
  };
  const remove = ({ key }: Item): void => {
    editor.current?.root()?.querySelector(`img[data-file="${CSS.escape(key)}"]`)?.remove();
    writing.files.remove(key);
    read();
  };
  const drop = (event: React.DragEvent): void => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    setDragging(false);
    if (busy) return;
    const overText = event.target instanceof Node && editor.current?.root()?.contains(event.target);
    const isImage = ({ type }: File): boolean => !!overText && IMAGE_TYPES.has(type);
    const files = [...event.dataTransfer.files];
    const rest = files.filter((file) => !isImage(file));
    if (rest.length) attach(rest);
    insertImages(files.filter(isImage));
  };
  const dropPlace: Taking['dropPlace'] = {
    onDragOver: (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setDragging(true);
    },
    onDragLeave: (event) => {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setDragging(false);
    },
    onDropCapture: drop,
  };
  return { attach, insertImages, pastedImages, remove, dragging, dropPlace };
}

/** Fetches the images of a restored draft and puts them where the text has only their place. */
export function usePictures(
  { writing, pictures }: Held,
  editor: React.RefObject<EditorHandle | null>,
  session: CaseSession,
  when: string,
): void {
  useEffect(() => {
    for (const { key, id, inline, state } of writing.content.items) {
      if (!inline || state !== 'done' || pictures.has(key)) continue;
      pictures.set(key, '');
      fileLink(transport(session), id)
        .then(pictureOf)
        .then(
          (src) => {
            pictures.set(key, src);
            for (const image of editor.current?.root()?.querySelectorAll<HTMLImageElement>(`img[data-file="${CSS.escape(key)}"]`) ?? []) {
              image.src = src;
            }
          },
          () => pictures.delete(key),
        );
    }
  }, [when]);
}
