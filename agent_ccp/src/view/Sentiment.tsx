import Badge, { type BadgeProps } from '@cloudscape-design/components/badge';
import Popover from '@cloudscape-design/components/popover';
import type { Mail } from '../mail/message';
import { languageName, percent } from '../mail/text';

const COLOURS: Readonly<Record<string, BadgeProps['color']>> = {
  NEGATIVE: 'red',
  POSITIVE: 'green',
  MIXED: 'severity-low',
  NEUTRAL: 'grey',
};

const word = (label: string): string => label.charAt(0) + label.slice(1).toLowerCase();

export function SentimentBadge({ label }: { label: string }) {
  return <Badge color={COLOURS[label] ?? 'grey'}>{word(label)}</Badge>;
}

/** Sentiment with its scores one click (or key) away. */
export function Sentiment({ label, sentiment }: { label: string; sentiment: Mail['sentiment'] }) {
  if (!label) return null;
  if (!sentiment) return <SentimentBadge label={label} />;
  const scores = Object.entries(sentiment.scores).sort((a, b) => b[1] - a[1]);
  const title = scores.map(([name, score]) => `${name} ${percent(score)}`).join(', ');
  return (
    <span title={title}>
      <Popover
        header="Sentiment"
        size="small"
        triggerType="custom"
        content={
          <dl className="scores">
            {scores.map(([name, score]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{percent(score)}</dd>
              </div>
            ))}
          </dl>
        }
      >
        <button type="button" className="bare" aria-label={`Sentiment ${word(label)}, show scores`}>
          <SentimentBadge label={label} />
        </button>
      </Popover>
    </span>
  );
}

export function Language({ code, score }: { code: string; score: number | null }) {
  if (!code) return null;
  const sure = score === null ? undefined : `${percent(score)} sure`;
  return (
    <span title={sure}>
      <Badge>{languageName(code)}</Badge>
    </span>
  );
}
