import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Reads the pages of the documentation. A block of TypeScript that begins with an import starts a program; a block without
 * one continues the program before it. A comment `// →` in a program says what it prints, line by line. A Mermaid diagram
 * below a program is what this program prints there; a diagram above the first program of its page is drawn by hand.
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
  const guide = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .toSorted();
  return [...READMES, ...guide.map((name) => `docs/${name}`)].map((path) =>
    parsePage(path, readFileSync(join(root, path), 'utf8')),
  );
}

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
  let language: string | undefined;
  let isFirst = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('```')) {
      language = language === undefined ? line.slice(3) : undefined;
      isFirst = true;
      if (language !== undefined) languages.push(language);
    } else if (language === undefined) {
      prose.push(line);
    } else {
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
  return { path, text, prose: prose.join('\n'), languages, programs };
}

function take({ lines, prints }: Draft, language: string, line: string, index: number): void {
  if (language === 'mermaid') prints.push(line);
  if (language !== 'ts') return;
  while (lines.length < index) lines.push('');
  lines.push(line);
  prints.push(...(/\/\/ → (.*)$/u.exec(line)?.slice(1) ?? []));
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
