import Alert from '@cloudscape-design/components/alert';
import Badge, { type BadgeProps } from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import LiveRegion from '@cloudscape-design/components/live-region';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useRef, useState } from 'react';
import type { CaseSession, CaseView } from '../api';
import { newerIn } from '../compose/api';
import { seenOf } from '../compose/seen';
import type { Newer, Seen } from '../compose/types';
import { choices, setState, statusText, type Settable } from '../desk';
import { instant, relative } from '../mail/dates';
import { shown } from '../mail/text';
import { WORDS } from '../words';
import type { Act } from './Shell';

/** A state wished for from elsewhere; `n` grows with every wish. */
export interface StateRequest {
  readonly status: Settable;
  readonly n: number;
}

interface Props {
  readonly view: CaseView;
  readonly session: CaseSession;
  /** Asks for the case now. */
  readonly refresh: () => Promise<CaseView | null>;
  readonly act: Act;
  /** Whether the agent still holds the task. */
  readonly live: boolean;
  readonly request?: StateRequest | null;
}

const COLOURS: Readonly<Record<string, BadgeProps['color']>> = { open: 'blue', resolved: 'green', rejected: 'red' };

/** The state of the case, and what the agent can make of it without writing. */
export function CaseState({ view, session, refresh, act, live, request = null }: Props) {
  const [busy, setBusy] = useState(false);
  const [newer, setNewer] = useState<Newer | null>(null);
  // What the agent had seen when asked, not what came while the question was open.
  const [asking, setAsking] = useState<Seen | null>(null);
  const [changed, setChanged] = useState('');
  const granted = useRef(request?.n ?? 0);
  const { status } = view.case;

  const set = async (wanted: Settable, seen: Seen): Promise<void> => {
    setAsking(null);
    setNewer(null);
    setBusy(true);
    await act(WORDS.state.doing[wanted], async () => {
      try {
        await setState(session, wanted, seen);
        setChanged(wanted);
      } catch (error) {
        const found = newerIn(error);
        if (!found) throw error;
        setNewer(found);
      }
    });
    await refresh();
    setBusy(false);
  };
  const choose = (wanted: Settable): void => {
    if (wanted === 'rejected') setAsking(seenOf(view));
    else void set(wanted, seenOf(view));
  };
  useEffect(() => {
    if (!request || request.n === granted.current) return;
    granted.current = request.n;
    if (live && !busy && choices(status).includes(request.status)) choose(request.status);
    // Only a new wish does it again.
  }, [request]);

  return (
    <>
      <span className="case-status">
        {!live && <Badge color={COLOURS[status] ?? 'grey'}>{statusText(status)}</Badge>}
        {live && (
          <ButtonDropdown
            ariaLabel={WORDS.state.label(statusText(status))}
            loading={busy}
            loadingText={WORDS.state.busy}
            items={choices(status).map((id) => ({
              id,
              text: WORDS.state.actions[id],
              secondaryText: WORDS.state.meanings[id],
            }))}
            onItemClick={({ detail }) => choose(detail.id as Settable)}
          >
            {statusText(status)}
          </ButtonDropdown>
        )}
      </span>
      <LiveRegion hidden>{changed && changed === status ? WORDS.state.now(statusText(status)) : ''}</LiveRegion>
      {newer && <Written newer={newer} onDismiss={() => setNewer(null)} />}
      <Reject
        visible={asking !== null}
        customer={shown(view.case.customer?.name || view.case.customer?.address || '') || WORDS.state.customer}
        onBack={() => setAsking(null)}
        onReject={() => asking && void set('rejected', asking)}
      />
    </>
  );
}

function Written({ newer, onDismiss }: { readonly newer: Newer; readonly onDismiss: () => void }) {
  const who = shown(newer.actor) || (newer.kind === 'customer' ? WORDS.stale.customer : WORDS.stale.colleague);
  const at = instant(newer.at);
  return (
    <div className="case-stale" role="alert">
      <Alert
        type="warning"
        header={WORDS.stale.title(who, at === null ? '' : relative(at, Date.now()))}
        dismissible
        dismissAriaLabel={WORDS.dismiss}
        onDismiss={onDismiss}
      >
        {WORDS.stale.text}
      </Alert>
    </div>
  );
}

interface RejectProps {
  readonly visible: boolean;
  readonly customer: string;
  readonly onBack: () => void;
  readonly onReject: () => void;
}

function Reject({ visible, customer, onBack, onReject }: RejectProps) {
  const words = WORDS.state.reject;
  return (
    <Modal
      visible={visible}
      onDismiss={onBack}
      closeAriaLabel={WORDS.dismiss}
      header={words.title}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onBack}>
              {WORDS.back}
            </Button>
            <Button variant="primary" onClick={onReject}>
              {words.do}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <p className="words">{words.closed}</p>
      <p className="words">{words.later(customer)}</p>
    </Modal>
  );
}
