import { describe, expect, it } from 'vitest';
import { absolute, instant, relative } from './dates';
import { FRAME_POLICY, frameDocument, likelyHeight } from './frame';
import { LONGEST_LINK, mailtoLink, replySubject } from './mailto';
import { readMail } from './message';
import { callName, languageName, shown, size } from './text';

const RELAY = 'relay+7k3m9q2xv4tb8ncd5whj1a2b3c0123456789abcdefghjkmnpq@mail.corp.example';

const subjectOf = (link: string | null): string =>
  decodeURIComponent(link?.split('?subject=')[1] ?? 'no subject in the link');

describe('replySubject', () => {
  it.each([
    ['Lamp', 'Re: Lamp'],
    ['Re: Lamp', 'Re: Lamp'],
    ['RE: re:  Re[2]: Lamp', 'Re: Lamp'],
    ['Regarding: Lamp', 'Re: Regarding: Lamp'],
    ['', 'Re:'],
    ['Lamp\r\nBcc: everyone@example.com', 'Re: Lamp Bcc: everyone@example.com'],
  ])('%j becomes %j', (subject, expected) => expect(replySubject(subject)).toBe(expected));
});

describe('mailtoLink', () => {
  it('decodes to the address and the subject it was given', () => {
    const subject = 'Re: 50% & more? #1 = "Käse" + 💡 it\'s (so)!';
    const link = mailtoLink(RELAY, subject);
    expect(decodeURIComponent(link?.slice(7).split('?')[0] ?? '')).toBe(RELAY);
    expect(subjectOf(link)).toBe(subject);
    expect(link).toMatch(/^mailto:[\w.~%@-]+\?subject=[\w.~%-]+$/);
  });

  it('leaves no plus sign that could be read as a space', () => {
    expect(mailtoLink(RELAY, 'a + b')).not.toContain('+');
  });

  it.each(['x'.repeat(5000), 'ß'.repeat(998), '💡'.repeat(700), '%'.repeat(900)])(
    'fits the limit and cuts between characters',
    (subject) => {
      const link = mailtoLink(RELAY, subject);
      expect(link?.length).toBeLessThanOrEqual(LONGEST_LINK);
      expect(subjectOf(link)).toMatch(/^(x+|ß+|(💡)+|%+)…$/u);
    },
  );

  it('survives half a surrogate pair', () => {
    expect(subjectOf(mailtoLink(RELAY, 'a\ud83d'))).toBe('a\ufffd');
  });

  it.each(['', 'nobody', 'a@b@c', 'a b@c', 'a@c?bcc=d@e', 'a@c,d@e', '<a@c>'].map((each) => [each]))(
    'refuses %j as an address, or keeps it from adding fields',
    (address) => {
      const link = mailtoLink(address, 's');
      expect(link === null || !/[?&]bcc/i.test(link)).toBe(true);
    },
  );
});

describe('dates', () => {
  const now = Date.UTC(2026, 10, 22, 12, 0, 0);
  it.each([
    [now - 20_000, 'just now'],
    [now - 300_000, '5 minutes ago'],
    [now - 7_300_000, '2 hours ago'],
    [now - 86_400_000, '1 day ago'],
    [now + 3_600_000, 'in 1 hour'],
  ])('relative', (ms, expected) => expect(relative(ms, now)).toBe(expected));

  it('says day, date and time', () => {
    expect(absolute(now, 'en-GB', 'UTC')).toBe('Sun, 22 Nov 2026, 12:00');
  });

  it('knows what is no date', () => {
    expect([instant('yesterday'), instant(''), instant(undefined)]).toEqual([null, null, null]);
    expect(instant('2026-11-22T12:00:00Z')).toBe(now);
  });
});

describe('text from outside', () => {
  it('shows a file name as it is, not as it wants to look', () => {
    expect(shown('invoice\u202efdp.exe')).toBe('invoicefdp.exe');
    expect(shown('pay\u200bpal\u0000.com')).toBe('paypal.com');
    expect(shown('a\r\nb\tc')).toBe('a  b c');
  });

  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [1023, '1023 bytes'],
    [1024, '1.0 KB'],
    [348_160, '340 KB'],
    [1_048_575, '1.0 MB'],
    [26_214_400, '25 MB'],
  ])('%d bytes', (bytes, expected) => expect(size(bytes)).toBe(expected));

  it('names languages, and keeps codes it does not know', () => {
    expect(languageName('de')).toBe('German');
    expect(languageName('not a code')).toBe('not a code');
  });

  it('calls people by their first name, or their address', () => {
    expect(callName('Ann Meyer', 'ann@example.com')).toBe('Ann');
    expect(callName('boss@corp.example', 'ann@example.com')).toBe('ann@example.com');
    expect(callName('', '')).toBe('the customer');
  });
});

describe('frameDocument', () => {
  it('puts its policy and its base before anything of the mail', () => {
    const html = '<base href="https://evil.example/"><p>Hi</p>';
    const document = frameDocument(html);
    expect(document.indexOf(FRAME_POLICY)).toBeLessThan(document.indexOf(html));
    expect(document.indexOf('<base target="_blank">')).toBeLessThan(document.indexOf(html));
    expect(FRAME_POLICY).toContain("default-src 'none'; img-src data:; style-src 'unsafe-inline'");
  });

  it('keeps its height within reason', () => {
    expect(likelyHeight('', '')).toBe(140);
    expect(likelyHeight('x\n'.repeat(10_000), '')).toBe(640);
    expect(likelyHeight('x\n'.repeat(12), '')).toBeGreaterThan(likelyHeight('x\n'.repeat(6), ''));
  });
});

describe('readMail', () => {
  it('fills in what is missing', () => {
    const mail = readMail({ version: 1, from: { address: 'a@b.example' }, attachments: [{}, 'x', null] });
    expect(mail.from).toEqual({ name: '', address: 'a@b.example' });
    expect(mail.attachments).toHaveLength(1);
    expect(mail.sentiment).toBeNull();
    expect(mail.authenticated).toBeNull();
  });

  it.each([[{ version: 2 }], [null], ['x'], [[]]])('refuses %j', (json) => {
    expect(() => readMail(json)).toThrow('format');
  });
});
