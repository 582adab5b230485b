import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE_FOLDERS } from '../support/page-folders.ts';
import { compile } from './compile.ts';
import { fileOf, readPages, root } from './pages.ts';

/**
 * `npm run types`: compiles all that tsconfig.json includes, and the programs of the pages, as one program; then each
 * folder whose code runs in a browser.
 */

/** The programs of the pages are files only for the compiler: the project includes this folder. */
const PROGRAMS = join(root, 'test/docs/tmp-types');

const pages = new Map(
  readPages()
    .flatMap((page) => page.programs)
    .map((program) => [join(PROGRAMS, fileOf(program)), program]),
);

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
    return compile('.').map(inPage);
  } finally {
    rmSync(PROGRAMS, { recursive: true, force: true });
  }
}

const found = [...compileProject(), ...PAGE_FOLDERS.flatMap(({ folder }) => compile(folder))];
process.stdout.write(found.map((line) => `${line}\n`).join(''));
process.exitCode = found.length === 0 ? 0 : 1;
