import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { readPages } from '../../../test/docs/pages.ts';
import { LANGUAGES, addressOf } from './addresses.ts';
import { blockOf, linesOf, withLinks } from './markdown.ts';

/** A page of the site, as Markdown that has nothing of VitePress in it. */
export interface SitePage {
  /** On the site, as `asking.md`. */
  readonly address: string;
  /** The file or folder of the repository that it shows. */
  readonly path: string;
  readonly text: string;
}

/** What the pages consist of. */
export interface Staged {
  readonly pages: readonly SitePage[];
  /** Files that the site has as they are: from their place in the repository to their address. */
  readonly files: ReadonlyMap<string, string>;
}

/** The maximum of bytes of a file that a page of source code shows. */
const MAX_SOURCE = 60_000;

/** Makes pages of the guide, and of all in the repository that they link to, with the addresses of the site in every link. */
export function stagePages(root: string): Staged {
  const pages = new Map<string, SitePage>();
  const files = new Map<string, string>();
  const guide = readPages().filter(({ path }) => path.startsWith('docs/'));
  // The changelog is in the bar at the top.
  const queue = [...guide.map(({ path }) => path), 'CHANGELOG.md'];
  const homes = LANGUAGES.map(({ home }) => home);

  const rewriteFrom = (path: string, address: string) => (link: string) => {
    if (/^(?:[a-z]+:|#)/iu.test(link)) return link;
    const [target = '', fragment] = link.split('#');
    const found = posix.join(path.endsWith('.md') ? posix.dirname(path) : path, target);
    const place = placeOf(found);
    if (!existsSync(join(root, place)))
      throw new Error(`${path} links to ${link}: there is no ${place}.`);
    const goal = addressOf(place, statSync(join(root, place)).isDirectory());
    if (goal.endsWith('.md')) queue.push(place);
    else files.set(place, goal);
    const relative = posix.relative(posix.dirname(address), goal);
    const own = relative.startsWith('.') ? relative : `./${relative}`;
    return fragment === undefined ? own : `${own}#${fragment}`;
  };

  const add = (path: string, text: string): void => {
    const address = addressOf(
      path,
      !path.endsWith('.md') && statSync(join(root, path)).isDirectory(),
    );
    pages.set(address, { address, path, text: withLinks(text, rewriteFrom(path, address)) });
  };

  for (const home of homes) {
    add(home, homeOf(root, home));
    // Its address in the head of the page is no link of Markdown.
    rewriteFrom(home, addressOf(home, false))('docs/pictures/studio.png');
  }
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (homes.some((home) => home === path)) continue;
    const isFolder = statSync(join(root, path)).isDirectory();
    if (!pages.has(addressOf(path, isFolder))) add(path, textOf(root, path));
  }
  return { pages: [...pages.values()], files };
}

/** A folder stands for its README, but for those of the guide. */
function placeOf(path: string): string {
  const place = path.replace(/\/$/u, '');
  return place.startsWith('docs/') ? place : place.replace(/\/README\.md$/u, '');
}

/**
 * The home page of a language: what is written for it, with the first sentence, the picture and the sections of the front
 * page of the repository.
 */
function homeOf(root: string, readme: string): string {
  const template = readFileSync(join(root, 'docs/.vitepress/home', readme), 'utf8');
  const source = readFileSync(join(root, readme), 'utf8');
  const sentence = source.split('\n\n')[1]?.replaceAll(/(\p{P}|\p{Script=Han})?\n/gu, joint) ?? '';
  const [, shown = '', picture = ''] = /^!\[(.*)\]\(docs\/(.*)\)$/mu.exec(source) ?? [];
  const sections = source.slice(source.indexOf('\n## ') + 1);
  return template
    .replace('SENTENCE', () => sentence)
    .replace('PICTURE', () => picture)
    .replace('SHOWN', () => shown)
    .replace('<!-- sections -->', () => sections);
}

/** Chinese has no space where a line ends. */
function joint(_whole: string, last: string | undefined): string {
  return last === undefined || /^[\p{ASCII}]$/u.test(last) ? `${last ?? ''} ` : last;
}

function textOf(root: string, path: string): string {
  if (path.endsWith('.md')) return withoutNext(readFileSync(join(root, path), 'utf8'));
  if (!statSync(join(root, path)).isDirectory()) return `# ${path}\n\n${codeOf(root, path)}\n`;
  const names = readdirSync(join(root, path)).toSorted();
  const own = names.includes('README.md')
    ? readFileSync(join(root, path, 'README.md'), 'utf8')
    : `# ${path}\n`;
  const shown = names.filter((name) => isShown(root, posix.join(path, name)));
  const sections = shown.map((name) => `## ${name}\n\n${codeOf(root, posix.join(path, name))}\n`);
  return [own, ...sections].join('\n');
}

/** The page of the site shows the way to the next one itself. */
function withoutNext(text: string): string {
  const lines = linesOf(text.trimEnd());
  const last = lines.at(-1);
  const isNext =
    last !== undefined && !last.isCode && LANGUAGES.some(({ next }) => last.text.startsWith(next));
  return isNext
    ? `${lines
        .slice(0, -1)
        .map((line) => line.text)
        .join('\n')
        .trimEnd()}\n`
    : text;
}

function isShown(root: string, path: string): boolean {
  const entry = statSync(join(root, path));
  return entry.isFile() && entry.size <= MAX_SOURCE && languageOfFile(path) !== undefined;
}

function codeOf(root: string, path: string): string {
  return blockOf(readFileSync(join(root, path), 'utf8'), languageOfFile(path) ?? 'text');
}

/** How a file is highlighted; undefined for one that is not shown. */
function languageOfFile(path: string): string | undefined {
  if (/(?:^|\/)(?:package-lock\.json|README\.md)$/u.test(path)) return undefined;
  return SHOWN[posix.extname(path)];
}

const SHOWN: Readonly<Record<string, string>> = {
  '.ts': 'ts',
  '.js': 'js',
  '.mjs': 'js',
  '.json': 'json',
  '.yaml': 'yaml',
  '.yml': 'yaml',
  '.html': 'html',
  '.css': 'css',
  '.sh': 'sh',
  '.sql': 'sql',
  '.chat': 'text',
  '.md': 'md',
};
