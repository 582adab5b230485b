import { PAGE_FOLDERS } from '../support/page-folders.ts';
import { readPages } from './pages.ts';
import { diagnose, diagnoseFolder } from './programs.ts';

/**
 * `npm run types`: compiles all that tsconfig.json includes, and the programs of the pages, as one program; then each
 * folder whose code runs in a browser.
 */
const found = [
  ...diagnose(
    readPages().flatMap((page) => page.programs),
    { withProject: true },
  ),
  ...PAGE_FOLDERS.flatMap(({ folder }) => diagnoseFolder(folder)),
];
process.stdout.write(found.map((line) => `${line}\n`).join(''));
process.exitCode = found.length === 0 ? 0 : 1;
