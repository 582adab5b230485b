import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { systemClock } from '../../clock.ts';

/** More folders than that are not watched: what a dialogue is made of is near the place where it is worked on. */
const MAX_FOLDERS = 1000;
/** An editor writes a file in several steps. */
const QUIET_MS = 100;

/**
 * Waits for the next change of a file below a folder, other than in `node_modules` and folders that begin with a dot.
 * @returns the path of the file
 */
export async function nextChange(folder: string): Promise<string> {
  const folders = await foldersUnder(folder);
  const watchers: FSWatcher[] = [];
  try {
    return await new Promise<string>((resolve, reject) => {
      let cancel = (): void => {};
      for (const each of folders) {
        const watcher = watch(each, (_event, name) => {
          if (name === null || !/\.(?:chat|json|[cm]?[jt]sx?)$/u.test(name)) return;
          cancel();
          const end = (): void => resolve(relative(folder, join(each, name)));
          cancel = systemClock.wake(systemClock.now() + QUIET_MS, end, { holdsProcess: true });
        });
        watcher.on('error', reject);
        watchers.push(watcher);
      }
    });
  } finally {
    for (const watcher of watchers) watcher.close();
  }
}

async function foldersUnder(folder: string): Promise<readonly string[]> {
  const found = [folder];
  // A list that grows while it is walked is walked to its end.
  for (const each of found) {
    const entries = await readdir(each, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isDirectory() || entry.name === 'node_modules' || entry.name.startsWith('.'))
        continue;
      if (found.length >= MAX_FOLDERS) return found;
      found.push(join(each, entry.name));
    }
  }
  return found;
}
