import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

const GLOBALS = 'eslint(no-restricted-globals)';
const PROPERTIES = 'eslint(no-restricted-properties)';
const IMPORTS = 'eslint(no-restricted-imports)';

/** What only the clock may do, in every spelling that a linter can see. */
const ambient: [code: string, text: string][] = [
  [PROPERTIES, 'export const a = Date.now();'],
  [PROPERTIES, "export const a = Date['now']();"],
  [PROPERTIES, 'export const { now } = Date;'],
  [PROPERTIES, 'export const { now: a } = Date;'],
  [PROPERTIES, 'export const a = globalThis.Date.now();'],
  [PROPERTIES, 'export const a = Math.random();'],
  [PROPERTIES, 'export const a = Math.random;'],
  [PROPERTIES, 'export const { random } = Math;'],
  [PROPERTIES, 'export const a = globalThis.Math.random();'],
  [PROPERTIES, 'export const a = process.hrtime();'],
  [PROPERTIES, 'export const a = process.uptime();'],
  [GLOBALS, 'setTimeout(() => undefined, 1);'],
  [GLOBALS, 'export const a = setTimeout;'],
  [PROPERTIES, 'globalThis.setTimeout(() => undefined, 1);'],
  [PROPERTIES, 'export const { setTimeout: a } = globalThis;'],
  [GLOBALS, 'export const a = global.setTimeout;'],
  [GLOBALS, 'setInterval(() => undefined, 1);'],
  [PROPERTIES, "globalThis['setInterval'](() => undefined, 1);"],
  [GLOBALS, 'setImmediate(() => undefined);'],
  [PROPERTIES, 'globalThis.setImmediate(() => undefined);'],
  [GLOBALS, 'export const a = performance.now();'],
  [PROPERTIES, 'export const a = globalThis.performance.now();'],
  [IMPORTS, "export { setTimeout } from 'node:timers';"],
  [IMPORTS, "import { setTimeout } from 'node:timers/promises';\nexport const a = setTimeout;"],
  [IMPORTS, "import { performance } from 'node:perf_hooks';\nexport const a = performance;"],
];

/** A rule of the house, code that breaks it, and code that does the same and keeps it. */
const rules: [code: string, path: string, wrong: string, right: string][] = [
  [
    'eslint(no-console)',
    'src/runner',
    "console.warn('late');",
    'export const warn = (line: string): string => line;',
  ],
  [
    'eslint(eqeqeq)',
    'src/runner',
    'export const f = (a: number): boolean => a == 1;',
    'export const f = (a: number): boolean => a === 1;',
  ],
  [
    'typescript(only-throw-error)',
    'src/runner',
    "throw 'late';",
    "throw new TypeError('The date is late.');",
  ],
  ['typescript(no-explicit-any)', 'src/runner', 'export type A = any;', 'export type A = unknown;'],
  [
    'typescript(no-non-null-assertion)',
    'src/runner',
    'export const f = (a?: string): number => a!.length;',
    'export const f = (a?: string): number | undefined => a?.length;',
  ],
  [
    'typescript(ban-ts-comment)',
    'src/runner',
    '// @ts-ignore it is fine\nexport const a = 1;',
    '// @ts-expect-error the type is wrong upstream\nexport const a = 1;',
  ],
  [
    'eslint(max-params)',
    'src/context',
    'export const sum = (a: number, b: number, c: number, d: number, e: number): number => a + b + c + d + e;',
    'export const sum = (a: number, b: number, c: number, d: number): number => a + b + c + d;',
  ],
  ['import(no-default-export)', 'src/runner', 'export default 1;', 'export const one = 1;'],
  [
    'node(no-process-env)',
    'src/runner',
    'export const a = process.env.TOKEN;',
    'export const a = process.version;',
  ],
  [
    'typescript(no-floating-promises)',
    'src/runner',
    'export const f = async (): Promise<void> => {};\nexport const g = (): void => { f(); };',
    'export const f = async (): Promise<void> => {};\nexport const g = (): Promise<void> => f();',
  ],
  [
    'typescript(no-misused-promises)',
    'src/runner',
    'export const f = async (): Promise<boolean> => true;\nexport const g = (): number => (f() ? 1 : 2);',
    'export const f = async (): Promise<boolean> => true;\nexport const g = async (): Promise<number> => ((await f()) ? 1 : 2);',
  ],
  [
    'typescript(switch-exhaustiveness-check)',
    'src/runner',
    "export function f(a: 'b' | 'c'): void { switch (a) { case 'b': f(a); } }",
    "export function f(a: 'b' | 'c'): void { switch (a) { case 'b': case 'c': f(a); } }",
  ],
  [
    'unicorn(prefer-node-protocol)',
    'src/channels',
    "export { createHash } from 'crypto';",
    "export { createHash } from 'node:crypto';",
  ],
  [
    'vitest(no-focused-tests)',
    'test',
    "import { expect, it } from 'vitest';\nit.only('adds', () => expect(1 + 1).toBe(2));",
    "import { expect, it } from 'vitest';\nit('adds', () => expect(1 + 1).toBe(2));",
  ],
  [
    'vitest(no-disabled-tests)',
    'test',
    "import { expect, it } from 'vitest';\nit.skip('adds', () => expect(1 + 1).toBe(2));",
    "import { expect, it } from 'vitest';\nit('adds', () => expect(1 + 1).toBe(2));",
  ],
  [
    'vitest(expect-expect)',
    'test',
    "import { it } from 'vitest';\nit('adds', () => undefined);",
    "import fc from 'fast-check';\nimport { it } from 'vitest';\nit('adds', () => fc.assert(fc.property(fc.nat(), (n) => n + 1 > n)));",
  ],
  [GLOBALS, 'test', 'setTimeout(() => undefined, 1000);', 'setImmediate(() => undefined);'],
];

