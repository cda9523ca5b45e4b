import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Modal from '@cloudscape-design/components/modal';
import Spinner from '@cloudscape-design/components/spinner';
import { useEffect, useRef, useState } from 'react';
import { type CaseSession, type CaseView } from '../api';
import { joined, otherCases, othersCount, statusText, type OtherCase, type OtherCases as Page } from '../desk';
import { absolute, instant } from '../mail/dates';
import { shown } from '../mail/text';
import { WORDS } from '../words';
import { ReadOnlyCase } from './ReadOnlyCase';

interface Props {
  readonly session: CaseSession;
  readonly view: CaseView;
  /** Grows with every wish to see them. */
  readonly request?: number;
}

/** The customer's other cases, loaded when they are opened, each to be read. */
export function OtherCases({ session, view, request = 0 }: Props) {
  const [expanded, setExpanded] = useState(false);
  const [page, setPage] = useState<Page | null>(null);
  const [trouble, setTrouble] = useState('');
  const [busy, setBusy] = useState(false);
  const [reading, setReading] = useState<OtherCase | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const granted = useRef(request);
  const count = view.case.others ?? 0;

  const load = async (before = ''): Promise<void> => {
    setBusy(true);
    setTrouble('');
    try {
      const found = await otherCases(session, before);
      setPage((known) => (before && known ? { cases: joined(known.cases, found.cases), older: found.older } : found));
    } catch (error) {
      setTrouble((error as Error).message);
    }
    setBusy(false);
  };
  const toggle = (open: boolean): void => {
    setExpanded(open);
    if (open && !busy) void load();
  };
  useEffect(() => {
    if (request === granted.current || count === 0) return;
    granted.current = request;
    if (!expanded) toggle(true);
    place.current?.focus();
    place.current?.scrollIntoView({ block: 'nearest' });
    // Only a new wish opens them again.
  }, [request]);

  if (count === 0) return null;
  return (
    <div className="others-place" ref={place} tabIndex={-1}>
      <ExpandableSection
        variant="container"
        headerText={WORDS.others.title}
        headerCounter={othersCount(count)}
        expanded={expanded}
        onChange={({ detail }) => toggle(detail.expanded)}
      >
        {page && <List cases={page.cases} onRead={setReading} />}
        {busy && !page && <Loading what={WORDS.others.loading} />}
        {trouble && (
          <Alert
            type="warning"
            header={WORDS.others.failed}
            action={<Button onClick={() => void load(page?.older ?? '')}>{WORDS.retry}</Button>}
          >
            {shown(trouble)}
          </Alert>
        )}
        {page?.older && !trouble && (
          <Button variant="link" iconName="angle-down" loading={busy} onClick={() => void load(page.older ?? '')}>
            {WORDS.others.older}
          </Button>
        )}
      </ExpandableSection>
      <Modal
        visible={reading !== null}
        size="large"
        closeAriaLabel={WORDS.close}
        header={<span dir="auto">{shown(reading?.subject ?? '') || WORDS.noSubject}</span>}
        onDismiss={() => setReading(null)}
      >
        <div className="in-dialog">
          {reading && <ReadOnlyCase key={reading.id} session={session} id={reading.id} />}
        </div>
      </Modal>
    </div>
  );
}

export function Loading({ what }: { readonly what: string }) {
  return (
    <span role="status">
      <Spinner /> {what}
    </span>
  );
}

function List({ cases, onRead }: { readonly cases: readonly OtherCase[]; readonly onRead: (each: OtherCase) => void }) {
  if (cases.length === 0) return <Box color="text-body-secondary">{WORDS.others.none}</Box>;
  return (
    <ul className="others">
      {cases.map((each) => (
        <Row key={each.id} each={each} onRead={() => onRead(each)} />
      ))}
    </ul>
  );
}

function Row({ each, onRead }: { readonly each: OtherCase; readonly onRead: () => void }) {
  const at = instant(each.latest_at) ?? instant(each.created_at);
  return (
    <li>
      <button type="button" className="bare other" dir="auto" onClick={onRead}>
        {shown(each.subject) || WORDS.noSubject}
      </button>
      <span className="other-facts quiet">
        <span>{statusText(each.status)}</span>
        {at !== null && <time dateTime={new Date(at).toISOString()}>{absolute(at)}</time>}
        {each.linked && (
          <span title={WORDS.others.linkedLabel}>
            <Badge>{WORDS.others.linked}</Badge>
          </span>
        )}
      </span>
    </li>
  );
}
