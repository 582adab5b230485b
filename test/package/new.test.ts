import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import type { Lang, StoreKind, Template } from '../../src/cli/new/project.ts';
import { canShowPages, launchBrowser, problemsOf } from '../support/browser.ts';
import { run } from '../support/package.ts';
import { startPostgres } from '../support/postgres.ts';
import { openRedis } from '../support/redis.ts';
import { buildImage } from './new-image.ts';
import { platforms, startAskedTelegram } from './new-platforms.ts';
import { type Npm, pipe, serve, startNpm } from './new-programs.ts';

/** New projects: the packed program makes them, and npm installs them from a registry on this machine. */
const project = inject('bare');
let npm: Npm;
/** Where a user has installed the tarball. */
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'colloquy-new-'));
  npm = await startNpm(join(folder, 'cache'));
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  await npm.install(folder, project.tarball, 'xstate');
  return async () => {
    await npm.registry.close();
    await rm(folder, { recursive: true, force: true });
  };
}, 300_000);

/** Runs the program that a user has installed. */
async function create(name: string, ...args: readonly string[]): Promise<string> {
  await run('npx', ['--no', 'colloquy', 'new', name, '-y', ...args], folder);
  return join(folder, name);
}

const redis = await openRedis();
const postgres = await startPostgres();
afterAll(async () => {
  await redis?.stop();
  await postgres?.stop();
});

/** What a store needs to know; undefined where the machine has no such server. */
const STORES: Readonly<Record<StoreKind, Readonly<Record<string, string>> | undefined>> = {
  memory: {},
  lmdb: {},
  sqlite: {},
  redis: redis && { REDIS_URL: redis.url },
  postgres: postgres && { DATABASE_URL: postgres.url },
};

it.skipIf(redis !== undefined && postgres !== undefined)('needs servers to run projects on', () => {
  process.stderr.write('Skipped: new projects on Redis or PostgreSQL, of which there is none.\n');
  expect(process.env['CI'], 'what CI runs has both').not.toBe('true');
});

const WORDS: Readonly<Record<Lang, { hi: string; which: string; many: string; ordered: string }>> =
  {
    en: {
      hi: 'hi',
      which: 'Which tea would you like?',
      many: 'How many cups?',
      ordered: 'black tea, cups: 3.',
    },
    zh: { hi: '你好', which: '想喝什么茶？', many: '要几杯？', ordered: '3 杯红茶，马上就来。' },
  };

/** Each template, and each store. */
const BOTS: readonly [Exclude<Template, 'terminal'>, StoreKind, Lang][] = [
  ['web', 'memory', 'en'],
  ['wechat', 'memory', 'zh'],
  ['telegram', 'memory', 'en'],
  ['slack', 'memory', 'zh'],
  ['web', 'lmdb', 'zh'],
  ['telegram', 'sqlite', 'en'],
  ['wechat', 'redis', 'zh'],
  ['slack', 'postgres', 'en'],
];

