import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Spinner from '@cloudscape-design/components/spinner';
import type { Loaded } from '../api';

/** In place of a mail that is not there (yet). */
export function Missing({ loaded, retry }: { loaded: Loaded | null; retry: () => void }) {
  if (!loaded || loaded.kind === 'mail') {
    return (
      <Box padding="l" textAlign="center" color="text-body-secondary">
        <Spinner /> Loading the email
      </Box>
    );
  }
  const words = {
    expired: [
      'The link to this email has expired',
      'A fresh link could not be had. The email is safe in its case; you can still answer it, or transfer the task.',
    ],
    gone: ['This email is no longer kept', 'It was deleted when its retention time was over.'],
    failed: ['This email could not be loaded', loaded.kind === 'failed' ? loaded.detail : ''],
  }[loaded.kind];
  return (
    <Alert
      type={loaded.kind === 'failed' ? 'error' : 'warning'}
      header={words[0]}
      action={loaded.kind === 'gone' ? undefined : <Button onClick={retry}>Try again</Button>}
    >
      {words[1]}
    </Alert>
  );
}
