// Text from outside, made safe to show beside our own words.

// Direction overrides and invisible characters let "exe.fdp" be read as "pdf.exe".
const INVISIBLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** A name, subject or file name in one line, without characters that hide or turn others. */
export function shown(text: string): string {
  return text.replace(INVISIBLE, (char) => (/\s/.test(char) ? ' ' : '')).trim();
}

/** "412 bytes", "1.4 KB", "23 MB": powers of 1024, as mail clients count. */
export function size(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** "German" for "de"; the code itself when the browser does not know it. */
export function languageName(code: string, locale = 'en'): string {
  try {
    return new Intl.DisplayNames([locale], { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** "98 %" for 0.983. */
export function percent(score: number): string {
  return `${Math.round(score * 100)} %`;
}

/** What to call a person: the first name if there is one, else the address. */
export function callName(name: string, address: string): string {
  const first = shown(name).split(/[\s,]+/)[0] ?? '';
  return first && !first.includes('@') ? first : address || 'the customer';
}
