// The files of what is being written, on their way to the store.
import { announce, type Transport } from './api';
import { admit } from './check';
import type { Item } from './content';
import type { Limits } from './types';
import type { Running } from './upload';

export interface Store {
  readonly put: (url: string, headers: Readonly<Record<string, string>>, file: Blob, onProgress: (share: number) => void) => Running;
  readonly newKey: () => string;
}

export interface Told {
  readonly change: (key: string, change: Partial<Item> | null) => void;
  readonly api: () => Transport;
}

/** Characters no file name may have, and the longest name file systems take. */
function fileName(name: string): string {
  return name.replace(/[\u0000-\u001f\u007f/\\]/g, '_').slice(-200) || 'file';
}

export class Files {
  private readonly sources = new Map<string, { readonly file: File; readonly inline: boolean }>();
  private readonly running = new Map<string, () => void>();

  constructor(
    private readonly store: Store,
    private readonly told: Told,
  ) {}

  /** The items of those files that fit, not started yet, and why others do not. */
  take(files: readonly File[], inline: boolean, items: readonly Item[], limits: Limits): { items: Item[]; problems: string[] } {
    const { taken, problems } = admit(files, items, limits);
    const added = taken.map((file): Item => {
      const key = this.store.newKey();
      this.sources.set(key, { file, inline });
      return {
        key,
        id: '',
        filename: fileName(file.name),
        content_type: file.type || 'application/octet-stream',
        size: file.size,
        inline,
        content_id: null,
        state: 'sending',
        progress: 0,
        trouble: '',
      };
    });
    return { items: added, problems };
  }

  /** Sends a file that was taken; also once more, when it did not work. Never rejects. */
  async start({ key, filename, content_type, size, inline }: Item): Promise<void> {
    const source = this.sources.get(key);
    if (!source) return;
    this.told.change(key, { state: 'sending', progress: 0, trouble: '' });
    let stopped = false;
    this.running.set(key, () => {
      stopped = true;
    });
    try {
      const { id, url, headers, content_id } = await announce(this.told.api(), { filename, content_type, size, inline });
      if (stopped) return;
      const upload = this.store.put(url, headers, source.file, (progress) => this.told.change(key, { progress }));
      this.running.set(key, () => {
        stopped = true;
        upload.stop();
      });
      await upload.done;
      this.told.change(key, { id, content_id, state: 'done', progress: 1 });
      this.sources.delete(key);
    } catch (error) {
      if (!stopped) this.told.change(key, { state: 'failed', trouble: (error as Error).message });
    }
    this.running.delete(key);
  }

  remove(key: string): void {
    this.running.get(key)?.();
    this.running.delete(key);
    this.sources.delete(key);
    this.told.change(key, null);
  }

  stop(): void {
    for (const stop of this.running.values()) stop();
    this.running.clear();
  }
}
