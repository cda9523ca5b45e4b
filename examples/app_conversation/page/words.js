// How times, sizes and delivery states are said.

const STATES = {
  ACCEPTED: "Accepted",
  SENT: "Sent",
  DELAYED: "Delayed",
  DELIVERED: "Delivered",
  BOUNCED: "Bounced",
  COMPLAINED: "Marked as spam",
  REJECTED: "Refused",
  FAILED: "Not sent",
  UNKNOWN: "Perhaps sent",
  UNDONE: "Taken back",
};
const BAD = new Set(["BOUNCED", "COMPLAINED", "REJECTED", "FAILED", "UNKNOWN"]);
const TIME = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });

export const isBad = (message) => BAD.has(message.state);

export function state({ state, reason }) {
  const word = STATES[state] ?? state;
  return reason && state !== "DELIVERED" ? `${word}: ${reason}` : word;
}

export const time = (at) => TIME.format(new Date(at));

export function day(at, now = new Date()) {
  const then = new Date(at);
  const days = Math.round((midnight(now) - midnight(then)) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return (then.getFullYear() === now.getFullYear() ? DAY : DATE).format(then);
}

const midnight = (at) => new Date(at).setHours(0, 0, 0, 0);

export function size(octets) {
  const units = ["bytes", "KB", "MB"];
  let n = octets;
  while (n >= 1000 && units.length > 1) {
    n /= 1000;
    units.shift();
  }
  return `${n < 10 && units[0] !== "bytes" ? n.toFixed(1) : Math.round(n)} ${units[0]}`;
}
