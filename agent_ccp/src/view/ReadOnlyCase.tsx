import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useMemo, useState } from 'react';
import { BROWSER, loadMail, type CaseMessage, type CaseSession, type Loaded } from '../api';
import { joined, otherCase, otherMessages, readerOf, statusText, writtenBy, type ReadCase } from '../desk';
import { absolute, instant } from '../mail/dates';
import { shown } from '../mail/text';
import { WORDS } from '../words';
import { Attachments } from './Attachments';
import { MailBody } from './MailBody';
import { Loading } from './OtherCases';
import type { Act } from './Shell';

/** Another case to be read: its messages, newest page first, each loaded when it is opened. */
export function ReadOnlyCase({ session, id }: { readonly session: CaseSession; readonly id: string }) {
  const [found, setFound] = useState<ReadCase | null>(null);
  const [trouble, setTrouble] = useState('');
  const [busy, setBusy] = useState(false);
  const reader = useMemo(() => readerOf(session, id), [session, id]);

  const load = async (): Promise<void> => {
    setBusy(true);
    setTrouble('');
    try {
      if (!found) setFound(await otherCase(session, id));
      else if (found.older) {
        const page = await otherMessages(session, id, found.older);
        setFound({ ...found, messages: joined(page.messages, found.messages), older: page.older });
      }
    } catch (error) {
      setTrouble((error as Error).message);
    }
    setBusy(false);
  };
  useEffect(() => void load(), []);

  return (
    <SpaceBetween size="s">
      {found && (
        <div className="other-head">
          <Badge>{statusText(found.case.status)}</Badge>
          <bdi>{shown(found.case.customer?.address ?? '')}</bdi>
          <span className="quiet">{WORDS.other.readOnly}</span>
        </div>
      )}
      {trouble && (
        <Alert
          type="warning"
          header={WORDS.other.failed}
          action={<Button onClick={() => void load()}>{WORDS.retry}</Button>}
        >
          {shown(trouble)}
        </Alert>
      )}
      {busy && !found && <Loading what={WORDS.other.loading} />}
      {found?.older && !trouble && (
        <Button variant="link" iconName="angle-up" loading={busy} onClick={() => void load()}>
          {WORDS.other.older}
        </Button>
      )}
      {found?.messages.length === 0 && <Box color="text-body-secondary">{WORDS.other.empty}</Box>}
      {found?.messages.map((message) => (
        <Message key={message.id} message={message} reader={reader} />
      ))}
    </SpaceBetween>
  );
}

function Message({ message, reader }: { readonly message: CaseMessage; readonly reader: CaseSession }) {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const at = instant(message.at);
  const by = writtenBy(message);
  const load = async (): Promise<void> => {
    if (loaded?.kind === 'mail') return;
    setLoaded(null);
    try {
      setLoaded(await loadMail(await reader.formattedLink(message.id), BROWSER));
    } catch (error) {
      setLoaded({ kind: 'failed', detail: (error as Error).message });
    }
  };
  return (
    <div className={`message ${message.direction}`}>
      <ExpandableSection
        headerText={<span dir="auto">{shown(message.subject ?? '') || WORDS.noSubject}</span>}
        headerDescription={at === null ? by : `${by} · ${absolute(at)}`}
        onChange={({ detail }) => {
          if (detail.expanded) void load();
        }}
      >
        <Content message={message} loaded={loaded} reader={reader} />
      </ExpandableSection>
    </div>
  );
}

interface ContentProps {
  readonly message: CaseMessage;
  readonly loaded: Loaded | null;
  readonly reader: CaseSession;
}

function Content({ message, loaded, reader }: ContentProps) {
  const [trouble, setTrouble] = useState('');
  // The page's own messages lie behind the dialog.
  const act: Act = async (_what, action) => {
    setTrouble('');
    try {
      await action();
      return true;
    } catch (error) {
      setTrouble((error as Error).message);
      return false;
    }
  };
  if (!loaded) return <Loading what={WORDS.other.loadingMessage} />;
  if (loaded.kind !== 'mail') {
    const detail = loaded.kind === 'failed' ? shown(loaded.detail) : '';
    return <Alert type="warning">{detail || WORDS.other.noMessage}</Alert>;
  }
  return (
    <SpaceBetween size="s">
      <MailBody mail={loaded.mail} session={reader} messageId={message.id} />
      <Attachments mail={loaded.mail} session={reader} messageId={message.id} act={act} />
      {trouble && <Alert type="warning">{shown(trouble)}</Alert>}
    </SpaceBetween>
  );
}
