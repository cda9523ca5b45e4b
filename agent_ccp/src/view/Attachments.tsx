import Box from '@cloudscape-design/components/box';
import Icon from '@cloudscape-design/components/icon';
import Spinner from '@cloudscape-design/components/spinner';
import { useState } from 'react';
import type { CaseSession } from '../api';
import type { Attachment, Mail } from '../mail/message';
import { shown, size } from '../mail/text';
import { download } from './download';
import type { Act } from './Shell';

interface Props {
  readonly mail: Mail;
  readonly messageId: string;
  readonly session: CaseSession | null;
  readonly act: Act;
}

export function Attachments({ mail, messageId, session, act }: Props) {
  const [fetching, setFetching] = useState<number | null>(null);
  if (mail.attachments.length === 0) return null;
  const fetchOne = async ({ n }: Attachment): Promise<void> => {
    setFetching(n);
    await act('Downloading', async () => {
      if (!session) throw new Error('The case service cannot be reached. The original email has every attachment.');
      download(await session.attachmentLink(messageId, n));
    });
    setFetching(null);
  };
  return (
    <section aria-label="Attachments">
      <Box variant="h3" fontSize="body-m" margin={{ bottom: 'xxs' }}>
        {mail.attachments.length === 1 ? '1 attachment' : `${mail.attachments.length} attachments`}
      </Box>
      <ul className="attachments">
        {mail.attachments.map((each) => (
          <li key={each.n}>
            <button type="button" className="attachment" onClick={() => void fetchOne(each)}>
              {fetching === each.n ? <Spinner /> : <Icon name="download" />}
              <bdi className="attachment-name">{shown(each.filename) || 'unnamed'}</bdi>
              <span className="quiet">
                {shown(each.content_type)}, {size(each.size)}
                {each.inline && ', in the text'}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
