import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Agent } from '../connect/types';
import type { MailTask } from '../task';

interface Props {
  readonly agent: Agent | null;
  readonly tasks: readonly MailTask[];
  /** Whether the page is part of the agent workspace. */
  readonly workspace: boolean;
  readonly onState: (name: string) => void;
}

function title({ agent, tasks, workspace }: Props): string {
  if (!agent) return workspace ? 'The email of this contact is shown here' : 'Sign in to Amazon Connect to see your emails';
  if (!agent.state && tasks.length === 0) return 'There is no email at this contact';
  if (tasks.some((each) => each.task.state === 'offered')) return 'An email is offered to you';
  return tasks.length > 0 ? 'Choose an email from the list' : 'No email yet';
}

export function NothingSelected(props: Props) {
  const { agent, tasks, onState } = props;
  const routable = agent?.states.find((state) => state.type === 'routable');
  const idle = agent && agent.state && agent.state.type !== 'routable' && tasks.length === 0;
  return (
    <Box padding={{ vertical: 'xxxl', horizontal: 'l' }} textAlign="center" color="text-body-secondary">
      <SpaceBetween size="s">
        <Box variant="h2" tagOverride="h1" color="text-body-secondary">
          {title(props)}
        </Box>
        {tasks.length === 0 && agent?.state && (
          <Box variant="p" color="text-body-secondary">
            {idle
              ? `You are ${agent.state.name}. Emails are offered to you when you are available.`
              : 'You are available. The next email is offered to you here.'}
          </Box>
        )}
        {idle && routable && (
          <Button variant="primary" onClick={() => onState(routable.name)}>
            Go {routable.name.toLowerCase()}
          </Button>
        )}
      </SpaceBetween>
    </Box>
  );
}
