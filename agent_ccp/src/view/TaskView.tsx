import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Desk } from '../connect/types';
import type { Mailroom } from '../mailroom';
import { lostAnswer } from '../fate';
import { isOver, type MailTask } from '../task';
import { OfferFacts } from './MailFacts';
import type { Act } from './Shell';
import { Returned } from './Returned';
import { Title } from './Title';
import { Work } from './Work';

interface Props {
  readonly task: MailTask;
  readonly desk: Desk;
  readonly room: Mailroom;
  readonly act: Act;
  readonly accepting: boolean;
  readonly onAccept: () => void;
  readonly onReject: () => void;
}

export function TaskView(props: Props) {
  const { task } = props;
  if (task.task.state === 'offered') return <Offer {...props} />;
  if (isOver(task.task)) return <Over {...props} />;
  return <Work {...props} />;
}

function Offer({ task, desk, accepting, onAccept, onReject }: Props) {
  const lost = lostAnswer(null, task.warning, task.notice);
  return (
    <SpaceBetween size="m">
      <Title task={task}>
        {desk.reject && (
          <Button disabled={accepting} onClick={onReject}>
            Reject
          </Button>
        )}
        <Button variant="primary" loading={accepting} onClick={onAccept}>
          Accept
        </Button>
      </Title>
      {lost && <Returned lost={lost} me="" />}
      <Container>
        <OfferFacts task={task} />
        <Box variant="p" color="text-body-secondary" margin={{ top: 's' }}>
          Accept the email to read and answer it.
        </Box>
      </Container>
    </SpaceBetween>
  );
}

function Over({ task, desk, act }: Props) {
  const missed = task.task.state === 'missed';
  return (
    <SpaceBetween size="m">
      <Title task={task}>
        <Button variant="primary" onClick={() => void act('Closing', () => desk.close(task.task.id))}>
          Close task
        </Button>
      </Title>
      <Alert type={missed ? 'warning' : 'error'} header={missed ? 'You did not take this email' : 'This task failed'}>
        {missed ? 'It goes back to its queue and is offered again. ' : 'The email is safe in its case. '}
        Close it to be offered new emails.
      </Alert>
    </SpaceBetween>
  );
}
