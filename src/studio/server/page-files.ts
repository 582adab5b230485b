import { readFile } from 'node:fs/promises';

/** The files of the page, by their names in its address. */
const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'studio.js': 'text/javascript; charset=utf-8',
  'studio.css': 'text/css; charset=utf-8',
};

/** Where the page is, from a file of the build and from the sources. */
const PLACES = ['./studio/ui/', '../studio/ui/', './ui/', '../../../dist/studio/ui/'];

const NOT_BUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Colloquy Studio</title>
<p>The page of Studio is not built. Run <code>npm run build</code> in the repository of Colloquy, and load this page again.</p>
</html>
`;

export interface PageFile {
  readonly status: 200 | 503;
  readonly type: string;
  readonly body: string;
}

/**
 * One file of the page; undefined for a name that is none of them.
 * @param folder default: beside this library
 */
export async function pageFile(name: string, folder?: URL): Promise<PageFile | undefined> {
  const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  if (type === undefined) return undefined;
  for (const place of folder === undefined
    ? PLACES.map((each) => new URL(each, import.meta.url))
    : [folder]) {
    try {
      return { status: 200, type, body: await readFile(new URL(name, place), 'utf8') };
    } catch {
      // It is at another place, or nowhere.
    }
  }
  return name === 'index.html' ? { status: 503, type, body: NOT_BUILT } : undefined;
}
