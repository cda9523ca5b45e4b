import Box from '@cloudscape-design/components/box';
import Icon from '@cloudscape-design/components/icon';
import Spinner from '@cloudscape-design/components/spinner';
import { useEffect, useState } from 'react';
import type { CaseSession } from '../api';
import type { Attachment, Mail } from '../mail/message';
import { shown, size } from '../mail/text';
import { download } from './download';
import type { Act } from './Shell';

interface Props {
  readonly mail: Mail;
  readonly messageId: string;
  readonly session: CaseSession | null;
  /** The session may still come: a click waits for it. */
  readonly asking?: boolean;
  readonly act: Act;
}

export function Attachments({ mail, messageId, session, asking = false, act }: Props) {
  const [fetching, setFetching] = useState<number | null>(null);
  const [waiting, setWaiting] = useState<Attachment | null>(null);
  useEffect(() => {
    if (!waiting || asking) return;
    setWaiting(null);
    void fetchOne(waiting);
  }, [waiting, asking]);
  if (mail.attachments.length === 0) return null;
  const locked = mail.warnings.some(({ code }) => code === 'virus-unknown');
  const fetchOne = async ({ n }: Attachment): Promise<void> => {
    setFetching(n);
    await act('Downloading', async () => {
      if (!session) throw new Error('The case service cannot be reached. The original email has every attachment.');
      download(await session.attachmentLink(messageId, n));
    });
    setFetching(null);
  };
  return (
    <div>
      <Box fontWeight="bold" margin={{ bottom: 'xxs' }}>
        {mail.attachments.length === 1 ? '1 attachment' : `${mail.attachments.length} attachments`}
      </Box>
      <ul className="attachments">
        {mail.attachments.map((each) => (
          <li key={each.n}>
            <button type="button" className="attachment" disabled={locked} onClick={() => setWaiting(each)}>
              {fetching === each.n || waiting?.n === each.n ? <Spinner /> : <Icon name={locked ? 'lock-private' : 'download'} />}
              <bdi className="attachment-name">{shown(each.filename) || 'unnamed'}</bdi>
              <span className="quiet">
                {shown(each.content_type)}, {size(each.size)}
                {each.inline && ', in the text'}
                {locked && ', locked: the virus scan gave no clean result'}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
