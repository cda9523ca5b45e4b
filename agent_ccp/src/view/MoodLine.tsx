import type { CaseView } from '../api';
import { moods } from '../thread';
import { WORDS } from '../threadWords';

const FEWEST = 3;
const MOST = 40;
const HEIGHT = 28;
const STEP = 14;

/** How the customer's mails sounded over time, as steps: up is positive. */
export function MoodLine({ view }: { readonly view: CaseView }) {
  const all = moods(view.messages);
  if (all.length < FEWEST) return null;
  const some = all.slice(-MOST);
  const width = some.length * STEP;
  const y = (level: number): number => HEIGHT / 2 - (level * (HEIGHT - 8)) / 2;
  const path = some
    .map(({ level }, index) => `${index === 0 ? 'M' : 'V'}${index === 0 ? `0 ${y(level)}` : y(level)}H${(index + 1) * STEP}`)
    .join('');
  const words = WORDS.moodWords(
    some.map(({ label }) => label.toLowerCase()),
    !!view.older || all.length > some.length,
  );
  return (
    <div className="mood-line">
      <span className="quiet" aria-hidden="true">
        {WORDS.mood}
      </span>
      <svg role="img" aria-label={words} width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`}>
        <title>{words}</title>
        <line x1="0" x2={width} y1={HEIGHT / 2} y2={HEIGHT / 2} className="mood-middle" />
        <path d={path} className="mood-path" />
        {some.map(({ id, level }, index) => (
          <circle key={id} cx={index * STEP + STEP / 2} cy={y(level)} r="3" className={`mood-dot level${level}`} />
        ))}
      </svg>
    </div>
  );
}
