import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Popover from '@cloudscape-design/components/popover';
import type { Purposes } from '../api';
import type { Purpose, Recipients } from '../case';
import { mailtoLink, replySubject } from '../mail/mailto';
import { shown } from '../mail/text';
import { Addresses } from './People';

const WAYS: readonly [Purpose, string, string][] = [
  ['relay', 'Reply', 'The customer’s next mail goes where new emails go.'],
  ['queuerelay', 'Reply, keep with my queue', 'The customer’s next mail comes back to this queue.'],
  ['agentrelay', 'Reply, keep with me', 'The customer’s next mail comes back to you.'],
  ['rejectrelay', 'Reply and close', 'The case is closed. Sent empty, the customer hears nothing.'],
];

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
}

export function Replies({ addresses, subject, from, suppressed, ...goes }: Props) {
  const ways = WAYS.flatMap(([purpose, label, meaning]) => {
    const link = mailtoLink(addresses[purpose] ?? '', replySubject(subject));
    return link ? [{ purpose, label, meaning, link }] : [];
  });
  if (ways.length === 0) {
    return (
      <Alert type="info">This task carries no reply address. Transfer it, or complete it and let the case come back.</Alert>
    );
  }
  return (
    <section aria-label="Reply">
      {suppressed && (
        <div className="before-replies">
          <Alert type="warning" header="An answer would not arrive">
            <p className="words">{suppressed}</p>
          </Alert>
        </div>
      )}
      <div className="replies">
        {ways.map(({ purpose, label, link }) => (
          <Button key={purpose} href={link} variant={purpose === 'relay' ? 'primary' : 'normal'} iconName={purpose === 'relay' ? 'send' : undefined}>
            {label}
          </Button>
        ))}
        <Popover
          header="Where the next mail goes"
          size="medium"
          triggerType="custom"
          content={
            <dl className="ways">
              {ways.map(({ purpose, label, meaning }) => (
                <div key={purpose}>
                  <dt>{label}</dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          }
        >
          <Button variant="icon" iconName="status-info" ariaLabel="What the four ways to reply mean" />
        </Popover>
      </div>
      <Goes {...goes} />
      <div className="quiet small">
        Opens your mail program. The answer comes from {from ? <bdi>{shown(from)}</bdi> : 'the address of the case'}, with
        the mail it answers below it.
      </div>
    </section>
  );
}

/** Who gets the answer, whatever the mail program shows. */
function Goes({ recipients, asking, notTo }: Pick<Props, 'recipients' | 'asking' | 'notTo'>) {
  if (!recipients) {
    return (
      <div className="goes">
        {asking
          ? 'This answer goes to: …'
          : 'This answer goes to the customer of the case, and a copy to whoever was added to it. Their addresses cannot be shown right now.'}
      </div>
    );
  }
  const { to, cc } = recipients;
  return (
    <div className="goes">
      This answer goes to: {to.length > 0 ? <Addresses people={to} /> : 'nobody, since no sender was named'}
      {cc.length > 0 && (
        <>
          , copy: <Addresses people={cc} />
        </>
      )}
      {notTo && (
        <div>
          <bdi>{shown(notTo)}</bdi>, who wrote the mail below, does not get it.
        </div>
      )}
    </div>
  );
}
