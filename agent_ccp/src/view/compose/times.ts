import { instant } from '../../mail/dates';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** "12:31" of today, "22 Nov, 12:31" of another day; empty when there is none. */
export function at(iso: string, now = Date.now()): string {
  const ms = instant(iso);
  if (ms === null) return '';
  return new Date(ms).toDateString() === new Date(now).toDateString() ? clock.format(ms) : day.format(ms);
}
