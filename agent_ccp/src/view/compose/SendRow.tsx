import Button from '@cloudscape-design/components/button';
import Select from '@cloudscape-design/components/select';
import { useId } from 'react';
import { megabytes, total } from '../../compose/check';
import { counted, ready, type Content } from '../../compose/content';
import { NEXTS, type CasePerson, type Kind, type Next } from '../../compose/types';
import { nameOf } from '../../compose/address';
import { WORDS } from '../../compose/words';
import { shown } from '../../mail/text';

interface Props {
  readonly kind: Kind;
  readonly content: Content;
  readonly from: string;
  readonly people: readonly CasePerson[];
  readonly busy: boolean;
  readonly blocked: boolean;
  readonly onNext: (next: Next) => void;
  readonly onSend: () => void;
}

/** What will go, from whom to whom, and the button that makes it so. */
export function SendRow({ kind, content, from, people, busy, blocked, onNext, onSend }: Props) {
  const id = useId();
  const waiting = content.items.filter(({ state }) => state === 'sending').length;
  const closes = kind === 'reply' && content.next === 'close';
  const options = NEXTS.map((value) => ({ value, label: WORDS.nexts[value][0], description: WORDS.nexts[value][1] }));
  return (
    <div className="send-row">
      <div className="send-what" id={`${id}-what`}>
        {kind === 'note' ? WORDS.goes.note : <Goes content={content} from={from} people={people} />}
      </div>
      <div className="send-how">
        {kind === 'reply' && (
          <div className="send-next">
            <Select
              ariaLabel={WORDS.next}
              inlineLabelText={WORDS.next}
              expandToViewport
              disabled={busy}
              selectedOption={options.find(({ value }) => value === content.next) ?? null}
              options={options}
              onChange={({ detail }) => onNext(detail.selectedOption.value as Next)}
            />
          </div>
        )}
        <span className="send-button" title={WORDS.sendKey}>
          <Button
            variant="primary"
            loading={busy}
            disabled={waiting > 0 || blocked}
            disabledReason={waiting > 0 ? WORDS.waitUpload(waiting) : undefined}
            onClick={onSend}
          >
            {closes ? WORDS.sendAndClose : WORDS.send[kind]}
          </Button>
        </span>
      </div>
    </div>
  );
}

function Goes({ content, from, people }: Pick<Props, 'content' | 'from' | 'people'>) {
  const files = ready(content);
  const words = WORDS.goes;
  const list = (addresses: readonly string[]): React.ReactNode =>
    addresses.map((address, index) => {
      const name = shown(nameOf(people, address));
      return (
        <span key={address}>
          {index > 0 && ', '}
          <bdi>
            {name && `${name} `}
            {name ? `<${shown(address)}>` : shown(address)}
          </bdi>
        </span>
      );
    });
  return (
    <>
      {words.from} <bdi>{shown(from)}</bdi> {words.to} {content.to.length ? list(content.to) : <em>{words.nobody}</em>}
      {content.cc.length > 0 && <>, {words.copy} {list(content.cc)}</>}
      {content.bcc.length > 0 && <>, {words.blind} {list(content.bcc)}</>}
      {files.length > 0 && <>, {words.with(...counted(files), megabytes(total(files)))}</>}
    </>
  );
}
