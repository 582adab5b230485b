import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../errors.ts';

/** The one place that imports what the user of the command names. */

/**
 * Makes a loader of files, TypeScript included: by tsx where it is installed, since it takes all of TypeScript, its
 * `paths` too, and is the same on every Node.js; otherwise by Node.js itself, from 22.18 and 23.6 on, which takes types away and
 * nothing else.
 */
export function createLoader(cwd: string): (path: string) => Promise<unknown> {
  const prepare = createPreparation(cwd);
  return async (path) => {
    await prepare(path);
    return importFile(path);
  };
}

/** @param version Node.js reads a file once for each of them */
export async function importFile(path: string, version?: number): Promise<unknown> {
  const url = pathToFileURL(path);
  if (version !== undefined) url.searchParams.set(VERSION, String(version));
  return (await import(url.href)) as unknown;
}

/** The parameter of an address that says which version of the file is meant. */
export const VERSION = 'colloquy';

/** Has TypeScript taken, once, before the first file that needs it. */
export function createPreparation(cwd: string): (path: string) => Promise<void> {
  let prepared: Promise<void> | undefined;
  return async (path) => {
    if (!isTypescript(path)) return;
    prepared ??= takeTypescript(cwd);
    await prepared;
  };
}

export function isTypescript(path: string): boolean {
  return /\.[cm]?tsx?$/u.test(path);
}

/** @throws UsageError `no_loader` */
async function takeTypescript(cwd: string): Promise<void> {
  const tsx = await findTsx(cwd);
  if (tsx !== undefined) {
    const [forImport, forRequire] = tsx;
    forImport.register();
    forRequire.register();
    return;
  }
  const { typescript = false } = process.features as { readonly typescript?: string | false };
  if (typescript !== false) return;
  throw new UsageError(
    'no_loader',
    `Node.js ${process.versions.node} does not load TypeScript by itself: run \`npm install --save-dev tsx\`, or take Node.js 22.18 or later.`,
  );
}

interface Register {
  register(): unknown;
}

/** Beside this package, or in the current folder: a package that is run by npx is not installed beside the user's. */
async function findTsx(cwd: string): Promise<readonly [Register, Register] | undefined> {
  try {
    return await Promise.all([import('tsx/esm/api'), import('tsx/cjs/api')]);
  } catch {
    // It is not there.
  }
  const near = createRequire(join(cwd, 'colloquy.config.js'));
  try {
    const paths = ['tsx/esm/api', 'tsx/cjs/api'].map((name) => near.resolve(name));
    const [forImport, forRequire] = await Promise.all(
      paths.map((path) => import(pathToFileURL(path).href) as Promise<Register>),
    );
    return forImport && forRequire && [forImport, forRequire];
  } catch {
    return undefined;
  }
}
