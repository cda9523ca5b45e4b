import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useRef } from 'react';
import { plain } from '../../compose/plain';
import type { Snapshot, Stale } from '../../compose/state';
import { WORDS } from '../../compose/words';
import type { Writing } from '../../compose/writing';
import { instant, relative } from '../../mail/dates';
import { shown } from '../../mail/text';
import { useNow } from '../hooks';
import { useNameOf } from '../names';
import { CopyText } from './CopyText';
import { at } from './times';

interface Props {
  readonly state: Snapshot;
  readonly writing: Writing;
  readonly me: string;
  readonly online: boolean;
  readonly onShow: (messageId: string) => void;
}

/** What stands between the agent and a text that is saved and can go. */
export function Banners({ state, writing, me, online, onShow }: Props) {
  const { saving, stale, over } = state;
  return (
    <>
      {over && (
        <Alert type="warning" header={WORDS.over.title} action={<CopyText text={plain(writing.content.html)} />}>
          {WORDS.over.text}
        </Alert>
      )}
      {!over && (!online || saving.kind === 'offline') && (
        <Alert
          type="warning"
          header={WORDS.offline.title}
          action={<Button onClick={() => writing.flush()}>{WORDS.offline.retry}</Button>}
        >
          {WORDS.offline.text}
        </Alert>
      )}
      {saving.kind === 'conflict' && <Conflict state={state} writing={writing} me={me} />}
      {stale && <Newer stale={stale} writing={writing} onShow={onShow} />}
    </>
  );
}

function Conflict({ state, writing, me }: Pick<Props, 'state' | 'writing' | 'me'>) {
  const { saving } = state;
  const nameOf = useNameOf();
  if (saving.kind !== 'conflict') return null;
  const { author } = saving.draft;
  const own = author === me;
  const words = WORDS.conflict;
  return (
    <Alert
      type="warning"
      header={words.title(own ? words.self : nameOf(author))}
      action={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => writing.takeTheirs()}>{own ? words.selfTheirs : words.theirs(nameOf(author))}</Button>
          <Button onClick={() => writing.keepMine()}>{words.mine}</Button>
        </SpaceBetween>
      }
    >
      {words.text(at(saving.draft.at))}
      <div className="theirs" dir="auto">
        {plain(saving.draft.html)}
      </div>
    </Alert>
  );
}

function Newer({ stale, writing, onShow }: { readonly stale: Stale; readonly writing: Writing; readonly onShow: Props['onShow'] }) {
  const now = useNow();
  const nameOf = useNameOf();
  const { newer, refused } = stale;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Send is at the other end of the composer.
    if (refused) place.current?.scrollIntoView({ block: 'nearest' });
  }, [refused]);
  const words = WORDS.stale;
  const ms = instant(newer.at);
  const who = newer.kind === 'customer' ? shown(newer.actor) || words.customerName : nameOf(newer.actor) || words.colleague;
  const show = (
    <Button key="show" onClick={() => onShow(newer.message_id)}>
      {words.show}
    </Button>
  );
  return (
    <div role="alert" ref={place} className="stale">
      <Alert
        type="warning"
        header={words.title(who, relative(ms ?? now, now))}
        action={
          <SpaceBetween direction="horizontal" size="xs">
            {show}
            {refused ? (
              <Button onClick={() => void writing.send('newer')}>{words.anyway}</Button>
            ) : (
              <Button onClick={() => writing.sending.reviewed()}>{words.known}</Button>
            )}
          </SpaceBetween>
        }
      >
        {refused ? words[newer.kind] : words.since}
      </Alert>
    </div>
  );
}