describe.each(BOTS)('a new bot: %s on %s in %s', (template, store, lang) => {
  it.skipIf(STORES[store] === undefined)(
    'installs, passes its tests, starts with one command and answers, also after a restart if its store outlives it',
    { timeout: 400_000 },
    async () => {
      const args = ['--template', template, '--store', store, '--lang', lang];
      const bot = await create(`${template}-${store}`, ...args);
      await npm.install(bot);
      expect(await run('npm', ['test'], bot)).toMatch(/all 2 as written[^]*# fail 0/u);

      // A bot of Telegram asks, unless it is told where Telegram can call it.
      const isAsking = template === 'telegram' && store === 'memory';
      const platform = await (isAsking ? startAskedTelegram() : platforms[template]());
      onTestFinished(() => platform.close());
      const env = { PORT: '0', ...platform.env, ...STORES[store] };
      const { hi, which, many, ordered } = WORDS[lang];
      const first = await serve(['npm', 'start'], bot, env);
      expect((await fetch(new URL('/health', first.url))).status).toBe(200);
      expect((await fetch(new URL('/other', first.url))).status).toBe(404);
      expect(await platform.say(first.url, hi)).toContain(which);
      expect(await platform.say(first.url, '2')).toContain(many);
      if (store === 'memory') {
        expect(await platform.say(first.url, '3')).toContain(ordered);
        await first.end('SIGINT');
        return;
      }
      await first.end();
      await expect(fetch(first.url)).rejects.toThrow('fetch failed');
      const second = await serve(['npm', 'start'], bot, env);
      expect(await platform.say(second.url, '3')).toContain(ordered);
      await second.end();
    },
  );
});

describe('a new project in the terminal', () => {
  let bot: string;
  beforeAll(async () => {
    bot = await create('terminal', '--template', 'terminal', '--lang', 'zh');
    await npm.install(bot);
  }, 200_000);

  it('passes its tests, and talks by `npm start` and by `npm run chat`', async () => {
    expect(await run('npm', ['test'], bot)).toMatch(/all 2 as written[^]*# fail 0/u);
    for (const script of ['start', 'chat']) {
      const said = await pipe(['npm', 'run', script], bot, ['你好', '不', '随便', '2', '三杯']);
      expect(said).toMatch(/想喝什么茶？[^]*请从[^]*要几杯？[^]*3 杯红茶，马上就来。/u);
    }
  });
});

describe('a new project as it is without a word more', () => {
  let demo: string;
  beforeAll(async () => {
    demo = await create('demo');
    await npm.install(demo);
  }, 200_000);

  it('has a copy of the packed file, so that it can be moved', async () => {
    expect(await readdir(demo)).toContain(basename(project.tarball));
    const { dependencies } = JSON.parse(await readFile(join(demo, 'package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    expect(dependencies['colloquy']).toBe(`file:${basename(project.tarball)}`);
  });

  it('installs few packages, and only the loader of the optional peers', async () => {
    const lock = JSON.parse(await readFile(join(demo, 'package-lock.json'), 'utf8')) as {
      readonly packages: Readonly<Record<string, unknown>>;
    };
    const names = Object.keys(lock.packages).map((path) => path.replace(/^node_modules\//u, ''));
    expect(names).toEqual(expect.arrayContaining(['colloquy', 'xstate', 'tsx', 'typescript']));
    const peers = 'vitest lmdb elkjs libphonenumber-js @opentelemetry/api';
    for (const peer of peers.split(' ')) {
      expect(names).not.toContain(peer);
    }
  });

  it('explores its dialogue in full, by its own program', async () => {
    const output = await run('npx', ['--no', 'colloquy', 'explore', '--threshold', '100'], demo);
    expect(output).toMatch(/(\d+) of \1 transitions of demo/u);
  });

  it('says what a picture of the dialogue needs', async () => {
    const drawn = run('npx', ['--no', 'colloquy', 'graph', '-f', 'svg'], demo);
    await expect(drawn).rejects.toThrow(
      /failed \(2\):[^]*\ncolloquy: Charts are laid out by elkjs/u,
    );
  });

  it.skipIf(!canShowPages)('is talked with in a browser, by both of its commands', async () => {
    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    for (const args of [['start'], ['run', 'chat', '--', '--web']]) {
      const server = await serve(['npm', ...args], demo, { PORT: '0' });
      const page = await browser.newPage();
      const problems = problemsOf(page);
      await page.goto(server.url);
      // The server of the project speaks first.
      if (args[0] !== 'start') {
        await page.getByRole('textbox').fill('hi');
        await page.keyboard.press('Enter');
      }
      await page.getByRole('button', { name: 'green tea' }).click();
      await page.getByText('How many cups?').waitFor();
      expect(problems).toEqual([]);
      await page.close();
      await server.end();
    }
  });

  it('makes an image that starts without what only its tests need, and is found healthy', async () => {
    const kept = await create('image', '--store', 'lmdb');
    await writeFile(join(kept, '.env'), 'SECRET=of the machine that builds it');
    await mkdir(join(folder, 'stages'));
    const image = await buildImage(kept, join(folder, 'stages'), npm.env);
    expect([image.base, image.user]).toEqual(['node:22-slim', 'node']);
    const files = await readdir(image.folder);
    expect(files).toEqual(expect.arrayContaining(['data', 'node_modules', 'server.ts']));
    for (const name of ['.env', 'dialogue.test.ts', 'order.chat', 'Dockerfile', 'README.md'])
      expect(files).not.toContain(name);
    expect(await readdir(join(image.folder, 'node_modules'))).not.toContain('typescript');

    const env = { ...image.env, PORT: '0' };
    await expect(serve(image.command, image.folder, env)).rejects.toThrow('before it listened');
    const server = await serve(image.command, image.folder, { ...env, SECRET: 'x'.repeat(24) });
    expect(server.url).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/u);
    const { port } = new URL(server.url);
    const [program = '', ...args] = image.healthCheck ?? [];
    const check = (at: string): Promise<string> =>
      run('env', [`PORT=${at}`, program, ...args], image.folder);
    await check(port);
    expect(await server.end()).toBe(0);
    await expect(check(port)).rejects.toThrow('failed (1)');
  });
});

describe('the program without a loader', () => {
  it('says what to install if Node.js does not load TypeScript', async () => {
    const program = join(project.packageFolder, 'dist/cli/main.js');
    await run(process.execPath, [program, 'new', 'bare'], folder);
    const bare = join(folder, 'bare');
    await symlink(join(project.folder, 'node_modules'), join(bare, 'node_modules'), 'junction');
    const linted = run(process.execPath, [program, 'lint'], bare);
    const takesTypescript = Boolean((process.features as { typescript?: unknown }).typescript);
    if (takesTypescript) await expect(linted).resolves.toBe('Nothing was found in bare.\n');
    else await expect(linted).rejects.toThrow('run `npm install --save-dev tsx`');
  });

  it('installs from the folder in which it is, if it came from nowhere else', async () => {
    const program = join(project.packageFolder, 'dist/cli/main.js');
    await run(process.execPath, [program, 'new', 'from-folder'], folder);
    const bot = join(folder, 'from-folder');
    await npm.install(bot);
    expect((await readdir(join(bot, 'node_modules/colloquy'))).toSorted()).toEqual(
      expect.arrayContaining(['dist', 'docs', 'package.json']),
    );
    expect(await run('npx', ['--no', 'colloquy', 'test'], bot)).toContain('all 2 as written');
  });
});
