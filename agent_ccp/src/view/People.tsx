import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { asciiDomain } from '../decision';
import type { Person } from '../mail/message';
import { shown } from '../mail/text';

const SHORT_LIST = 4;

/** Address first: a display name is whatever its sender wrote. */
export function Sender({ address, name }: Person) {
  const ascii = asciiDomain(address);
  return (
    <span className="sender">
      <bdi className="sender-address">{shown(address) || 'Unknown address'}</bdi>
      {ascii && <span className="quiet">(domain: {ascii})</span>}
      {name && (
        <bdi className="sender-name" title={shown(name)}>
          {shown(name)}
        </bdi>
      )}
    </span>
  );
}

export function Confirmed({ authenticated }: { authenticated: boolean | null }) {
  if (authenticated === null) return null;
  return authenticated ? (
    <StatusIndicator type="success">Sender confirmed</StatusIndicator>
  ) : (
    <StatusIndicator type="warning">Sender not confirmed</StatusIndicator>
  );
}

/** Addresses in a line, the first of them when there are many. */
export function Addresses({ people }: { people: readonly Person[] }) {
  const [all, setAll] = useState(false);
  const some = all ? people : people.slice(0, SHORT_LIST);
  return (
    <>
      {some.map((each, index) => (
        <span key={`${index}${each.address}`}>
          {index > 0 && ', '}
          <bdi title={shown(each.name) || undefined}>{shown(each.address)}</bdi>
        </span>
      ))}
      {people.length > some.length && (
        <button type="button" className="bare more" onClick={() => setAll(true)}>
          and {people.length - some.length} more
        </button>
      )}
    </>
  );
}

export function People({ label, people }: { label: string; people: readonly Person[] }) {
  if (people.length === 0) return null;
  return (
    <div className="fact">
      <dt>{label}</dt>
      <dd>
        <Addresses people={people} />
      </dd>
    </div>
  );
}
