import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Spinner from '@cloudscape-design/components/spinner';
import { useEffect, useMemo, useState } from 'react';
import { BROWSER } from '../api';
import { loadConfig, type Config } from '../config';
import { Mailroom } from '../mailroom';
import { Shell } from './Shell';

export function App() {
  const [config, setConfig] = useState<Config | null>(null);
  const [problem, setProblem] = useState('');
  const room = useMemo(() => (config ? new Mailroom(config.apiUrl, BROWSER) : null), [config]);

  useEffect(() => {
    loadConfig().then(setConfig, (error: Error) => setProblem(error.message));
  }, []);

  return (
    <div className="page">
      {config && room && <Shell config={config} room={room} />}
      {!config && !problem && (
        <Box padding="xxl" textAlign="center">
          <Spinner size="large" /> <Box variant="p">Loading</Box>
        </Box>
      )}
      {problem && (
        <Box padding="xl">
          <Alert
            type="error"
            header="This page is not set up yet"
            action={<Button onClick={() => location.reload()}>Try again</Button>}
          >
            Its settings could not be read. {problem}
          </Alert>
        </Box>
      )}
    </div>
  );
}
