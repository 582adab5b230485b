import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Runs a script of an example on the sources of the library, under tsx with the tsconfig of the repository:
 * `npm run example telegram chat`. Without a script it is `start`; with `--web` it is `chat`, which serves a page then.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
const [name = '', ...given] = process.argv.slice(2);
const folder = join(root, 'examples', name);

if (!/^[\w-]+$/u.test(name) || !existsSync(join(folder, 'package.json'))) {
  const names = readdirSync(join(root, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  process.stderr.write(
    `Which example? npm run example <name>, with one of: ${names.join(', ')}.\n`,
  );
  process.exitCode = 1;
} else await start();

async function start(): Promise<void> {
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const [first = ''] = given;
  const isScript = first in scripts && first !== 'test';
  const script = given.includes('--web') ? 'chat' : isScript ? first : 'start';
  const [program, ...words] = (scripts[script] ?? '').split(' ');
  const args = isScript ? given.slice(1) : given;
  const entry =
    program === 'colloquy' ? join(root, 'src/cli/main.ts') : join(folder, words.shift() ?? '');
  const showsPage = ['web-chat', 'takeover'].includes(name) || given.includes('--web');
  // A clone has no built script for the pages.
  if (showsPage && !existsSync(join(root, 'dist/channels/web/chat.js'))) {
    const { buildPages } = await import('../../tsup.config.ts');
    await buildPages(join(root, 'dist'));
  }
  process.chdir(folder);
  // For processes that it starts.
  process.env['TSX_TSCONFIG_PATH'] = join(root, 'tsconfig.json');
  process.argv = [process.execPath, entry, ...words, ...args];
  await import(pathToFileURL(entry).href);
}
