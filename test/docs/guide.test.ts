import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';
import { anchorsOf, codeOf, fileOf, linksOf, parsePage, readPages, root } from './pages.ts';
import { diagnose, run } from './programs.ts';

const pages = readPages();
const programs = pages.flatMap((page) => page.programs);

/** Pages that show no code of ours. */
const WITHOUT_CODE = ['docs/README.md', 'docs/benchmarks.md', 'docs/parsers.md'];

/** What else a block may be: none of it is run but a diagram, which is what the program before it prints. */
const LANGUAGES = ['ts', 'mermaid', 'sh', 'text', 'nginx', 'yaml', 'sql'];

describe('the pages of the documentation', () => {
  it('are there, and each shows a program, but those that are listed', () => {
    expect(pages.length).toBeGreaterThan(15);
    const empty = pages.filter((page) => page.programs.length === 0).map(({ path }) => path);
    expect(empty).toEqual(WITHOUT_CODE);
  });

  it('have blocks in known languages only, so that none is passed over by mistake', () => {
    for (const { path, languages } of pages) {
      expect({ path, other: languages.filter((each) => !LANGUAGES.includes(each)) }).toEqual({
        path,
        other: [],
      });
    }
  });

  it('link to pages, files and headings that exist', () => {
    const broken: string[] = [];
    const byPath = new Map(pages.map((page) => [page.path, page]));
    for (const page of pages) {
      for (const link of linksOf(page)) {
        if (/^https?:/u.test(link)) continue;
        const [address = '', fragment] = link.split('#');
        const path = address === '' ? page.path : join(dirname(page.path), address);
        const target = byPath.get(path);
        const isThere = target !== undefined || ts.sys.fileExists(join(root, path));
        const isFolder = ts.sys.directoryExists(join(root, path));
        const isHeading =
          fragment === undefined || (target !== undefined && anchorsOf(target).includes(fragment));
        if (!(isThere || isFolder) || !isHeading) broken.push(`${page.path}: ${link}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it('are all listed in the index', () => {
    const index = pages.find(({ path }) => path === 'docs/README.md');
    const listed = index === undefined ? [] : linksOf(index);
    const guide = pages.map(({ path }) => path).filter((path) => path.startsWith('docs/'));
    expect(listed.toSorted()).toEqual(
      guide
        .filter((path) => path !== index?.path)
        .map((path) => path.slice('docs/'.length))
        .toSorted(),
    );
  });

  it('mention every value that the package exports, and every entry point', () => {
    const code = pages.map(codeOf).join('\n');
    const missing = [...exportedValues(), ...entryPoints()].filter(
      (name) => !new RegExp(`(?<![\\w/])${name}(?![\\w/])`, 'u').test(code),
    );
    expect(missing).toEqual([]);
  });
});

describe('a program of the documentation prints what it says, and ends by itself', () => {
  for (const program of programs.filter(({ isTest }) => !isTest)) {
    it.concurrent(
      program.name,
      async ({ expect }) => {
        expect(await run(program)).toEqual(program.prints);
      },
      60_000,
    );
  }
});

const folder = join(root, 'test/docs');
const temporary = mkdtempSync(join(folder, 'tmp-'));
afterAll(() => rmSync(temporary, { recursive: true }));

describe('a test of the documentation passes', async () => {
  for (const program of programs.filter(({ isTest }) => isTest)) {
    const file = join(temporary, fileOf(program));
    writeFileSync(file, program.code);
    // Its tests are defined while it is imported, and become tests of this file.
    await import(file);
  }
  it('and there is one', () => {
    expect(programs.some(({ isTest }) => isTest)).toBe(true);
  });
});

describe('the reading of pages', () => {
  const page = [
    'A page.',
    '```ts',
    "import { a } from 'a';",
    'say(a); // → one',
    '```',
    'More.',
    '```ts',
    'say(b);',
    '// → two',
    '```',
    '```mermaid',
    'stateDiagram-v2',
    '```',
    '```ts',
    "import { c } from 'c';",
    '```',
  ].join('\n');

  it('makes one program of blocks that go on, on the lines of the page', () => {
    const { programs, prose, languages } = parsePage('page.md', page);
    expect(programs).toMatchObject([
      { name: 'page.md:3', prints: ['one', 'two', 'stateDiagram-v2'] },
      { name: 'page.md:15', prints: [] },
    ]);
    expect(programs[0]?.code.split('\n')[7]).toBe('say(b);');
    expect(prose).toBe('A page.\nMore.');
    expect(languages).toEqual(['ts', 'ts', 'mermaid', 'ts']);
  });

  it('refuses a block that goes on with nothing, and one without an end', () => {
    expect(() => parsePage('page.md', '```ts\nsay(1);\n```')).toThrow('page.md:2');
    expect(() => parsePage('page.md', '```sh\nls')).toThrow('no end');
  });

  it('finds a program that does not compile, and one that fails', async () => {
    const [wrong] = parsePage(
      'x.md',
      "```ts\nimport 'node:fs';\nconst a: string = 1;\n```",
    ).programs;
    const [throws] = parsePage(
      'y.md',
      "```ts\nimport 'colloquy';\nthrow new Error('no');\n```",
    ).programs;
    if (wrong === undefined || throws === undefined) throw new Error('no programs');
    expect(diagnose([wrong]).join('\n')).toContain('x.md:3: ');
    await expect(run(throws)).rejects.toThrow('y.md:2 ended with 1');
  }, 60_000);
});

/** The names of the values, not of the types, that the entry point of the package exports. */
function exportedValues(): string[] {
  const path = join(root, 'src/index.ts');
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  return source.statements.filter(ts.isExportDeclaration).flatMap((statement) => {
    const { exportClause, isTypeOnly } = statement;
    if (isTypeOnly || exportClause === undefined || !ts.isNamedExports(exportClause)) return [];
    return exportClause.elements.filter((each) => !each.isTypeOnly).map((each) => each.name.text);
  });
}

/** What else can be imported, as `colloquy/testing`. */
function entryPoints(): string[] {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, unknown>>;
  };
  return Object.keys(exports)
    .filter((entry) => entry !== '.' && entry !== './package.json')
    .map((entry) => `colloquy${entry.slice(1)}`);
}
