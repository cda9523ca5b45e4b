import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import { useMemo, useState } from 'react';
import { frameDocument, likelyHeight } from '../mail/frame';
import type { Mail } from '../mail/message';
import { splitQuote } from '../mail/quote';

type View = 'formatted' | 'text';

/** The mail's own HTML, where it can neither run, fetch nor open anything. */
function Frame({ html, text, title }: { html: string; text: string; title: string }) {
  const [tall, setTall] = useState(false);
  const source = useMemo(() => frameDocument(html), [html]);
  const height = useMemo(() => likelyHeight(text, html), [text, html]);
  return (
    <div className="frame" style={{ height: tall ? '80vh' : height }}>
      <iframe title={title} sandbox="" srcDoc={source} referrerPolicy="no-referrer" />
      <div className="frame-size">
        <Button
          variant="icon"
          iconName={tall ? 'shrink' : 'expand'}
          ariaLabel={tall ? 'Make the email smaller' : 'Make the email larger'}
          onClick={() => setTall(!tall)}
        />
      </div>
    </div>
  );
}

function Text({ text }: { text: string }) {
  return (
    <div className="text" dir="auto">
      {text.trim() || <span className="quiet">This email has no text.</span>}
    </div>
  );
}

export function MailBody({ mail }: { mail: Mail }) {
  const [view, setView] = useState<View>(mail.html ? 'formatted' : 'text');
  const { body, quote } = useMemo(() => splitQuote(mail.html), [mail.html]);
  const text = mail.new_text || (mail.quoted_text ? '' : mail.text);
  return (
    <div className="body">
      {mail.html && (
        <div className="body-view">
          <SegmentedControl
            label="How to show the email"
            selectedId={view}
            onChange={({ detail }) => setView(detail.selectedId as View)}
            options={[
              { id: 'formatted', text: 'Formatted' },
              { id: 'text', text: 'Plain text' },
            ]}
          />
        </div>
      )}
      {view === 'formatted' ? (
        <Frame html={body} text={quote === null ? mail.text : text} title="Email" />
      ) : (
        <Text text={text} />
      )}
      {view === 'formatted' && quote !== null && (
        <ExpandableSection headerText="Quoted email">
          <Frame html={quote} text={mail.quoted_text} title="Quoted email" />
        </ExpandableSection>
      )}
      {view === 'text' && mail.quoted_text.trim() && (
        <ExpandableSection headerText="Quoted email">
          <Text text={mail.quoted_text} />
        </ExpandableSection>
      )}
    </div>
  );
}
