import SpaceBetween from '@cloudscape-design/components/space-between';
import { lazy, Suspense, useRef, useState } from 'react';
import { addressText, newerMail, recipients, replyAddresses } from '../case';
import type { Kind } from '../compose/types';
import type { Desk } from '../connect/types';
import { holds, mustBeConfirmed, sortWarnings, warningsOf, wasHeld } from '../decision';
import { isReturn, lostAnswer } from '../fate';
import { callName } from '../mail/text';
import type { Mailroom } from '../mailroom';
import type { MailTask } from '../task';
import { WORDS as KEYS } from '../words';
import { WORDS } from '../workWords';
import { CaseState, type StateRequest } from './CaseState';
import { CompleteDialog } from './CompleteDialog';
import type { ComposerHandle, ComposerRequest } from './compose/Composer';
import { Conversation } from './Conversation';
import { DecideDialog } from './DecideDialog';
import { useDecisions, type Question } from './decisions';
import { History } from './History';
import { HeldUnknown, Holds } from './Holds';
import { useCase, useMail } from './hooks';
import { goToMessage, messageInHand } from './inHand';
import { Leaving } from './Leaving';
import { MailCard } from './MailCard';
import { NamesProvider, useNames } from './names';
import { OtherCases } from './OtherCases';
import { Outcome } from './Outcome';
import { Returned } from './Returned';
import type { Act } from './Shell';
import { Shortcuts, type Shortcut } from './Shortcuts';
import { useUndo } from './undo';
import { useCompletion } from './useCompletion';
import { usePresence } from './usePresence';
import { Viewers } from './Viewers';
import { Warnings } from './Warnings';
import { WorkTitle } from './WorkTitle';
import { Written } from './Written';

const Composer = lazy(() => import('./compose/Composer').then(({ Composer: each }) => ({ default: each })));
const Leftover = lazy(() => import('./compose/Leftover').then(({ Leftover: each }) => ({ default: each })));

interface Props {
  readonly task: MailTask;
  readonly desk: Desk;
  readonly room: Mailroom;
  readonly act: Act;
}

