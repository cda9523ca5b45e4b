import Alert from '@cloudscape-design/components/alert';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react';
import { transport } from '../../compose/api';
import { sending, type Content, type Item } from '../../compose/content';
import { forEditor, forMail } from '../../compose/html';
import { cannedHtml } from '../../compose/prepared';
import type { Despite } from '../../compose/sending';
import type { Canned, Row } from '../../compose/types';
import { WORDS } from '../../compose/words';
import { suppression } from '../../fate';
import { shown } from '../../mail/text';
import { goToMessage } from '../inHand';
import { Addresses } from './Addresses';
import { AttachRow } from './AttachRow';
import { Banners } from './Banners';
import type { ComposerProps } from './Composer';
import { Editor, type EditorHandle } from './Editor';
import { FileList } from './FileList';
import { Head } from './Head';
import { Hint } from './Hint';
import { Prepared } from './Prepared';
import { PreparedDialog, type Begin } from './PreparedDialog';
import { Question } from './Question';
import { SendRow } from './SendRow';
import { SentBar } from './SentBar';
import { SignatureDialog } from './SignatureDialog';
import { Tools } from './Tools';
import { useFiles, usePictures } from './useFiles';
import { useTyping } from './useTyping';
import { useOnline, useSnapshot, type Held } from './useWriting';

/** Inline images that are in the store, by their key. */
function contentIds(items: readonly Item[]): Map<string, string> {
  return new Map(items.flatMap(({ key, inline, state, content_id }) => (inline && state === 'done' && content_id ? [[key, content_id]] : [])));
}

function shownIn({ html, items }: Content, pictures: ReadonlyMap<string, string>): string {
  const images = items.flatMap(({ key, content_id, inline }) => (inline && content_id ? [{ key, contentId: content_id }] : []));
  return forEditor(html, images, pictures);
}

