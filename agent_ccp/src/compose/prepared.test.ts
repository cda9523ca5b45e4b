import { describe, expect, it } from 'vitest';
import { cannedHtml, matching, newId } from './prepared';
import type { Canned, OwnReply } from './types';

const reply = (title: string, mine = false, text = ''): Canned => ({ id: title, title, html: '', text, mine });

it('finds the agent’s own first, and titles before texts', () => {
  const replies = [reply('Team lamp'), reply('Team other', false, 'the lamp'), reply('Own other', true, 'a lamp'), reply('Own lamp', true), reply('Car')];
  expect(matching(replies, 'LAMP').map(({ title }) => title)).toEqual(['Own lamp', 'Own other', 'Team lamp', 'Team other']);
  expect(matching(replies, 'lamp own').map(({ title }) => title)).toEqual(['Own lamp', 'Own other']);
  expect(matching(replies, '')).toHaveLength(5);
});

it('makes HTML of a text that has none', () => {
  expect(cannedHtml(reply('x', false, 'a < b\nc & "d"'))).toBe('a &lt; b<br>c &amp; &quot;d&quot;');
  expect(cannedHtml({ ...reply('x'), html: '<p>y</p>' })).toBe('<p>y</p>');
});

describe('newId', () => {
  const taken = (...ids: string[]): OwnReply[] => ids.map((id) => ({ id, title: '', subject: '', html: '' }));

  it.each([
    ['Später, bitte!', [], 'spater-bitte'],
    ['Later', ['later', 'later-2'], 'later-3'],
    ['後で', [], 'reply'],
    [' -- ', ['reply'], 'reply-2'],
    ['9 Lives', [], '9-lives'],
  ])('of %j beside %j is %s', (title, ids, expected) => expect(newId(title, taken(...ids))).toBe(expected));

  it('is never longer than the service takes', () => {
    const long = 'word '.repeat(30);
    const first = newId(long, []);
    const second = newId(long, taken(first));
    for (const id of [first, second]) expect(id).toMatch(/^[a-z0-9][a-z0-9-]{0,59}$/);
    expect(second).not.toBe(first);
  });
});
