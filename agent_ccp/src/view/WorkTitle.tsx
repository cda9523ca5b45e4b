import Button from '@cloudscape-design/components/button';
import { useState, type RefObject } from 'react';
import type { Desk } from '../connect/types';
import type { MailTask } from '../task';
import { WORDS } from '../workWords';
import type { ComposerHandle } from './compose/Composer';
import type { Act } from './Shell';
import { Title } from './Title';
import { TransferDialog } from './TransferDialog';
import type { Completion } from './useCompletion';

interface Props {
  readonly task: MailTask;
  readonly live: boolean;
  readonly desk: Desk;
  readonly act: Act;
  readonly completion: Completion;
  readonly composer: RefObject<ComposerHandle | null>;
}

/** The subject, and what becomes of the task as a whole. */
export function WorkTitle({ task, live, desk, act, completion, composer }: Props) {
  const [transferring, setTransferring] = useState(false);
  if (!live) {
    return (
      <Title task={task}>
        <Button variant="primary" onClick={() => void act(WORDS.close.doing, () => desk.close(task.task.id))}>
          {WORDS.close.do}
        </Button>
      </Title>
    );
  }
  return (
    <>
      <Title task={task}>
        <Button onClick={() => setTransferring(true)}>
          {WORDS.transfer.open}
        </Button>
        {desk.end && (
          <Button loading={completion.busy} onClick={() => void completion.complete()}>
            {WORDS.complete.do}
          </Button>
        )}
      </Title>
      {transferring && (
        <TransferDialog desk={desk} taskId={task.task.id} act={act} composer={composer} onClose={() => setTransferring(false)} />
      )}
    </>
  );
}
