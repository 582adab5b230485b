import { readPages } from './pages.ts';
import { diagnose } from './programs.ts';

/** `npm run types`: compiles all that tsconfig.json includes, and the programs of the pages, as one program. */
const found = diagnose(
  readPages().flatMap((page) => page.programs),
  { withProject: true },
);
process.stdout.write(found.map((line) => `${line}\n`).join(''));
process.exitCode = found.length === 0 ? 0 : 1;