/** A task the agent has taken: its mail, its case, and what can be done. */
export function Work({ task, desk, room, act }: Props) {
  const live = task.task.state === 'connected';
  const { loaded, retry } = useMail(room, task);
  const inCase = useCase(room, task, live);
  const { session, view, refresh } = inCase;
  const [deciding, setDeciding] = useState<Question | null>(null);
  const [wanted, setWanted] = useState({ id: '', times: 0 });
  const [readNewest, setReadNewest] = useState('');
  const [writing, setWriting] = useState(false);
  const [writes, setWrites] = useState<ComposerRequest | null>(null);
  const [stateWish, setStateWish] = useState<StateRequest | null>(null);
  const [othersWish, setOthersWish] = useState(0);
  const composer = useRef<ComposerHandle>(null);
  const viewers = usePresence(session, writing, live);
  const nameOf = useNames(viewers);
  // While it is open, a task can come to stand for a newer mail of its case.
  const [firstMail] = useState(task.messageId);
  const mail = loaded?.kind === 'mail' ? loaded.mail : null;
  const newer = newerMail(view, task.messageId);
  const addresses = replyAddresses(task.relays, view, newer, !!newer && readNewest === newer.id);
  // The mail shown may be somebody else's: what an answer is about is the case's customer.
  const known = view?.case.customer;
  const customerAddress = view ? (known?.address ?? '') : task.from;
  const customer = callName(view ? (known?.name ?? '') : task.fromName, customerAddress);
  const message = view?.messages.find(({ id }) => id === task.messageId) ?? null;
  const about = isReturn(task.warning) ? '' : task.warning;
  const warnings = sortWarnings(warningsOf(about, mail, message, view));
  const decisions = useDecisions(inCase, live);
  const undo = useUndo(inCase, decisions.say);
  const completion = useCompletion(task.task.id, inCase, desk, act);
  const lost = lostAnswer(view, task.warning, task.notice);
  const held = holds(view).filter(({ id }) => !decisions.settled.has(id));
  const heldUnknown = !view && !!inCase.trouble && wasHeld(task.warning, mail?.warnings ?? []);

  const canWrite = live && !!session && !!view;
  const begin = (kind: Kind, messageId = task.messageId): void =>
    setWrites((last) => ({ kind, messageId, n: (last?.n ?? 0) + 1 }));
  const write = (kind: Kind): Shortcut => ({ label: KEYS.keys[kind], run: () => begin(kind, messageInHand() || undefined) });
  const resolve = (): void => setStateWish((last) => ({ status: 'resolved', n: (last?.n ?? 0) + 1 }));
  const others = (): void => setOthersWish((n) => n + 1);
  const keys: Record<string, Shortcut> = {
    ...(canWrite
      ? { r: write('reply'), n: write('note'), f: write('forward'), e: { label: KEYS.keys.resolve, run: resolve } }
      : {}),
    ...(view?.case.others ? { o: { label: KEYS.others.title, run: others } } : {}),
  };
  const read = (id: string): void => {
    if (id === task.messageId) goToMessage(id);
    else setWanted(({ times }) => ({ id, times: times + 1 }));
  };
  const choose = (question: Question): void => {
    if (mustBeConfirmed(question.action)) setDeciding(question);
    else void decisions.run(question);
  };

  return (
    <NamesProvider value={nameOf}>
      <SpaceBetween size="m">
        <WorkTitle {...{ task, live, desk, act, completion, composer }} />
        {(view || !inCase.trouble) && (
          <div className="case-line">
            {session && view && (
              <CaseState view={view} session={session} refresh={refresh} act={act} live={live} request={stateWish} />
            )}
            <Viewers viewers={viewers} />
          </div>
        )}
        <Outcome notice={decisions.notice} onDismiss={() => decisions.say(null)} />
        {live && (
          <>
            <Leaving undo={undo} />
            {lost && <Returned lost={lost} me={task.agent} onRead={read} />}
            <Holds
              held={held}
              shownId={task.messageId}
              goes={recipients(view)}
              decisions={decisions}
              onChoose={choose}
              onRead={read}
            />
            {heldUnknown && (
              <HeldUnknown
                message={{ id: task.messageId, direction: 'in', from: { address: task.from, name: task.fromName } }}
                decisions={decisions}
              />
            )}
          </>
        )}
        <Warnings header={WORDS.written.care} texts={warnings.rest} />
        {live && (
          <Written
            overtaken={task.messageId !== firstMail}
            by={task.from || customer}
            newerBy={newer ? addressText(newer.from) || customer : ''}
          />
        )}
        <MailCard
          {...{ task, live, room, inCase, loaded, retry, message, decisions, addresses, act }}
          warnings={warnings.sender}
          onChoose={choose}
          onWrite={canWrite ? (kind) => begin(kind) : null}
        />
        <Conversation
          {...{ inCase, wanted, decisions, act }}
          messageId={task.messageId}
          outside={room.outside}
          newest={newer?.id ?? ''}
          onRead={setReadNewest}
          onChoose={choose}
          onWrite={canWrite ? begin : null}
        />
        {session && view && (
          <Suspense fallback={null}>
            <Composer
              {...{ session, view, task, act, refresh, live }}
              ref={composer}
              request={writes}
              onBusy={setWriting}
              onShow={read}
            />
          </Suspense>
        )}
        {!view && inCase.trouble && task.caseId && (
          <Suspense fallback={null}>
            <Leftover caseId={task.caseId} over={false} />
          </Suspense>
        )}
        {session && view && <OtherCases session={session} view={view} request={othersWish} />}
        <Shortcuts keys={keys} />
        <History view={view} session={session} act={act} />
        <CompleteDialog
          asking={completion.asking}
          customer={customer}
          address={customerAddress}
          onBack={completion.back}
          onComplete={() => void completion.end()}
        />
        <DecideDialog
          asking={deciding}
          customer={customerAddress}
          onBack={() => setDeciding(null)}
          onDecide={(question) => {
            setDeciding(null);
            void decisions.run(question);
          }}
        />
      </SpaceBetween>
    </NamesProvider>
  );
}
