import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../../../test/docs/pages.ts';
import { languageOf } from './addresses.ts';
import { drawCharts } from './charts.ts';
import { withFigures } from './figures.ts';
import { writeForPrograms } from './llms.ts';
import { runTool, writeReference } from './reference.ts';
import { type SitePage, stagePages } from './stage.ts';

/** Where the pages are collected of which VitePress makes the site. */
const PAGES = join(root, 'docs/.vitepress/pages');

export interface SiteOptions {
  /** The folder of the built site. */
  readonly out: string;
  /** The path under which it is served, with a slash at both ends. */
  readonly base: string;
}

/**
 * Builds the site of the documentation. It needs no network, only the packages of `docs`.
 * @throws Error for a warning, a dead link, a program of the guide that fails, an entry point that nothing describes
 */
export async function buildSite({ out, base }: SiteOptions): Promise<void> {
  rmSync(PAGES, { recursive: true, force: true });
  rmSync(out, { recursive: true, force: true });
  mkdirSync(PAGES, { recursive: true });
  const { pages, files } = stagePages(root);
  const [figures] = await Promise.all([
    drawCharts(join(PAGES, 'public/charts')),
    writeReference(root, join(PAGES, 'reference')),
  ]);
  for (const { address, path, text } of pages) {
    // The lines of the home page are not those of the front page.
    const own = address.endsWith('index.md') ? [] : (figures[path] ?? []);
    write(address, withFigures(text, own, languageOf(address)));
  }
  for (const [path, address] of files) {
    // For the pages as HTML, where it gets its own name, and as Markdown.
    for (const target of [join(PAGES, address), join(PAGES, 'public', address)]) {
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(join(root, path), target);
    }
  }
  await runTool(root, 'vitepress/bin/vitepress.js', ['build', '--outDir', out, '--base', base]);
  writeForPrograms([...pages, ...referencePages()], { root, out, base });
}

function write(address: string, text: string): void {
  const file = join(PAGES, address);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function referencePages(): readonly SitePage[] {
  const folder = join(PAGES, 'reference');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => `reference/${name.replaceAll('\\', '/')}`)
    .filter((address) => address.endsWith('.md'))
    .map((address) => ({ address, path: '', text: readFileSync(join(PAGES, address), 'utf8') }));
}
