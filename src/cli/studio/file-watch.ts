import { type FSWatcher, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Cancel, systemClock } from '../../clock.ts';

/** Files in more folders than that are not watched. */
const MAX_FOLDERS = 1000;
/** An editor writes a file in several steps. */
const QUIET_MS = 100;

/** Watches files that may change from one time to the next. */
export class FileWatch {
  readonly #onChange: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #files: ReadonlySet<string> = new Set();
  #cancel: Cancel = () => {};

  /** @param onChange is called a little after the last change */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** From now on, these files are watched. By their folders: many editors write another file and rename it. */
  watch(files: ReadonlySet<string>): void {
    this.#files = files;
    const folders = new Set([...files].map(dirname).slice(0, MAX_FOLDERS));
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#open(folder);
  }

  close(): void {
    this.#cancel();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #open(folder: string): void {
    let watcher: FSWatcher;
    try {
      watcher = watch(folder, (_event, name) => {
        if (name === null || this.#files.has(join(folder, name))) this.#changed();
      });
    } catch {
      // It is gone. What imports from it does not load any more, and says so.
      return;
    }
    watcher.on('error', () => watcher.close());
    this.#watchers.set(folder, watcher);
  }

  #changed(): void {
    this.#cancel();
    this.#cancel = systemClock.wake(systemClock.now() + QUIET_MS, this.#onChange);
  }
}
