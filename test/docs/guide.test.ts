import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';
import { chineseOf, isChinese } from './chinese.ts';
import {
  type Page,
  anchorsOf,
  codeOf,
  fileOf,
  linksIn,
  linksOf,
  parsePage,
  readPages,
  root,
} from './pages.ts';
import { diagnose, run } from './programs.ts';

const pages = readPages();
const others = [
  ...['CHANGELOG.md', 'CODE_OF_CONDUCT.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  'examples/README.md',
].map((path) => parsePage(path, readFileSync(join(root, path), 'utf8')));
const programs = pages.flatMap((page) => page.programs);

const INDEX = 'docs/README.md';
/** The pages in Chinese begin with one more. */
const CHINESE = 'docs/zh-CN/README.md';
const DECISIONS = 'docs/decisions/README.md';
const CHINESE_DECISIONS = chineseOf(DECISIONS);

/** Pages without a program. The decisions have none either. */
const WITHOUT_CODE = [
  INDEX,
  'docs/benchmarks.md',
  DECISIONS,
  'docs/docker.md',
  'docs/glossary.md',
  'docs/kubernetes.md',
  'docs/limits.md',
  'docs/parsers.md',
  'docs/start/telegram.md',
  'docs/start/terminal.md',
  'docs/start/web.md',
  'docs/start/wechat.md',
  'docs/systemd.md',
];

/** The languages of blocks. TypeScript is run; a diagram is compared with what the program above it prints. */
const LANGUAGES = [
  ...['ts', 'mermaid', 'sh', 'text', 'nginx', 'yaml', 'sql', 'html', 'css'],
  ...['dockerfile', 'ini', 'json'],
];

/** Those of the other libraries that one comes from: nothing runs them here. */
const FOREIGN = { folder: /^docs\/(?:zh-CN\/)?migrating\//u, languages: ['js', 'python'] };

describe('the pages of the documentation', () => {
  it('each show a program, except the pages listed above', () => {
    expect(pages.length).toBeGreaterThan(15);
    const empty = pages.filter((page) => page.programs.length === 0).map(({ path }) => path);
    expect(empty.filter((path) => !isDecision(path))).toEqual([
      ...WITHOUT_CODE,
      ...WITHOUT_CODE.map(chineseOf).filter((path) => pages.some((page) => page.path === path)),
    ]);
  });

  it('have blocks in known languages only, so that no program is skipped by mistake', () => {
    for (const { path, languages } of pages) {
      const known = FOREIGN.folder.test(path) ? [...LANGUAGES, ...FOREIGN.languages] : LANGUAGES;
      expect({ path, other: languages.filter((each) => !known.includes(each)) }).toEqual({
        path,
        other: [],
      });
    }
  });

  it('link to pages, files and headings that exist', () => {
    const broken: string[] = [];
    const byPath = new Map([...pages, ...others].map((page) => [page.path, page]));
    for (const page of byPath.values()) {
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

  it('name files and folders of this repository that exist', () => {
    const missing = [...pages, ...others].flatMap(({ path, prose }) =>
      [...prose.matchAll(/`((?:src|test|docs|bench|examples)\/[\w./-]+)`/gu)]
        .map(([, named = '']) => named)
        .filter((named) => !existsSync(join(root, named)))
        .map((named) => `${path}: ${named}`),
    );
    expect(missing).toEqual([]);
  });

  it('are all listed in the index, and the decisions in theirs', () => {
    const guide = pages.map(({ path }) => path).filter((path) => path.startsWith('docs/'));
    expect(listedIn(INDEX).toSorted()).toEqual(
      guide.filter((path) => path !== INDEX && !isDecision(path) && !isChinese(path)),
    );
    expect(listedIn(DECISIONS)).toEqual(
      guide.filter((path) => isDecision(path) && !isChinese(path)),
    );
    expect(listedIn(CHINESE).toSorted()).toEqual(
      guide.filter((path) => path !== CHINESE && isChinese(path) && !isDecision(path)),
    );
    expect(listedIn(CHINESE_DECISIONS)).toEqual(
      guide.filter((path) => isDecision(path) && isChinese(path)),
    );
  });

  describe.each([
    [INDEX, /^Next: .*$/gmu],
    [CHINESE, /^下一页：.*$/gmu],
  ])('of %s', (index, pattern) => {
    const order = listedIn(index);
    const linesAt = (path: string): string[] => pageAt(path).prose.match(pattern) ?? [];

    it('lead from one to the next in the order of the index', () => {
      const next = order.map((path) => {
        const [address] = linksIn(linesAt(path)[0] ?? '');
        return address === undefined ? undefined : join(dirname(path), address);
      });
      expect(next).toEqual([...order.slice(1), undefined]);
      expect(order).toEqual([...new Set(order)]);
    });

    it('each end with the link to the next, and have one of them', () => {
      for (const path of order.slice(0, -1)) {
        expect({ path, next: linesAt(path) }).toEqual({
          path,
          next: [pageAt(path).text.trimEnd().split('\n').at(-1)],
        });
      }
    });
  });

  it('mention every value that the package exports, and every entry point', () => {
    const code = pages.map(codeOf).join('\n');
    const missing = [...exportedValues(), ...entryPoints()].filter(
      (name) => !new RegExp(`(?<![\\w/])${name}(?![\\w/])`, 'u').test(code),
    );
    expect(missing).toEqual([]);
  });
});

describe('a program of the documentation prints what its comments say, and ends', () => {
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
    // The import defines the tests of the page as tests of this file.
    await import(file);
  }
  it('and at least one page has tests', () => {
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

  it('joins the blocks of one program, and keeps the lines of the page', () => {
    const { programs, prose, languages } = parsePage('page.md', page);
    expect(programs).toMatchObject([
      { name: 'page.md:3', prints: ['one', 'two', 'stateDiagram-v2'] },
      { name: 'page.md:15', prints: [] },
    ]);
    expect(programs[0]?.code.split('\n')[7]).toBe('say(b);');
    expect(prose).toBe('A page.\nMore.');
    expect(languages).toEqual(['ts', 'ts', 'mermaid', 'ts']);
  });

  it('refuses a block without a program to continue, and a block without an end', () => {
    expect(() => parsePage('page.md', '```ts\nsay(1);\n```')).toThrow('page.md:2');
    expect(() => parsePage('page.md', '```sh\nls')).toThrow('no end');
  });

  it('reports a program that does not compile, and a program that fails', async () => {
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

function pageAt(path: string): Page {
  const page = pages.find((each) => each.path === path);
  if (page === undefined) throw new Error(`There is no page ${path}.`);
  return page;
}

function isDecision(path: string): boolean {
  return /^docs\/(?:zh-CN\/)?decisions\/\d/u.test(path);
}

/** The pages in the numbered lists of an index, in order. */
function listedIn(path: string): string[] {
  const items = pageAt(path).prose.match(/^\d+\. \[.*$/gmu) ?? [];
  return items
    .flatMap((item) => linksIn(item).slice(0, 1))
    .map((each) => join(dirname(path), each));
}

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

/** The other entry points of the package, such as `colloquy/testing`. */
function entryPoints(): string[] {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, unknown>>;
  };
  return Object.keys(exports)
    .filter((entry) => entry !== '.' && !/\.js(?:on)?$/u.test(entry))
    .map((entry) => `colloquy${entry.slice(1)}`);
}
