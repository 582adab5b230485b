import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, posix } from 'node:path';
import { beforeAll } from 'vitest';
import { buildSite } from '../../docs/.vitepress/site/build.ts';
import { root } from '../docs/pages.ts';

/** Whether the packages of `docs` are installed. Without them, the tests of the site are named as skipped; in CI they fail. */
export const canBuildSite: boolean =
  existsSync(join(root, 'docs/node_modules')) || process.env['CI'] !== undefined;

export interface BuiltSite {
  /** Where it was built. */
  folder(): string;
  /** Where it is served, without a slash at the end. */
  url(): string;
}

/** Builds the site for the tests of a file, and serves it. */
export function useSite(): BuiltSite {
  let folder = '';
  let url = '';
  beforeAll(async () => {
    const temporary = mkdtempSync(join(tmpdir(), 'colloquy-site-'));
    folder = join(temporary, 'site');
    await buildSite({ out: folder, base: '/' });
    const server = serve(folder);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return () => {
      server.closeAllConnections();
      server.close();
      rmSync(temporary, { recursive: true, force: true });
    };
    // Beside other tests, on a machine that does something else too.
  }, 1_200_000);
  return { folder: () => folder, url: () => url };
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** As any host of files does it: a folder is its `index.html`, and nothing is guessed. */
function serve(folder: string): Server {
  return createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const file = join(folder, fileAt(decodeURIComponent(pathname)));
    if (!existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type }).end(readFileSync(file));
  });
}

function fileAt(pathname: string): string {
  return pathname.endsWith('/') ? `${pathname}index.html` : pathname;
}

/** The files of a folder, as paths from it. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();
}

/** The links, images and scripts of the pages of a site that lead to nothing in it: each with its page. */
export function deadLinks(folder: string): string[] {
  const files = new Set(filesOf(folder));
  const pages = [...files].filter((file) => file.endsWith('.html'));
  const texts = new Map(pages.map((page) => [page, readFileSync(join(folder, page), 'utf8')]));
  const ids = new Map([...texts].map(([page, text]) => [page, new Set(valuesOf(text, 'id'))]));
  return [...texts].flatMap(([page, text]) =>
    [...valuesOf(text, 'href'), ...valuesOf(text, 'src')]
      .filter((link) => !/^(?!http:\/\/site\/)(?:[a-z]+:|\/\/)/iu.test(link))
      .filter((link) => {
        const { pathname, hash } = new URL(link, `http://site/${page}`);
        const file = fileAt(decodeURIComponent(pathname)).slice(1);
        if (!files.has(file)) return true;
        return hash !== '' && ids.get(file)?.has(decodeURIComponent(hash.slice(1))) !== true;
      })
      .map((link) => `${page}: ${link}`),
  );
}

/** The values of an attribute in all tags of a page. */
function valuesOf(html: string, attribute: string): string[] {
  const tags = html.match(/<[a-z][^<>]*>/giu) ?? [];
  return tags.flatMap((tag) =>
    [...tag.matchAll(new RegExp(`\\s${attribute}="([^"]*)"`, 'giu'))].map(([, value = '']) =>
      value.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&'),
    ),
  );
}