let folder: string;
let reports: Map<string, string[]>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'colloquy-lint-'));
  for (const name of ['.oxlintrc.json', 'tsconfig.json']) {
    await copyFile(join(root, name), join(folder, name));
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const fixtures = new Map<string, string>();
  for (const [index, [, text]] of ambient.entries()) {
    fixtures.set(`src/runner/ambient-${index}.ts`, text);
    fixtures.set(`src/internal/ambient-${index}.ts`, text);
  }
  fixtures.set('src/clock.ts', ambient.map(([, text]) => `{\n${asStatement(text)}\n}`).join('\n'));
  for (const [index, [, path, wrong, right]] of rules.entries()) {
    const end = path === 'test' ? 'test.ts' : 'ts';
    fixtures.set(`${path}/wrong-${index}.${end}`, wrong);
    fixtures.set(`${path}/right-${index}.${end}`, right);
  }
  fixtures.set('src/runner/camelCase.ts', 'export const a = 1;');
  fixtures.set('src/runner/knot-a.ts', "import { b } from './knot-b.ts';\nexport const a = b;");
  fixtures.set('src/runner/knot-b.ts', "import { a } from './knot-a.ts';\nexport const b = a;");
  for (const [path, text] of fixtures) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), `${text}\n`);
  }
  reports = await lint([...fixtures.keys()]);
  return () => rm(folder, { recursive: true, force: true });
});

/** The text without its imports, so that it can stand inside a block. */
function asStatement(text: string): string {
  return text.replaceAll('export const', 'const').replaceAll(/^(?:import|export) .*$/gm, '');
}

/** The codes of the findings of the repository's own lint command, for each file. */
async function lint(paths: readonly string[]): Promise<Map<string, string[]>> {
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
  const command = [oxlint, '--type-aware', '--deny-warnings', '-f', 'json'];
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, command, { cwd: folder }, (error, stdout) => {
      // It exits with 1 because it has found something; any other code means that it did not run.
      if (error?.code === 1) resolve(stdout);
      else reject(new Error(`oxlint ended with ${error?.code ?? 0}: ${stdout}`));
    });
  });
  const { diagnostics, number_of_files: count } = JSON.parse(output) as {
    diagnostics: { code: string; filename: string }[];
    number_of_files: number;
  };
  expect(count).toBe(paths.length);
  const found = new Map(paths.map((path) => [path, [] as string[]]));
  for (const { code, filename } of diagnostics) found.get(filename)?.push(code);
  return found;
}

describe('time and chance', () => {
  it.each(ambient.map(([code, text], index) => ({ code, text, index })))(
    'are not taken from the surroundings by `$text`',
    ({ code, index }) => {
      expect(new Set(reports.get(`src/runner/ambient-${index}.ts`))).toEqual(new Set([code]));
      expect(reports.get(`src/internal/ambient-${index}.ts`)).toEqual([]);
    },
  );

  it('are allowed in the clock', () => {
    const found = reports.get('src/clock.ts') ?? ['nothing was read'];
    expect(found.filter((code) => code.includes('restricted'))).toEqual([]);
  });
});

describe('the lint gate', () => {
  it.each(rules.map(([code, path, wrong, right], index) => ({ code, path, wrong, right, index })))(
    'has $code, for $path',
    ({ code, path, index }) => {
      const end = path === 'test' ? 'test.ts' : 'ts';
      expect(reports.get(`${path}/wrong-${index}.${end}`)).toEqual([code]);
      expect(reports.get(`${path}/right-${index}.${end}`)).toEqual([]);
    },
  );

  it('requires file names in kebab-case', () => {
    expect(reports.get('src/runner/camelCase.ts')).toEqual(['unicorn(filename-case)']);
  });

  it('finds modules that import each other', () => {
    expect(reports.get('src/runner/knot-a.ts')).toEqual(['import(no-cycle)']);
    expect(reports.get('src/runner/knot-b.ts')).toEqual(['import(no-cycle)']);
  });
});
