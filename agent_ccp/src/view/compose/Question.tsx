import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { WORDS } from '../../compose/words';

interface Props {
  readonly title: string;
  readonly text: string;
  readonly back: string;
  readonly go: string;
  readonly onBack: () => void;
  readonly onGo: () => void;
}

/** Asks before something that cannot be undone. */
export function Question({ title, text, back, go, onBack, onGo }: Props) {
  return (
    <Modal
      visible
      onDismiss={onBack}
      closeAriaLabel={WORDS.dismiss}
      header={title}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onBack}>
              {back}
            </Button>
            <Button variant="primary" onClick={onGo}>
              {go}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      {text}
    </Modal>
  );
}
