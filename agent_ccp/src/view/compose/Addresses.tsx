import { useState } from 'react';
import type { Content } from '../../compose/content';
import { ROWS, type CasePerson, type Kind, type Row } from '../../compose/types';
import { WORDS } from '../../compose/words';
import { AddressRow } from './AddressRow';

interface Props {
  readonly kind: Kind;
  readonly content: Content;
  readonly people: readonly CasePerson[];
  readonly disabled: boolean;
  readonly onAdd: (row: Row, address: string) => void;
  readonly onRemove: (row: Row, address: string) => void;
  readonly onPending: (row: Row, typed: string) => void;
}

/** To, and Cc and Bcc where there is somebody in them or they were asked for. */
export function Addresses({ kind, content, people, disabled, onAdd, onRemove, onPending }: Props) {
  const [asked, setAsked] = useState<readonly Row[]>([]);
  const taken = ROWS.flatMap((row) => content[row]);
  const visible = (row: Row): boolean => row === 'to' || content[row].length > 0 || asked.includes(row);
  const hidden = ROWS.filter((row) => !visible(row));
  return (
    <div className="addresses">
      {ROWS.filter(visible).map((row) => (
        <AddressRow
          key={row}
          row={row}
          addresses={content[row]}
          people={people}
          taken={taken}
          free={kind === 'forward'}
          disabled={disabled}
          onAdd={(address) => onAdd(row, address)}
          onRemove={(address) => onRemove(row, address)}
          onPending={(typed) => onPending(row, typed)}
          others={
            row === 'to' &&
            hidden.map((each) => (
              <button
                key={each}
                type="button"
                className="bare add-row"
                disabled={disabled}
                aria-label={WORDS.addRow[each]}
                onClick={() => setAsked([...asked, each])}
              >
                {WORDS.rows[each]}
              </button>
            ))
          }
        />
      ))}
    </div>
  );
}
