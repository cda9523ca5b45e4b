import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { Fragment, useImperativeHandle, useRef, useState, type Ref } from 'react';
import { forMail } from '../../compose/html';
import { nothing } from '../../compose/plain';
import type { OwnReply } from '../../compose/types';
import { WORDS } from '../../compose/words';
import { Editor } from './Editor';

export interface PreparedFormHandle {
  /** What was written; null, and said so, when something is missing. */
  readonly take: () => OwnReply | null;
}

interface Props {
  readonly ref: Ref<PreparedFormHandle>;
  readonly reply: OwnReply;
  readonly busy: boolean;
}

const words = WORDS.prepared;
const NO_IMAGES: ReadonlyMap<string, string> = new Map();
const LONGEST_TITLE = 100;

/** One prepared reply, to be written or changed. */
export function PreparedForm({ ref, reply, busy }: Props) {
  const [title, setTitle] = useState(reply.title);
  const [asked, setAsked] = useState(false);
  const [empty, setEmpty] = useState(nothing(reply.html, ''));
  const written = useRef(reply.html);
  useImperativeHandle(ref, () => ({
    take: () => {
      setAsked(true);
      const named = title.trim().slice(0, LONGEST_TITLE);
      return named && !empty ? { ...reply, title: named, html: written.current } : null;
    },
  }));
  return (
    <>
      <FormField label={words.name} constraintText={words.nameHint} errorText={asked && !title.trim() && words.noName}>
        <Input autoFocus value={title} disabled={busy} onChange={({ detail }) => setTitle(detail.value)} />
      </FormField>
      <FormField
        label={words.text}
        errorText={asked && empty && words.noText}
        constraintText={
          <span className="variables">
            {words.variables}{' '}
            {words.names.map((name) => (
              <Fragment key={name}>
                <code>{`{{ ${name} }}`}</code>{' '}
              </Fragment>
            ))}
          </span>
        }
      >
        <Editor
          label={words.text}
          placeholder=""
          html={reply.html}
          revision="reply"
          disabled={busy}
          onInput={(root) => {
            written.current = forMail(root, NO_IMAGES);
            setEmpty(nothing(written.current, ''));
          }}
        />
      </FormField>
    </>
  );
}
