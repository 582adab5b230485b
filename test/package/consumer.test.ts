import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it } from 'vitest';
import { root, run, specifiersOf } from '../support/package.ts';

const program = fileURLToPath(new URL('fixtures/consumer.ts', import.meta.url));
const compiler = join(root, 'node_modules/typescript/bin/tsc');

const project = inject('full');

const strict = {
  noEmit: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  // TypeScript also checks the declarations of every package that the program reaches.
  skipLibCheck: false,
  target: 'ES2023',
  lib: ['ES2023'],
  types: ['node'],
};

const consumers: [name: string, files: string[], options: Record<string, unknown>][] = [
  ['NodeNext', ['main.mts', 'main.cts'], { module: 'NodeNext' }],
  ['a bundler', ['main.ts'], { module: 'ESNext', moduleResolution: 'bundler' }],
  [
    'the old node10 resolution',
    ['main.ts'],
    { module: 'CommonJS', moduleResolution: 'node10', ignoreDeprecations: '6.0' },
  ],
  [
    'exact optional properties',
    ['main.mts'],
    // XState's own declarations do not compile with these two together.
    { module: 'NodeNext', exactOptionalPropertyTypes: true, skipLibCheck: true },
  ],
];

describe('TypeScript', () => {
  it('checks a program that imports every entry point', async () => {
    const text = await readFile(program, 'utf8');
    for (const specifier of specifiersOf(project.manifest)) {
      expect(text).toContain(` from '${specifier}';`);
    }
  });

  it.each(consumers)('accepts the declarations with %s', async (name, files, options) => {
    const folder = join(project.folder, posix.join('consumers', name.replaceAll(' ', '-')));
    await mkdir(folder, { recursive: true });
    for (const file of files) await copyFile(program, join(folder, file));
    const config = { compilerOptions: { ...strict, ...options }, files };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    await expect(run(process.execPath, [compiler, '--project', '.'], folder)).resolves.toBe('');
  });
});
