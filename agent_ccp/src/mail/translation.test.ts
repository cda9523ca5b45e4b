import { expect, it } from 'vitest';
import { isForeign } from './translation';

it.each([
  ['de', 'en-GB', true],
  ['en', 'en-GB', false],
  ['zh-TW', 'zh', false],
  ['PT_br', 'pt-PT', false],
  ['', 'en', false],
])('knows whether %j is foreign to a reader of %j: %s', (language, reader, expected) =>
  expect(isForeign(language, reader)).toBe(expected),
);
