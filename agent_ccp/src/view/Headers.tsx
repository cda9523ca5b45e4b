import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Spinner from '@cloudscape-design/components/spinner';
import { useEffect, useState } from 'react';
import type { CaseSession } from '../api';
import { shown } from '../mail/text';

type Field = readonly [name: string, value: string];

const isField = (each: unknown): each is Field =>
  Array.isArray(each) && typeof each[0] === 'string' && typeof each[1] === 'string';

/** The header fields of a message in their order, as they came. */
export function Headers({ session, messageId }: { session: CaseSession | null; messageId: string }) {
  const [fields, setFields] = useState<readonly Field[] | null>(null);
  const [trouble, setTrouble] = useState('');
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let wanted = true;
    setFields(null);
    setTrouble('');
    if (!session) return setTrouble('The case service cannot be reached.');
    session.get<{ headers?: unknown }>(`/messages/${encodeURIComponent(messageId)}/headers`).then(
      ({ headers }) => {
        if (wanted) setFields(Array.isArray(headers) ? headers.filter(isField) : []);
      },
      (error: Error) => {
        if (wanted) setTrouble(error.message);
      },
    );
    return () => {
      wanted = false;
    };
  }, [session, messageId, tries]);
  if (trouble) {
    return (
      <Alert
        type="warning"
        header="The headers cannot be shown"
        action={<Button onClick={() => setTries(tries + 1)}>Try again</Button>}
      >
        {trouble}
      </Alert>
    );
  }
  if (!fields) return <span role="status"><Spinner /> Loading the headers</span>;
  if (fields.length === 0) return <div className="text quiet">This email has no headers.</div>;
  return (
    <div className="headers" tabIndex={0} role="region" aria-label="Headers of the email">
      <table>
        <caption className="headers-caption">The header fields as they came, the newest first.</caption>
        <tbody>
          {fields.map(([name, value], n) => (
            <tr key={n}>
              <th scope="row">{shown(name)}</th>
              <td dir="auto">{shown(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
