import Icon from '@cloudscape-design/components/icon';
import { useEffect, useId, useRef, useState } from 'react';
import { nameOf, split, suggestions } from '../../compose/address';
import type { CasePerson, Row } from '../../compose/types';
import { WORDS } from '../../compose/words';
import { shown } from '../../mail/text';

interface Props {
  readonly row: Row;
  readonly addresses: readonly string[];
  readonly people: readonly CasePerson[];
  /** In any row: nobody is offered twice. */
  readonly taken: readonly string[];
  /** Whether addresses outside the case may be typed. */
  readonly free: boolean;
  readonly disabled: boolean;
  readonly onAdd: (address: string) => void;
  readonly onRemove: (address: string) => void;
  /** What was typed and is in no row. */
  readonly onPending: (typed: string) => void;
  /** Rows that are not shown yet. */
  readonly others?: React.ReactNode;
}

/** One row of recipients: tokens, and a field that offers the people of the case. */
export function AddressRow({ row, addresses, people, taken, free, disabled, onAdd, onRemove, onPending, others }: Props) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(0);
  const [wrong, setWrong] = useState('');
  const tell = useRef(onPending);
  tell.current = onPending;
  useEffect(() => tell.current(typed.trim()), [typed]);
  useEffect(() => () => tell.current(''), []);
  const offered = suggestions(people, taken, typed).slice(0, 8);
  const closed = !free && suggestions(people, taken, '').length === 0;

  const add = (address: string): void => {
    onAdd(address);
    setTyped('');
    setWrong('');
    setChosen(0);
  };
  /** Takes what was typed; says what is wrong with the rest. */
  const settle = (text: string): void => {
    const { addresses: found, rest } = split(text);
    const known = free ? found : found.filter((one) => people.some((each) => each.address.toLowerCase() === one.toLowerCase()));
    for (const one of known) onAdd(one);
    const strange = found.filter((one) => !known.includes(one)).join(', ');
    setTyped([strange, rest].filter(Boolean).join(', '));
    setWrong(strange ? WORDS.notOfCase(strange) : rest ? WORDS.noAddress(rest) : '');
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const option = open ? offered[chosen] : undefined;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (open && offered.length) setChosen((chosen + step + offered.length) % offered.length);
    } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if (option && (!free || !split(typed).addresses.length)) add(option.address);
      else if (typed.trim()) settle(typed);
    } else if ((event.key === ',' || event.key === ';') && typed.trim()) {
      event.preventDefault();
      settle(typed);
    } else if (event.key === 'Escape' && open) {
      event.stopPropagation();
      setOpen(false);
    } else if (event.key === 'Backspace' && !typed && addresses.length) {
      onRemove(addresses.at(-1) ?? '');
    }
  };
  return (
    <div className="address-row" role="group" aria-label={WORDS.rows[row]}>
      <span className="address-label" aria-hidden="true">
        {WORDS.rows[row]}
      </span>
      <div className="address-field" onClick={() => field.current?.focus()}>
        {addresses.map((address) => (
          <span key={address} className="token">
            <bdi className="token-text" title={shown(address)}>
              {shown(nameOf(people, address)) ? (
                <>
                  {shown(nameOf(people, address))} <span className="quiet">{shown(address)}</span>
                </>
              ) : (
                shown(address)
              )}
            </bdi>
            <button
              type="button"
              className="token-remove"
              disabled={disabled}
              aria-label={`${WORDS.remove(shown(address))} (${WORDS.rows[row]})`}
              onClick={() => {
                onRemove(address);
                field.current?.focus();
              }}
            >
              <Icon name="close" size="small" />
            </button>
          </span>
        ))}
        <span className={typed ? 'address-type typed' : 'address-type'}>
          <input
            ref={field}
            type="text"
            role="combobox"
            inputMode="email"
            autoComplete="off"
            spellCheck={false}
            dir="auto"
            aria-label={`${WORDS.rows[row]}: ${free ? WORDS.addAddress : closed ? WORDS.everyone : WORDS.addPerson}`}
            aria-expanded={open && offered.length > 0}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={open && offered[chosen] ? `${id}-${chosen}` : undefined}
            aria-invalid={!!wrong || undefined}
            aria-describedby={wrong ? `${id}-wrong` : undefined}
            disabled={disabled}
            value={typed}
            onChange={(event) => {
              const text = event.target.value;
              setWrong('');
              setChosen(0);
              setOpen(true);
              if (/[,;\n\t]\s*$/.test(text)) settle(text);
              else setTyped(text);
            }}
            onPaste={(event) => {
              const text = event.clipboardData.getData('text/plain');
              if (!/[,;\n<]/.test(text)) return;
              event.preventDefault();
              settle(text);
            }}
            onKeyDown={onKeyDown}
            onFocus={() => setOpen(true)}
            onBlur={() => {
              setOpen(false);
              if (typed.trim()) settle(typed);
            }}
          />
          {open && offered.length > 0 && (
            <ul className="offers" id={`${id}-list`} role="listbox" aria-label={WORDS.addPerson}>
              {offered.map((each, index) => (
                <li
                  key={each.address}
                  id={`${id}-${index}`}
                  role="option"
                  aria-selected={index === chosen}
                  onMouseDown={(event) => {
                    event.preventDefault();
                    add(each.address);
                  }}
                >
                  <bdi>{shown(each.name) || shown(each.address)}</bdi>
                  {each.name && <bdi className="quiet">{shown(each.address)}</bdi>}
                </li>
              ))}
            </ul>
          )}
        </span>
      </div>
      {others && <span className="address-others">{others}</span>}
      {wrong && (
        <p className="address-wrong" id={`${id}-wrong`} role="alert">
          {shown(wrong)}
        </p>
      )}
    </div>
  );
}
