import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../test/docs/pages.ts';

const KEPT = join(root, 'node_modules/.cache/colloquy/site');

/** What a folder of the site was made of. */
export interface Ingredients {
  /** Files and folders of the repository. */
  readonly paths: readonly string[];
  readonly texts: readonly string[];
}

/**
 * Fills a folder by `make`, or from what was made of the same ingredients the last time. Of each name, one version is kept.
 */
export async function fillOnce(
  folder: string,
  name: string,
  { ingredients, make }: { readonly ingredients: Ingredients; readonly make: () => Promise<void> },
): Promise<void> {
  const hash = createHash('sha256');
  for (const path of ingredients.paths) hashPath(hash, path);
  for (const text of ingredients.texts) hash.update(`${text}\0`);
  const kept = join(KEPT, name, hash.digest('hex'));
  if (existsSync(kept)) {
    cpSync(kept, folder, { recursive: true });
    return;
  }
  await make();
  rmSync(join(KEPT, name), { recursive: true, force: true });
  mkdirSync(join(KEPT, name), { recursive: true });
  // At once, so that half of it is never taken for all.
  const unfinished = `${kept}.${process.pid}`;
  cpSync(folder, unfinished, { recursive: true });
  renameSync(unfinished, kept);
}

function hashPath(hash: ReturnType<typeof createHash>, path: string): void {
  const files = statSync(join(root, path)).isFile()
    ? [path]
    : readdirSync(join(root, path), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
        .toSorted();
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
}
