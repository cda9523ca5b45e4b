import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useEffect, useState } from 'react';
import type { Desk, QuickConnect } from '../connect/types';
import type { Act } from './Shell';

const MANY = 6;
const KINDS: Readonly<Record<string, string>> = { queue: 'Queue', agent: 'Agent' };

interface Props {
  readonly desk: Desk;
  readonly taskId: string;
  readonly act: Act;
  readonly onClose: () => void;
}

export function TransferDialog({ desk, taskId, act, onClose }: Props) {
  const [places, setPlaces] = useState<QuickConnect[] | null>(null);
  const [problem, setProblem] = useState('');
  const [filter, setFilter] = useState('');
  const [chosen, setChosen] = useState('');
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    desk.quickConnects().then(setPlaces, (error: Error) => setProblem(error.message));
  }, [desk]);
  const matching = (places ?? []).filter(({ name }) => name.toLowerCase().includes(filter.toLowerCase()));
  const place = matching.find(({ arn }) => arn === chosen);

  const transfer = async (): Promise<void> => {
    if (!place) return;
    setBusy(true);
    await act('Transferring', () => desk.transfer(taskId, place));
    setBusy(false);
    onClose();
  };

  return (
    <Modal
      visible
      onDismiss={onClose}
      closeAriaLabel="Dismiss"
      header="Transfer to"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button variant="primary" disabled={!place} loading={busy} onClick={() => void transfer()}>
              Transfer
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      {problem && <Alert type="error">{problem}</Alert>}
      {!places && !problem && <Spinner />}
      {places?.length === 0 && (
        <p className="words">There are no quick connects for your queues. An administrator can add them.</p>
      )}
      {places && places.length > 0 && (
        <SpaceBetween size="m">
          {places.length > MANY && (
            <FormField label="Find">
              <Input type="search" value={filter} onChange={({ detail }) => setFilter(detail.value)} />
            </FormField>
          )}
          <RadioGroup
            ariaLabel="Quick connects"
            value={chosen}
            onChange={({ detail }) => setChosen(detail.value)}
            items={matching.map(({ arn, name, type }) => ({ value: arn, label: name, description: KINDS[type] ?? type }))}
          />
        </SpaceBetween>
      )}
    </Modal>
  );
}
