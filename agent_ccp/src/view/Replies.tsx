import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import Popover from '@cloudscape-design/components/popover';
import type { Purposes } from '../api';
import { PURPOSES, type Purpose, type Recipients } from '../case';
import { KINDS, type Kind } from '../compose/types';
import { mailtoLink, replySubject } from '../mail/mailto';
import { shown } from '../mail/text';
import { WORDS } from '../workWords';
import { Addresses } from './People';

interface Props {
  readonly addresses: Purposes;
  readonly subject: string;
  /** Who gets the answer; null when that is not known. */
  readonly recipients: Recipients | null;
  /** Whether it may still become known. */
  readonly asking: boolean;
  /** The sender of the mail shown when the answer does not go there. */
  readonly notTo: string;
  readonly from: string;
  /** Why the answer would not arrive; empty when nothing is known. */
  readonly suppressed: string;
  /** Begins to write on this page; null where that cannot be. */
  readonly onWrite: ((kind: Kind) => void) | null;
}

interface Way {
  readonly purpose: Purpose;
  readonly link: string;
}

const words = WORDS.replies;

/** How the mail can be answered: on this page, or in the agent's own mail program. */
export function Replies({ addresses, subject, from, suppressed, onWrite, ...goes }: Props) {
  const ways = PURPOSES.flatMap((purpose): Way[] => {
    const link = mailtoLink(addresses[purpose] ?? '', replySubject(subject));
    return link ? [{ purpose, link }] : [];
  });
  const here = onWrite !== null || goes.asking;
  if (ways.length === 0 && !here) return <Alert type="info">{words.none}</Alert>;
  return (
    <section aria-label={words.label}>
      {suppressed && (
        <div className="before-replies">
          <Alert type="warning" header={words.suppressed}>
            <p className="words">{suppressed}</p>
          </Alert>
        </div>
      )}
      <div className="replies">{here ? <Here onWrite={onWrite} /> : <Elsewhere ways={ways} />}</div>
      <Goes {...goes} />
      {here && ways.length > 0 && <MailProgram ways={ways} />}
      {!here && (
        <div className="quiet small">
          {words.opens} {from ? <bdi>{shown(from)}</bdi> : words.ofCase}
          {words.quotes}
        </div>
      )}
    </section>
  );
}

/** On this page; a moment later while the case is being asked for. */
function Here({ onWrite }: Pick<Props, 'onWrite'>) {
  return KINDS.map((kind) => (
    <Button
      key={kind}
      variant={kind === 'reply' ? 'primary' : 'normal'}
      loading={!onWrite && kind === 'reply'}
      disabled={!onWrite}
      onClick={() => onWrite?.(kind)}
    >
      {words.write[kind]}
    </Button>
  ));
}

/** Only in the mail program, since the case cannot be written in. */
function Elsewhere({ ways }: { readonly ways: readonly Way[] }) {
  return (
    <>
      {ways.map(({ purpose, link }) => (
        <Button key={purpose} href={link} variant={purpose === 'relay' ? 'primary' : 'normal'}>
          {words.ways[purpose][0]}
        </Button>
      ))}
      <Meanings ways={ways} />
    </>
  );
}

/** The same links as a quiet line, where one can write on the page. */
function MailProgram({ ways }: { readonly ways: readonly Way[] }) {
  return (
    <div className="mail-program quiet small">
      <span>{words.program}</span>
      {ways.map(({ purpose, link }) => (
        <Link key={purpose} href={link} fontSize="body-s">
          {words.ways[purpose][0]}
        </Link>
      ))}
      <Meanings ways={ways} />
    </div>
  );
}

function Meanings({ ways }: { readonly ways: readonly Way[] }) {
  return (
    <Popover
      header={words.next}
      size="medium"
      triggerType="custom"
      content={
        <dl className="ways">
          {ways.map(({ purpose }) => (
            <div key={purpose}>
              <dt>{words.ways[purpose][0]}</dt>
              <dd>{words.ways[purpose][1]}</dd>
            </div>
          ))}
        </dl>
      }
    >
      <Button variant="icon" iconName="status-info" ariaLabel={words.meanings} />
    </Popover>
  );
}

/** Who gets the answer, whatever the mail program shows. */
function Goes({ recipients, asking, notTo }: Pick<Props, 'recipients' | 'asking' | 'notTo'>) {
  if (!recipients) return <div className="goes">{asking ? words.asking : words.unknown}</div>;
  const { to, cc } = recipients;
  return (
    <div className="goes">
      {words.goesTo} {to.length > 0 ? <Addresses people={to} /> : words.nobody}
      {cc.length > 0 && (
        <>
          {words.copy} <Addresses people={cc} />
        </>
      )}
      {notTo && (
        <div>
          <bdi>{shown(notTo)}</bdi>
          {words.notTo}
        </div>
      )}
    </div>
  );
}
