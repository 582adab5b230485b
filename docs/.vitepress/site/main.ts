import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../../test/docs/pages.ts';
import { buildSite } from './build.ts';

/** `npm run docs:site`: builds the site into a folder; `-- --base /colloquy/` for a site below the root of its host. */
const { values } = parseArgs({
  options: {
    base: { type: 'string', default: '/' },
    out: { type: 'string', default: join(root, 'docs/.vitepress/dist') },
  },
});
const { base, out } = values;
if (!/^\/(?:.*\/)?$/u.test(base)) {
  throw new Error(`--base is a path with a slash at both ends, as /colloquy/, and not ${base}`);
}
if (!existsSync(join(root, 'docs/node_modules'))) {
  throw new Error('The site needs its own packages: run `npm ci --prefix docs` first.');
}
const startedAt = performance.now();
await buildSite({ base, out: resolve(out) });
const seconds = Math.round((performance.now() - startedAt) / 1000);
process.stdout.write(
  `${resolve(out)}: built in ${seconds} s. \`npm run docs:site:serve\` shows it.\n`,
);
