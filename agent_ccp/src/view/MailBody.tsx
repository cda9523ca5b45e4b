import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import { useEffect, useMemo, useState } from 'react';
import type { CaseSession } from '../api';
import { frameDocument, likelyHeight } from '../mail/frame';
import { hasRemote, inText, loadImage, withImages, type Pictures } from '../mail/images';
import type { Attachment, Mail } from '../mail/message';
import { splitQuote } from '../mail/quote';
import { isForeign, translate, type Translate } from '../mail/translation';
import { shown } from '../mail/text';
import { WORDS } from '../threadWords';
import { Headers } from './Headers';

type View = 'formatted' | 'text' | 'translated' | 'headers';

interface FrameProps {
  readonly html: string;
  readonly text: string;
  readonly title: string;
  readonly pictures: Pictures;
  /** Whether images of other hosts were asked for. */
  readonly remote: boolean;
  /** Whether it has most of the window. */
  readonly tall: boolean;
}

/** The mail's own HTML, where it can neither run nor open anything, nor fetch but what was asked for. */
function Frame({ html, text, title, pictures, remote, tall }: FrameProps) {
  const source = useMemo(() => frameDocument(withImages(html, pictures, remote), remote), [html, pictures, remote]);
  const height = useMemo(() => likelyHeight(text, html), [text, html]);
  return (
    <div className="frame" style={{ height: tall ? '80vh' : height }}>
      <iframe title={title} sandbox="" srcDoc={source} referrerPolicy="no-referrer" />
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

/** The newly written text in the agent's language. */
function Translated({ text, from, translating }: { readonly text: string; readonly from: string; readonly translating: Translate }) {
  const [found, setFound] = useState<{ readonly text: string } | { readonly trouble: string } | null>(null);
  useEffect(() => {
    let here = true;
    translating(text, from, navigator.language).then(
      (made) => here && setFound({ text: made }),
      (error: Error) => here && setFound({ trouble: error.message }),
    );
    return () => {
      here = false;
    };
  }, [text, from, translating]);
  if (!found) return <div className="quiet" role="status">{WORDS.translating}</div>;
  if ('trouble' in found) return <div role="alert">{WORDS.notTranslated(shown(found.trouble))}</div>;
  return <Text text={found.text} />;
}

interface Props {
  readonly mail: Mail;
  readonly session?: CaseSession | null;
  readonly messageId?: string;
  /** How mails are translated, where they are. */
  readonly translating?: Translate | null;
  /** Hears the numbers of the attachments that the text shows now. */
  readonly onInText?: (numbers: ReadonlySet<number>) => void;
}

interface Own {
  readonly pictures: Pictures;
  readonly numbers: ReadonlySet<number>;
  readonly missing: number;
}

const NONE: Own = { pictures: new Map(), numbers: new Set(), missing: 0 };

/** Loads the images of a mail that came with it. The mail is drawn meanwhile, and again then. */
function useOwnImages(mail: Mail, session: CaseSession | null, messageId: string): Own {
  const [own, setOwn] = useState(NONE);
  const wanted = useMemo(() => inText(mail), [mail]);
  useEffect(() => {
    let here = true;
    if (!session || wanted.length === 0) return;
    const load = async ({ n }: Attachment): Promise<string> => loadImage(await session.attachmentLink(messageId, n));
    void Promise.allSettled(wanted.map(load)).then((found) => {
      if (!here) return;
      const pictures = new Map<string, string>();
      const numbers = new Set<number>();
      found.forEach((each, index) => {
        if (each.status === 'rejected') return;
        pictures.set(wanted[index]!.content_id, each.value);
        numbers.add(wanted[index]!.n);
      });
      setOwn({ pictures, numbers, missing: wanted.length - numbers.size });
    });
    return () => {
      here = false;
    };
  }, [session, messageId, wanted]);
  return own;
}

export function MailBody({ mail, session = null, messageId = mail.message_id, translating = translate, onInText }: Props) {
  const [view, setView] = useState<View>(mail.html ? 'formatted' : 'text');
  const [remote, setRemote] = useState(false);
  const [tall, setTall] = useState(false);
  const own = useOwnImages(mail, session, messageId);
  const { body, quote } = useMemo(() => splitQuote(mail.html), [mail.html]);
  const blocked = useMemo(() => hasRemote(mail.html), [mail.html]);
  const text = mail.new_text || (mail.quoted_text ? '' : mail.text);
  const language = mail.language?.code ?? '';
  const foreign = translating !== null && isForeign(language, navigator.language);
  const images = { pictures: own.pictures, remote, tall };
  useEffect(() => onInText?.(view === 'formatted' ? own.numbers : NONE.numbers), [own, view, onInText]);
  return (
    <div className="body">
      <div className="body-view">
        <SegmentedControl
          label="How to show the email"
          selectedId={view}
          onChange={({ detail }) => setView(detail.selectedId as View)}
          options={[
            ...(mail.html ? [{ id: 'formatted', text: 'Formatted' }] : []),
            { id: 'text', text: 'Plain text' },
            ...(foreign ? [{ id: 'translated', text: WORDS.translated }] : []),
            { id: 'headers', text: 'Headers' },
          ]}
        />
        {view === 'formatted' && (
          <Button
            variant="icon"
            iconName={tall ? 'shrink' : 'expand'}
            ariaLabel={tall ? 'Make the email smaller' : 'Make the email larger'}
            onClick={() => setTall(!tall)}
          />
        )}
      </div>
      {view === 'formatted' && blocked && !remote && (
        <div className="blocked-images">
          <span className="quiet">
            Images from the internet are not shown: loading them tells the sender that you read this.
          </span>
          <Button variant="inline-link" onClick={() => setRemote(true)}>
            Show images
          </Button>
        </div>
      )}
      {view === 'formatted' && own.missing > 0 && (
        <div className="quiet" role="status">
          {own.missing === 1 ? 'An image' : `${own.missing} images`} of this email could not be loaded. See the
          attachments.
        </div>
      )}
      {view === 'formatted' && (
        <Frame html={body} text={quote === null ? mail.text : text} title="Email" {...images} />
      )}
      {view === 'text' && <Text text={text} />}
      {view === 'translated' && translating && <Translated text={text} from={language} translating={translating} />}
      {view === 'headers' && <Headers session={session} messageId={messageId} />}
      {view === 'formatted' && quote !== null && (
        <ExpandableSection headerText="Quoted email">
          <Frame html={quote} text={mail.quoted_text} title="Quoted email" {...images} />
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
