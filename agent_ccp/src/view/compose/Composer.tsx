import './compose.css';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Spinner from '@cloudscape-design/components/spinner';
import type { Ref } from 'react';
import type { CaseSession, CaseView } from '../../api';
import type { Kind } from '../../compose/types';
import { WORDS } from '../../compose/words';
import { shown } from '../../mail/text';
import type { MailTask } from '../../task';
import type { Act } from '../Shell';
import { Desk } from './Desk';
import { Leftover } from './Leftover';
import { useWriting } from './useWriting';

export interface ComposerRequest {
  readonly kind: Kind;
  readonly messageId: string;
  /** Grows with every wish. */
  readonly n: number;
}

/** What the page around it asks of the composer. */
export interface ComposerHandle {
  /** Whether there is something that must not be lost. */
  readonly worthwhile: () => boolean;
  /** Saves the draft now; whether the case has all of it. */
  readonly save: () => Promise<boolean>;
}

export interface ComposerProps {
  readonly ref?: Ref<ComposerHandle>;
  readonly session: CaseSession;
  readonly view: CaseView;
  readonly task: MailTask;
  readonly act: Act;
  /** Asks for the case now. */
  readonly refresh: () => Promise<CaseView | null>;
  /** Whether the agent still holds the task. */
  readonly live: boolean;
  readonly request: ComposerRequest | null;
  /** Whether the agent has been typing within the last minute. */
  readonly onBusy: (writing: boolean) => void;
  /** Brings a message of the thread into view. */
  readonly onShow?: (messageId: string) => void;
}

/** Where replies, notes and forwards are written and sent. */
export function Composer(props: ComposerProps) {
  const { session, view, task, refresh, live } = props;
  const { held, trouble, retry } = useWriting(task.task.id, session, view, refresh, live);
  if (!live) return <Leftover caseId={view.case.id} over />;
  if (held) return <Desk key={`${task.task.id}/${view.case.id}`} {...props} held={held} />;
  return (
    <section className="composer" aria-label={WORDS.title}>
      {trouble ? (
        <Alert type="warning" header={WORDS.notLoaded} action={<Button onClick={retry}>{WORDS.retry}</Button>}>
          {shown(trouble)}
        </Alert>
      ) : (
        <p className="composer-loading" role="status">
          <Spinner /> {WORDS.loading}
        </p>
      )}
    </section>
  );
}
