import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { guideFiles } from '../support/guide-files.ts';

/**
 * Reads the pages of the documentation. A block of TypeScript that begins with an import starts a program; a block without
 * one continues the program before it. A comment `// →` in a program says what it prints, line by line. A Mermaid diagram
 * below a program is what this program prints there; a diagram above the first program of its page is drawn by hand.
 *
 * A block may be a file, whose name stands behind the language in brackets: ```yaml [compose.yaml]. A file of TypeScript is a
 * program as well if its first line imports a package. The others go with files of the page, and a test of that page runs them.
 */

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

export interface Page {
  /** From the root of the repository, as `docs/asking.md`. */
  readonly path: string;
  readonly text: string;
  /** Without its blocks. */
  readonly prose: string;
  /** The languages of all blocks, in order. */
  readonly languages: readonly string[];
  readonly programs: readonly Program[];
  readonly files: readonly PageFile[];
}

/** A block that has the name of a file. */
export interface PageFile {
  /** Its path in a project, such as `src/main.ts`. */
  readonly path: string;
  readonly language: string;
  readonly text: string;
}

export interface Program {
  /** The page and the first line, as `docs/asking.md:12`. */
  readonly name: string;
  /** The heading above its first block. */
  readonly heading: string;
  /** Each line has the number that it has on the page. */
  readonly code: string;
  readonly prints: readonly string[];
  /** Whether the program is a file of tests, which runs in the tests of this project. */
  readonly isTest: boolean;
}

/** The page that a visitor of the repository reads first, in each language. */
export const READMES = ['README.md', 'README.zh-CN.md'];

/** The READMEs and all pages of the guide, those of its folders too. */
export function readPages(): readonly Page[] {
  return [...READMES, ...guideFiles('.md')].map((path) =>
    parsePage(path, readFileSync(join(root, path), 'utf8')),
  );
}

/** In the place of the language of a file that goes with others of its page. */
const BESIDE = 'beside';

interface Draft {
  readonly first: number;
  readonly heading: string;
  lines: string[];
  prints: string[];
}

/** @throws Error for a block that has no program to continue, or no end */
export function parsePage(path: string, text: string): Page {
  const prose: string[] = [];
  const languages: string[] = [];
  const drafts: Draft[] = [];
  const files: { path: string; language: string; lines: string[] }[] = [];
  let language: string | undefined;
  let file: string[] | undefined;
  let isFirst = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('```')) {
      const [, opened = '', name] = /^```(\S*)(?: \[(.+)\])?/u.exec(line) ?? [];
      language = language === undefined ? opened : undefined;
      isFirst = true;
      file = undefined;
      if (language !== undefined) languages.push(language);
      if (language !== undefined && name !== undefined) {
        files.push({ path: name, language, lines: (file = []) });
      }
    } else if (language === undefined) {
      prose.push(line);
    } else {
      file?.push(line);
      if (file !== undefined && isFirst && !/^import\b.* '[^.]/u.test(line)) language = BESIDE;
      if (language === 'ts' && isFirst && /^import\b/u.test(line)) {
        const heading = prose.findLast((each) => each.startsWith('#')) ?? '';
        drafts.push({
          first: index + 1,
          heading: heading.replace(/^#+ /u, ''),
          lines: [],
          prints: [],
        });
      }
      isFirst = false;
      const draft = drafts.at(-1);
      if (draft !== undefined) take(draft, language, line, index);
      else if (language === 'ts') {
        throw new Error(
          `${path}:${index + 1}: a block without an import has no program to continue.`,
        );
      }
    }
  }
  if (language !== undefined) throw new Error(`${path}: a block has no end.`);
  const programs = drafts.map(({ first, heading, lines, prints }) => {
    const code = lines.join('\n');
    const isTest = /^import .* from 'vitest';$/mu.test(code);
    return { name: `${path}:${first}`, heading, code: `${code}\n`, prints, isTest };
  });
  return {
    path,
    text,
    prose: prose.join('\n'),
    languages,
    programs,
    files: files.map(({ lines, ...each }) => ({ ...each, text: `${lines.join('\n')}\n` })),
  };
}

function take({ lines, prints }: Draft, language: string, line: string, index: number): void {
  if (language === 'mermaid') prints.push(line);
  if (language !== 'ts') return;
  while (lines.length < index) lines.push('');
  lines.push(line);
  prints.push(...(/\/\/ → (.*)$/u.exec(line)?.slice(1) ?? []));
}

/** The file of a page, by its name. */
export function fileAt(page: Page, path: string): PageFile {
  const file = page.files.find((each) => each.path === path);
  if (file === undefined) throw new Error(`${page.path} has no file ${path}.`);
  return file;
}

/** A page of the guide. */
export function readPage(path: string): Page {
  return parsePage(path, readFileSync(join(root, path), 'utf8'));
}

/** Everything set as code: the programs, and the text between backticks in the prose. */
export function codeOf({ prose, programs }: Page): string {
  const inline = prose.match(/`[^`]+`/gu) ?? [];
  return [...programs.map(({ code }) => code), ...inline].join('\n');
}

/** The addresses of all links on a page. */
export function linksOf({ prose }: Page): string[] {
  return linksIn(prose);
}

export function linksIn(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/gu)].map(([, address]) => address ?? '');
}

/** The fragments of the addresses by which one links to the headings of a page. */
export function anchorsOf({ prose }: Page): string[] {
  return [...prose.matchAll(/^#+ (.+)$/gmu)].map(([, heading]) =>
    (heading ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** A name for a program's file: pages of two folders may have the same name. */
export function fileOf({ name }: Program): string {
  return `${name.replaceAll(/[^\w-]/gu, '-').toLowerCase()}.ts`;
}
