import Link from '@cloudscape-design/components/link';
import type { CaseSession } from '../api';
import type { Mailroom } from '../mailroom';
import type { MailTask } from '../task';
import { download } from './download';
import type { Act } from './Shell';

interface Props {
  readonly task: MailTask;
  readonly session: CaseSession | null;
  readonly room: Mailroom;
  readonly act: Act;
}

/** The untouched mail, as a file for a mail program. */
export function Original({ task, session, room, act }: Props) {
  const { originalLink, mailLinkExpires, messageId } = task;
  const stale = mailLinkExpires !== null && mailLinkExpires <= room.outside.now();
  if (!originalLink && !session) return null;
  const fresh = async (): Promise<void> => {
    if (!session) throw new Error('Its link has expired and the case service cannot be reached.');
    download(await session.originalLink(messageId));
  };
  return (
    <div className="original">
      <Link
        href={originalLink || '#'}
        external
        externalIconAriaLabel="Opens in a new tab"
        onFollow={(event) => {
          if (originalLink && !stale) return;
          event.preventDefault();
          void act('Downloading the original', fresh);
        }}
      >
        Download the original email ({task.caseId || 'email'}.eml)
      </Link>
      <div className="quiet small">
        For reading only. An answer sent from that file leaves the case: it would come from your own address, not from
        the case&rsquo;s.
      </div>
    </div>
  );
}
