import Button from '@cloudscape-design/components/button';
import { useEffect, useId, useRef, useState } from 'react';
import { matching } from '../../compose/prepared';
import type { Canned } from '../../compose/types';
import { WORDS } from '../../compose/words';
import { shown } from '../../mail/text';
import type { Begin } from './PreparedDialog';

interface Props {
  readonly replies: readonly Canned[];
  /** Whether there is a text that can be kept for later. */
  readonly savable: boolean;
  readonly onChoose: (reply: Canned) => void;
  readonly onManage: (begin: Begin) => void;
  /** Whether the keyboard goes back to the text. */
  readonly onClose: (back: boolean) => void;
}

const words = WORDS.canned;

/** Prepared replies, the agent's own and the team's, narrowed down as one types. */
export function Prepared({ replies, savable, onChoose, onManage, onClose }: Props) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  const found = matching(replies, typed);
  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    box.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen, typed]);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      setChosen((chosen + step + found.length) % found.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const reply = found[chosen];
      if (reply) onChoose(reply);
    }
  };
  return (
    <div
      className="prepared"
      ref={box}
      role="dialog"
      aria-label={words.open}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        onClose(true);
      }}
      onBlur={(event) => {
        const to = event.relatedTarget;
        // The button that opened it closes it by itself.
        if (!event.currentTarget.contains(to) && !to?.closest('.tools-more')) onClose(false);
      }}
    >
      <input
        ref={field}
        className="prepared-filter"
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={found[chosen] ? `${id}-${chosen}` : undefined}
        aria-label={words.filter}
        placeholder={words.filter}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      {found.length > 0 && <Found id={id} found={found} chosen={chosen} onChoose={onChoose} />}
      {found.length === 0 && (
        <p className="quiet prepared-none" role="status">
          {replies.length ? words.none : words.nothing}
        </p>
      )}
      <div className="prepared-more">
        {savable && (
          <Button variant="inline-link" onClick={() => onManage('save')}>
            {words.save}
          </Button>
        )}
        <Button variant="inline-link" onClick={() => onManage('list')}>
          {words.manage}
        </Button>
      </div>
    </div>
  );
}

interface FoundProps {
  readonly id: string;
  readonly found: readonly Canned[];
  readonly chosen: number;
  readonly onChoose: (reply: Canned) => void;
}

/** One list in two parts; its places are counted through both. */
function Found({ id, found, chosen, onChoose }: FoundProps) {
  const own = found.filter(({ mine }) => mine).length;
  const parts = [
    { title: words.mine, from: 0, replies: found.slice(0, own) },
    { title: words.team, from: own, replies: found.slice(own) },
  ].filter(({ replies }) => replies.length > 0);
  return (
    <div className="prepared-list" id={`${id}-list`} role="listbox" aria-label={words.list}>
      {parts.map(({ title, from, replies }) => (
        <ul key={title} role="group" aria-label={title}>
          <li role="presentation" className="prepared-part" aria-hidden="true">
            {title}
          </li>
          {replies.map((reply, index) => (
            <li
              key={reply.id}
              id={`${id}-${from + index}`}
              role="option"
              aria-selected={from + index === chosen}
              onMouseDown={(event) => {
                event.preventDefault();
                onChoose(reply);
              }}
            >
              <b dir="auto">{shown(reply.title)}</b>
              <span className="quiet" dir="auto">
                {shown(reply.text)}
              </span>
            </li>
          ))}
        </ul>
      ))}
    </div>
  );
}
