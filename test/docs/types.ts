import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE_FOLDERS } from '../support/page-folders.ts';
import { fileOf, readPages, root } from './pages.ts';

/**
 * `npm run types`: compiles all that tsconfig.json includes, and the programs of the pages, as one program; then each
 * folder whose code runs in a browser.
 */

/** The compiler in Go, which is several times as fast. Tests that look into types need the one in JavaScript, which has an API. */
const COMPILER = join(root, 'node_modules/typescript-native/bin/tsc');
/** Where it keeps what it knows of the files that have not changed. */
const KNOWN = join(root, 'node_modules/.cache/colloquy');
/** The programs of the pages are files only for the compiler: the project includes this folder. */
const PROGRAMS = join(root, 'test/docs/tmp-types');

const pages = new Map(
  readPages()
    .flatMap((page) => page.programs)
    .map((program) => [join(PROGRAMS, fileOf(program)), program]),
);

/** @returns what does not compile, a line each */
function compile(project: string, name: string): readonly string[] {
  const known = ['--incremental', '--tsBuildInfoFile', join(KNOWN, `${name}.tsbuildinfo`)];
  const { stdout, stderr, status, error } = spawnSync(
    process.execPath,
    [COMPILER, '--project', project, '--noEmit', '--pretty', 'false', ...known],
    { cwd: root, encoding: 'utf8', maxBuffer: 64 * 2 ** 20 },
  );
  if (error !== undefined) throw error;
  const found = `${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '');
  return found.length > 0 || status === 0 ? found : [`The compiler ended with ${status}.`];
}

/** The place in a page, where the compiler names the one in the file of a program. */
function inPage(line: string): string {
  const [, file = '', at, rest] = /^(.+?)\((\d+),\d+\)(: .*)$/u.exec(line) ?? [];
  const program = pages.get(join(root, file));
  return program === undefined ? line : `${program.name}, line ${at} of the program${rest}`;
}

function compileProject(): readonly string[] {
  rmSync(PROGRAMS, { recursive: true, force: true });
  mkdirSync(PROGRAMS);
  try {
    for (const [path, { code }] of pages) writeFileSync(path, code);
    return compile(root, 'project').map(inPage);
  } finally {
    rmSync(PROGRAMS, { recursive: true, force: true });
  }
}

const found = [
  ...compileProject(),
  ...PAGE_FOLDERS.flatMap(({ folder }) => compile(folder, folder.replaceAll('/', '-'))),
];
process.stdout.write(found.map((line) => `${line}\n`).join(''));
process.exitCode = found.length === 0 ? 0 : 1;