export function Desk(props: ComposerProps & { readonly held: Held }) {
  const { ref, held, session, view, task, request, onBusy, onShow = goToMessage } = props;
  const { writing, pictures } = held;
  const state = useSnapshot(writing);
  const { kind, info, busy } = state;
  const content = state.texts[kind];
  const online = useOnline();
  const editor = useRef<EditorHandle>(null);
  const place = useRef<HTMLElement>(null);
  const [preparing, setPreparing] = useState(false);
  const [managing, setManaging] = useState<Begin | null>(null);
  const [signing, setSigning] = useState(false);
  const [discarding, setDiscarding] = useState(false);
  const pending = useRef<Partial<Record<Row, string>>>({});
  const typing = useTyping(onBusy);
  const inText = useMemo(() => shownIn(content, pictures), [state.revision, kind]);
  const focus = (): void => editor.current?.focus();

  const read = (): void => {
    const root = editor.current?.root();
    const html = root ? forMail(root, contentIds(writing.content.items)) : writing.content.html;
    // The editor also speaks up when it is only switched off and on.
    if (html !== writing.content.html) writing.edit({ html });
  };
  const files = useFiles(held, { editor, typing, read, busy });
  useImperativeHandle(ref, () => ({ worthwhile: () => writing.worthwhile, save: () => writing.save() }), [writing]);

  // A wish of the thread: answer this one.
  const wish = request?.n ?? 0;
  const granted = useRef(0);
  useEffect(() => {
    if (!request || wish === granted.current) return;
    granted.current = wish;
    writing.select(request.kind, request.messageId);
    place.current?.scrollIntoView({ block: 'nearest' });
    // The text of that kind is drawn first.
    setTimeout(focus);
  }, [wish]);

  // An image that has arrived in the store can be named in the text.
  const arrived = [...contentIds(content.items).keys()].join();
  const before = useRef(arrived);
  useEffect(() => {
    if (before.current === arrived) return;
    before.current = arrived;
    read();
  }, [arrived]);

  usePictures(held, editor, session, `${state.revision}/${kind}/${arrived}`);

  useEffect(() => {
    const retry = (): void => writing.flush();
    window.addEventListener('online', retry);
    return () => window.removeEventListener('online', retry);
  }, [writing]);

  const restored = state.sent?.state === 'undone';
  useEffect(() => {
    if (restored) focus();
  }, [restored]);

  const send = (despite?: Despite): void => {
    const typed = kind === 'note' ? '' : Object.values(pending.current).filter(Boolean).join(', ');
    if (typed) writing.say(WORDS.refuse.typed(typed));
    else void writing.send(despite);
  };
  const choosePrepared = (reply: Canned): void => {
    setPreparing(false);
    editor.current?.insert(cannedHtml(reply));
    typing();
  };
  const manage = (begin: Begin): void => {
    setPreparing(false);
    setManaging(begin);
  };

  const suppressed = kind === 'reply' ? suppression(view) : '';
  return (
    <section
      ref={place}
      className={`composer ${kind}${files.dragging ? ' dragging' : ''}`}
      aria-label={WORDS.title}
      aria-busy={busy || undefined}
      {...files.dropPlace}
    >
      {state.sent && (
        <SentBar
          key={state.sent.id}
          sent={state.sent}
          onUndo={() => void writing.sending.undo()}
          onGone={() => writing.sending.gone()}
          onDismiss={() => writing.sending.dismiss()}
        />
      )}
      <Head
        state={state}
        me={task.agent}
        worthwhile={writing.worthwhile}
        onKind={(each) => writing.select(each)}
        onDiscard={() => setDiscarding(true)}
      />
      <Banners state={state} writing={writing} me={task.agent} online={online} onShow={onShow} />
      {suppressed && <Alert type="warning">{suppressed}</Alert>}
      <Hint kind={kind} content={content} view={view} />
      {kind !== 'note' && (
        <Addresses
          key={`${kind}/${state.revision}`}
          kind={kind}
          content={content}
          people={info.people}
          disabled={busy}
          onAdd={(row, address) => writing.place(row, address)}
          onRemove={(row, address) => writing.unplace(row, address)}
          onPending={(row, typed) => {
            pending.current[row] = typed;
          }}
        />
      )}
      {kind === 'forward' && (
        <FormField label={WORDS.subject}>
          <Input value={content.subject} disabled={busy} onChange={({ detail }) => writing.edit({ subject: detail.value })} />
        </FormField>
      )}
      <div className="editor-place">
        <Editor
          ref={editor}
          label={WORDS.text[kind]}
          placeholder={WORDS.placeholder[kind]}
          html={inText}
          revision={`${state.revision}/${kind}`}
          disabled={busy}
          onInput={() => {
            typing();
            read();
          }}
          onImages={files.insertImages}
          onPastedImages={files.pastedImages}
          onSlash={info.replies.length ? () => setPreparing(true) : undefined}
          onSend={() => send()}
          tools={
            <Tools
              kind={kind}
              busy={busy}
              preparing={preparing}
              onPrepare={() => setPreparing(!preparing)}
              onSign={() => setSigning(true)}
            />
          }
        />
        {preparing && (
          <Prepared
            replies={info.replies}
            savable={writing.worthwhile}
            onChoose={choosePrepared}
            onManage={manage}
            onClose={(back) => {
              setPreparing(false);
              if (back) focus();
            }}
          />
        )}
        {files.dragging && (
          <div className="drop-hint" aria-hidden="true">
            {WORDS.drop}
          </div>
        )}
      </div>
      <FileList items={content.items} limits={info.limits} disabled={busy} onRemove={files.remove} onRetry={({ key }) => writing.retry(key)} />
      <AttachRow limits={info.limits} disabled={busy} onFiles={files.attach} />
      {state.notice && (
        <div role="alert">
          <Alert type="warning">{shown(state.notice)}</Alert>
        </div>
      )}
      {state.problem && (
        <div role="alert">
          <Alert type="error">{shown(state.problem)}</Alert>
        </div>
      )}
      <SendRow
        kind={kind}
        content={content}
        from={info.from}
        people={info.people}
        busy={busy}
        blocked={state.over}
        onNext={(next) => writing.edit({ next })}
        onSend={() => send()}
      />
      {state.asksFile && !sending(content) && (
        <Question
          title={WORDS.noFile.title}
          text={WORDS.noFile.text}
          back={WORDS.noFile.back}
          go={WORDS.noFile.anyway}
          onBack={() => {
            writing.edit({});
            focus();
          }}
          onGo={() => send('no-file')}
        />
      )}
      {discarding && (
        <Question
          title={WORDS.state.discardTitle}
          text={WORDS.state.discardText}
          back={WORDS.cancel}
          go={WORDS.state.discard}
          onBack={() => setDiscarding(false)}
          onGo={() => {
            setDiscarding(false);
            writing.discard();
            focus();
          }}
        />
      )}
      {managing && (
        <PreparedDialog
          api={transport(session)}
          begin={managing}
          html={content.html}
          signature={info.signature.html}
          onChanged={(replies) => writing.prepares(replies)}
          onClose={() => {
            setManaging(null);
            focus();
          }}
        />
      )}
      {signing && (
        <SignatureDialog
          api={transport(session)}
          onClose={() => setSigning(false)}
          onSaved={(signature) => {
            setSigning(false);
            writing.signs(signature);
          }}
        />
      )}
    </section>
  );
}
