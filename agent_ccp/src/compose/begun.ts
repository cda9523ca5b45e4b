// Texts as they begin: until somebody writes in one, it follows the case.
import type { CaseView } from '../api';
import { each, type Content, type Texts } from './content';
import { fresh } from './fresh';
import type { ComposerInfo, Kind } from './types';

export class Begun {
  private untouched: Texts;
  /** The message each text was asked for; empty for the newest one. */
  private readonly abouts: Record<Kind, string> = { reply: '', note: '', forward: '' };

  constructor(
    private view: CaseView,
    private info: ComposerInfo,
  ) {
    this.untouched = this.all();
  }

  get texts(): Texts {
    return this.untouched;
  }

  /** Whether nobody has written in a text yet. */
  has(kind: Kind, content: Content): boolean {
    return this.untouched[kind] === content;
  }

  /** Untouched ones of `texts` as they begin now: to whom the case says, about its newest mail. */
  renew(view: CaseView, info: ComposerInfo, texts: Texts): Texts {
    const before = this.untouched;
    this.view = view;
    this.info = info;
    this.untouched = this.all();
    return each((kind) => (texts[kind] === before[kind] ? this.untouched[kind] : texts[kind]));
  }

  /** A text about another message. What is written stays when it turns out to be about that. */
  about(kind: Kind, about: string, content: Content): Content {
    const has = this.has(kind, content);
    this.abouts[kind] = about;
    const begun = this.one(kind);
    if (has) this.untouched = { ...this.untouched, [kind]: begun };
    return has ? begun : { ...content, answers: about, subject: begun.subject };
  }

  /** A new text, about the newest mail. */
  restart(kind: Kind): Content {
    this.abouts[kind] = '';
    const begun = this.one(kind);
    this.untouched = { ...this.untouched, [kind]: begun };
    return begun;
  }

  private one(kind: Kind): Content {
    return fresh(kind, this.view, this.info, this.abouts[kind]);
  }

  private all(): Texts {
    return each((kind) => this.one(kind));
  }
}
