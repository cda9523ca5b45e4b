// Times as an agent reads them. `now` is passed in, so that a list can be drawn for one moment.

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** Milliseconds since the epoch, or null when `iso` is missing or no date. */
export function instant(iso: string | null | undefined): number | null {
  const ms = iso ? Date.parse(iso) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

/** "5 minutes ago", "in 2 hours", "just now". Style "narrow" gives "5m ago". */
export function relative(
  ms: number,
  now: number,
  locale = 'en',
  style: Intl.RelativeTimeFormatStyle = 'long',
): string {
  const distance = ms - now;
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'always', style });
  for (const [unit, size] of UNITS) {
    if (Math.abs(distance) >= size) return format.format(Math.trunc(distance / size), unit);
  }
  return 'just now';
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** Making one takes longer than using it hundreds of times. */
function format(locale: string | undefined, timeZone: string | undefined): Intl.DateTimeFormat {
  const key = `${locale ?? ''} ${timeZone ?? ''}`;
  const known = FORMATS.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  });
  FORMATS.set(key, made);
  return made;
}

/** "Sun, 22 Nov 2026, 11:54" in the reader's time zone unless one is given. */
export function absolute(ms: number, locale?: string, timeZone?: string): string {
  return format(locale, timeZone).format(ms);
}
