import { describe, expect, it } from 'vitest';
import { fileAt, parsePage, readPage } from './pages.ts';

/** The files of hosts that `npm run test:versions` plays; here is what can be said of them without these hosts. */
const frameworks = readPage('docs/frameworks.md');
const serverless = readPage('docs/serverless.md');

describe('the files of frameworks and hosts', () => {
  it('are those that test/frameworks plays, and no others', () => {
    const paths = [...frameworks.files, ...serverless.files].map(({ path }) => path);
    expect(paths).toEqual([
      ...['bot.ts', 'app/bot/route.ts', 'instrumentation.ts', 'routes/bot.ts', 'bun.ts', 'deno.ts'],
      ...['api/bot.ts', 'api/cron.ts', 'vercel.json', 'worker.ts', 'wrangler.json'],
    ]);
  });

  it('name a cron of Vercel that is one of its functions', () => {
    const { crons } = JSON.parse(fileAt(serverless, 'vercel.json').text) as {
      readonly crons: readonly { readonly path: string }[];
    };
    const functions = serverless.files.map(({ path }) => `/${path.replace(/\.ts$/u, '')}`);
    expect(crons.map(({ path }) => functions.includes(path))).toEqual([true]);
  });

  it('give a Worker the file, the binding and the flag that it needs', () => {
    const config = JSON.parse(fileAt(serverless, 'wrangler.json').text) as {
      readonly main: string;
      readonly compatibility_flags: readonly string[];
      readonly hyperdrive: readonly { readonly binding: string }[];
    };
    const worker = fileAt(serverless, config.main).text;
    expect(worker).toContain(`readonly ${config.hyperdrive[0]?.binding}: {`);
    expect(config.compatibility_flags).toContain('nodejs_compat');
  });
});

describe('the reading of files', () => {
  it('takes their names, and only those that import a package first are programs', () => {
    const block = (name: string, first: string): string =>
      ['```ts' + name, first, '```', ''].join('\n');
    const page = parsePage(
      'page.md',
      [
        block(' [a.ts]', "import { a } from 'a';"),
        block(' [b.ts]', "import { a } from './a.ts';"),
        block(' [c.ts]', 'export const c = 1;'),
        block('', 'a();'),
      ].join(''),
    );
    expect(page.files.map(({ path, text }) => [path, text])).toEqual([
      ['a.ts', "import { a } from 'a';\n"],
      ['b.ts', "import { a } from './a.ts';\n"],
      ['c.ts', 'export const c = 1;\n'],
    ]);
    expect(page.programs.map(({ code }) => code.split('\n').filter((line) => line !== ''))).toEqual(
      [["import { a } from 'a';", 'a();']],
    );
    expect(page.languages).toEqual(['ts', 'ts', 'ts', 'ts']);
  });
});
