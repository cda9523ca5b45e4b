import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import LiveRegion from '@cloudscape-design/components/live-region';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useCallback, useEffect, useId, useState, type RefObject } from 'react';
import type { Desk, QuickConnect } from '../connect/types';
import { shown } from '../mail/text';
import { placesFor } from '../places';
import { WORDS } from '../workWords';
import type { ComposerHandle } from './compose/Composer';
import type { Act } from './Shell';

interface Props {
  readonly desk: Desk;
  readonly taskId: string;
  readonly act: Act;
  /** Whose draft goes along. */
  readonly composer: RefObject<ComposerHandle | null>;
  readonly onClose: () => void;
}

const words = WORDS.transfer;

/** Hands the task to a queue or a colleague, with the draft. */
export function TransferDialog({ desk, taskId, act, composer, onClose }: Props) {
  const { places, trouble, again } = usePlaces(desk);
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState('');
  const [busy, setBusy] = useState(false);
  // The draft could not be saved: the agent decides.
  const [unsaved, setUnsaved] = useState(false);
  const [hasDraft] = useState(() => composer.current?.worthwhile() ?? false);
  const groups = placesFor(places ?? [], typed);
  const found = groups.flatMap((group) => group.places);
  const place = found.find(({ arn }) => arn === chosen);

  const transfer = async (): Promise<void> => {
    if (!place) return;
    setBusy(true);
    const saved = unsaved || (await (composer.current?.save() ?? true));
    if (saved) await act(words.doing, () => desk.transfer(taskId, place));
    setBusy(false);
    if (saved) onClose();
    else setUnsaved(true);
  };

  return (
    <Modal
      visible
      onDismiss={onClose}
      closeAriaLabel={WORDS.dismiss}
      header={words.title}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {WORDS.cancel}
            </Button>
            <Button variant="primary" disabled={!place} loading={busy} onClick={() => void transfer()}>
              {unsaved ? words.without : words.do}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <div className="in-dialog">
        <SpaceBetween size="m">
          {trouble && (
            <Alert type="error" header={words.failed} action={<Button onClick={again}>{words.again}</Button>}>
              {shown(trouble)}
            </Alert>
          )}
          {!places && !trouble && (
            <p className="words" role="status">
              <Spinner /> {words.loading}
            </p>
          )}
          {places?.length === 0 && <p className="words">{words.nobody}</p>}
          {places && places.length > 0 && (
            <SpaceBetween size="m">
              <FormField label={words.find}>
                <Input type="search" autoFocus value={typed} onChange={({ detail }) => setTyped(detail.value)} />
              </FormField>
              <Places groups={groups} chosen={chosen} onChoose={setChosen} />
              {found.length === 0 && <p className="words">{words.noMatch(shown(typed))}</p>}
              <LiveRegion hidden>{typed ? words.found(found.length) : ''}</LiveRegion>
              {hasDraft && <p className="words quiet">{words.draft}</p>}
            </SpaceBetween>
          )}
          {unsaved && (
            <div role="alert">
              <Alert type="warning">{words.notSaved}</Alert>
            </div>
          )}
        </SpaceBetween>
      </div>
    </Modal>
  );
}

interface PlacesState {
  readonly places: readonly QuickConnect[] | null;
  readonly trouble: string;
  readonly again: () => void;
}

function usePlaces(desk: Desk): PlacesState {
  const [places, setPlaces] = useState<readonly QuickConnect[] | null>(null);
  const [trouble, setTrouble] = useState('');
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let wanted = true;
    setTrouble('');
    desk.quickConnects().then(
      (found) => wanted && setPlaces(found),
      (error: Error) => wanted && setTrouble(error.message),
    );
    return () => {
      wanted = false;
    };
  }, [desk, attempt]);
  const again = useCallback(() => setAttempt((count) => count + 1), []);
  return { places, trouble, again };
}

interface ListProps {
  readonly groups: ReturnType<typeof placesFor>;
  readonly chosen: string;
  readonly onChoose: (arn: string) => void;
}

/** Queues and colleagues, one of which is chosen. Plain radio buttons: there may be hundreds. */
function Places({ groups, chosen, onChoose }: ListProps) {
  const name = useId();
  return (
    <div className="places" role="radiogroup" aria-label={words.list}>
      {groups.map(({ title, places }) => (
        <fieldset key={title} className="place-group">
          <legend>{title}</legend>
          {places.map(({ arn, name: label }) => (
            <label key={arn} className="place">
              <input type="radio" name={name} value={arn} checked={arn === chosen} onChange={() => onChoose(arn)} />
              <bdi>{shown(label)}</bdi>
            </label>
          ))}
        </fieldset>
      ))}
    </div>
  );
}
