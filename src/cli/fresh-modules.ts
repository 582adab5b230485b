import { existsSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import { VERSION, importFile } from './load-module.ts';

/** Loads modules again, as they are now, with all that they import and that is not installed. */
export interface FreshModules {
  /** Imports a file, TypeScript included. @throws what the file throws */
  load(path: string): Promise<unknown>;
  /** From now on, each file is read again. */
  renew(): void;
  /** The paths of the files that were loaded since. */
  readonly files: ReadonlySet<string>;
}

/**
 * Node.js runs a module once for each address. This hook, which runs in another thread, gives what a module of a
 * version imports the address of the same version.
 */
const HOOKS = `
let port, own;
export function initialize(data) {
  ({ port, own } = data);
}
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  const version = /[?&]${VERSION}=(\\d+)/.exec(context.parentURL ?? '')?.[1];
  const { url } = found;
  if (version === undefined || !url.startsWith('file:') || url.includes('/node_modules/')) return found;
  if (own.some((folder) => url.startsWith(folder))) return found;
  const fresh = new URL(url);
  fresh.searchParams.set('${VERSION}', version);
  port.postMessage(fresh.href);
  return { ...found, url: fresh.href };
}`;

/** @param prepare has TypeScript taken, before the first file that needs it; its hooks run after this one */
export function createFreshModules(prepare: (path: string) => Promise<void>): FreshModules {
  const require = createRequire(import.meta.url);
  const own = ownFolders();
  let files = new Set<string>();
  let version = 0;
  let isHooked = false;
  const hook = (): void => {
    isHooked = true;
    const { port1, port2 } = new MessageChannel();
    port1.on('message', (url: string) => files.add(fileURLToPath(url)));
    port1.unref();
    register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, {
      data: { port: port2, own: own.map((folder) => pathToFileURL(folder).href) },
      transferList: [port2],
    });
  };
  return {
    async load(path) {
      await prepare(path);
      if (!isHooked) hook();
      files.add(path);
      return importFile(path, version);
    },
    renew() {
      version += 1;
      files = new Set();
      // What `require` loaded is kept under its path.
      for (const path of Object.keys(require.cache)) {
        if (isOfUser(path, own)) delete require.cache[path];
      }
    },
    get files() {
      for (const path of Object.keys(require.cache)) if (isOfUser(path, own)) files.add(path);
      return files;
    },
  };
}

function isOfUser(path: string, own: readonly string[]): boolean {
  if (path.includes(`${sep}node_modules${sep}`)) return false;
  return !own.some((folder) => path.startsWith(folder));
}

/** Where this library itself is, which is never loaded twice, also where it is no installed package. */
function ownFolders(): readonly string[] {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  return ['src', 'dist'].map((name) => join(folder, name) + sep);
}
