import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { loadMail, type CaseMessage, type Loaded, type Outside } from '../api';
import { addressText, delivery, disposition, inOrder } from '../case';
import { absolute, instant } from '../mail/dates';
import { shown } from '../mail/text';
import { Attachments } from './Attachments';
import type { CaseState } from './hooks';
import { MailBody } from './MailBody';
import type { Act } from './Shell';

interface Props {
  readonly messageId: string;
  readonly inCase: CaseState;
  readonly outside: Outside;
  /** The customer's latest message when it is not the one the task shows. */
  readonly newest: string;
  readonly onRead: (messageId: string) => void;
  readonly act: Act;
}

/** The other messages of the case, each loaded when it is opened. */
export function Conversation(props: Props) {
  const { inCase, messageId } = props;
  const others = inOrder(inCase.view?.messages ?? []).filter(({ id }) => id !== messageId);
  if (!inCase.view && !inCase.trouble) return null;
  return (
    <Container header={<Header variant="h2" counter={others.length ? `(${others.length})` : undefined}>Rest of the conversation</Header>}>
      <SpaceBetween size="s">
        {inCase.trouble && (
          <Alert type="info" header="The conversation cannot be shown right now">
            {inCase.trouble} You can read this email and answer it all the same.
          </Alert>
        )}
        {inCase.view && others.length === 0 && (
          <Box color="text-body-secondary">This is the only message of the case so far.</Box>
        )}
        {others.map((message) => (
          <Message key={message.id} message={message} {...props} />
        ))}
      </SpaceBetween>
    </Container>
  );
}

function summary(message: CaseMessage): string {
  const who =
    message.direction === 'in'
      ? `From ${addressText(message.from) || 'unknown'}`
      : `To ${(message.to ?? []).map(addressText).join(', ') || 'the customer'}`;
  const at = instant(message.at);
  return shown(at === null ? who : `${who} · ${absolute(at)}`);
}

/** How a message fared, when that is not simply "it arrived". */
function Fate({ message }: { message: CaseMessage }) {
  const state = message.direction === 'out' ? delivery(message.delivery) : null;
  const trouble = disposition(message);
  return (
    <>
      {state && <StatusIndicator type={state.mood}>{state.text}</StatusIndicator>}
      {trouble && <StatusIndicator type="warning">{trouble}</StatusIndicator>}
    </>
  );
}

function Message({ message, inCase, outside, newest, onRead, act }: Props & { message: CaseMessage }) {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const load = async (): Promise<void> => {
    if (loaded?.kind === 'mail' || !inCase.session) return;
    try {
      const found = await loadMail(await inCase.session.formattedLink(message.id), outside);
      setLoaded(found);
      if (found.kind === 'mail' && message.id === newest) onRead(newest);
    } catch (error) {
      setLoaded({ kind: 'failed', detail: (error as Error).message });
    }
  };
  return (
    <div className={`message ${message.direction}`}>
      <ExpandableSection
        headerText={
          <span className="message-head">
            <span dir="auto">{shown(message.subject ?? '') || '(no subject)'}</span> <Fate message={message} />
          </span>
        }
        headerDescription={summary(message)}
        onChange={({ detail }) => detail.expanded && void load()}
      >
        {!loaded && <Spinner />}
        {loaded?.kind === 'mail' && (
          <SpaceBetween size="s">
            <MailBody mail={loaded.mail} />
            <Attachments mail={loaded.mail} messageId={message.id} session={inCase.session} act={act} />
          </SpaceBetween>
        )}
        {loaded && loaded.kind !== 'mail' && (
          <Alert type="warning">{loaded.kind === 'failed' ? loaded.detail : 'This message cannot be loaded.'}</Alert>
        )}
      </ExpandableSection>
    </div>
  );
}
