import './compose.css';
import Alert from '@cloudscape-design/components/alert';
import { useMemo } from 'react';
import { recall } from '../../compose/keep';
import { plain } from '../../compose/plain';
import { WORDS } from '../../compose/words';
import { CopyText } from './CopyText';

interface Props {
  readonly caseId: string;
  /** Whether the task is over; else the case can only not be reached. */
  readonly over: boolean;
}

/** What was written and never reached the case, where nothing can be written on. */
export function Leftover({ caseId, over }: Props) {
  const kept = useMemo(() => recall(sessionStorage, caseId), [caseId]);
  const text = kept && !kept.saved ? plain(kept.texts[kept.kind].html) : '';
  if (!text) return null;
  const words = over ? WORDS.over : WORDS.apart;
  return (
    <section className="composer" aria-label={WORDS.title}>
      <Alert type="warning" header={words.title} action={<CopyText text={text} />}>
        {words.text}
      </Alert>
      <div className="leftover" dir="auto">
        {text}
      </div>
    </section>
  );
}
