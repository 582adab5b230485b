import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The paths of the guide's files with one of these endings, as `docs/start/first-bot.md`, in order. Folders that start with
 * a dot are not entered: the build of the site makes and removes files there while other tests run.
 */
export function guideFiles(...endings: readonly string[]): readonly string[] {
  const found: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!entry.name.startsWith('.') && entry.name !== 'node_modules') visit(path);
      } else if (endings.some((ending) => entry.name.endsWith(ending))) {
        found.push(path);
      }
    }
  };
  visit('docs');
  return found.toSorted();
}
