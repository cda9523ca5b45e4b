import { describe, expect, it } from 'vitest';
import { draftBody, type DraftBody } from './content';
import { clock, content, problem } from './fixtures';
import { Saver, type Saving } from './saver';

describe('Saver', () => {
  const body = (html: string): DraftBody => draftBody('reply', content({ html }));

  function saver(...answers: (Error | null)[]): { it: Saver; time: ReturnType<typeof clock>; asked: string[]; told: Saving[] } {
    const time = clock();
    const asked: string[] = [];
    const told: Saving[] = [];
    const answer = (): void => {
      const error = answers.shift();
      if (error) throw error;
    };
    const it = new Saver({
      later: time.later,
      tell: (saving) => told.push(saving),
      put: async (version, sent) => {
        asked.push(`put ${version} ${sent.html}`);
        answer();
        return { version: version + 1, at: 'now' };
      },
      remove: async (version) => {
        asked.push(`delete ${version}`);
        answer();
      },
    });
    return { it, time, asked, told };
  }

  it('saves once after a pause, and deletes what has become nothing', async () => {
    const { it: one, time, asked, told } = saver();
    one.change(body('a'));
    one.change(body('ab'));
    expect(time.waits()).toEqual([1500]);
    await time.pass();
    one.change(null);
    await time.pass();
    expect(asked).toEqual(['put 0 ab', 'delete 1']);
    expect(told.at(-1)).toEqual({ kind: 'clean' });
    expect(one.draftVersion).toBe(0);
  });

  it('tries again while there is no answer, ever more slowly', async () => {
    const { it: one, time, asked, told } = saver(problem(0), problem(503), null);
    one.change(body('a'));
    await time.pass();
    expect(told.at(-1)).toEqual({ kind: 'offline' });
    expect(time.waits()).toEqual([5_000]);
    await time.pass();
    expect(time.waits()).toEqual([10_000]);
    await time.pass();
    expect(asked).toHaveLength(3);
    expect(told.at(-1)).toEqual({ kind: 'saved', at: 'now' });
  });

  it('waits for a decision when somebody saved another version', async () => {
    const { it: one, time, asked, told } = saver(problem(409, { version: 7 }));
    one.change(body('a'));
    await time.pass();
    expect(told.at(-1)).toMatchObject({ kind: 'conflict', draft: { version: 7 } });
    one.change(body('ab'));
    await time.pass();
    expect(asked).toEqual(['put 0 a']);
    await one.keepMine(7);
    expect(asked.at(-1)).toBe('put 7 ab');
  });

  it('begins anew when the draft was discarded elsewhere', async () => {
    const { it: one, time, asked } = saver(null, problem(409));
    one.change(body('a'));
    await time.pass();
    one.change(body('ab'));
    await time.pass();
    await time.pass();
    expect(asked).toEqual(['put 0 a', 'put 1 ab', 'put 0 ab']);
  });

  it('does not ask on with a session that is over', async () => {
    const { it: one, time, told } = saver(problem(401));
    one.change(body('a'));
    await time.pass();
    expect(told.at(-1)).toEqual({ kind: 'over' });
    expect(time.waits()).toEqual([]);
    expect(one.settled).toBe(false);
  });
});
