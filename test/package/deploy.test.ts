import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, copyFile, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { fileAt, readPage } from '../docs/pages.ts';
import { type Stage, readDockerfile } from '../support/dockerfile.ts';
import { run } from '../support/package.ts';
import { startPostgres } from '../support/postgres.ts';
import { type RedisServer, findRedis, freePort, startRedis } from '../support/redis.ts';
import { startRegistry } from '../support/registry.ts';

/**
 * The project of the guide, and the steps of its Dockerfile in folders of this machine: a stage is a folder, and a path from
 * the root of an image is a path from there.
 */
const project = inject('bare');
const server = readPage('docs/server.md');
const docker = readPage('docs/docker.md');
const { stages } = readDockerfile(fileAt(docker, 'Dockerfile').text);
const image = stages.at(-1) as Stage;

/** As the user of the image: one without rights, where the test has any. */
const user = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};
let folder: string;
let node: string;
let root: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'colloquy-deploy-'));
  await chmod(folder, 0o755);
  const context = join(folder, 'context');
  await mkdir(context);
  for (const { path, text } of [...server.files, ...docker.files]) {
    await writeFile(join(context, path), text);
  }
  await copyFile(project.tarball, join(context, basename(project.tarball)));
  const registry = await startRegistry();
  const env = { npm_config_registry: registry.url, npm_config_cache: join(folder, 'cache') };
  Object.assign(process.env, env, { npm_config_audit: 'false', npm_config_fund: 'false' });
  await run('npm', ['install', '--package-lock-only', '--ignore-scripts'], context);
  for (const [index, stage] of stages.entries()) await build(stage, index, context);
  await registry.close();
  root = join(folder, String(stages.length - 1), 'app');
  // Where the user of the image can execute it.
  node = join(folder, 'node');
  await copyFile(process.execPath, node);
  await chmod(node, 0o755);
  if (user.uid !== undefined) await chown(join(root, 'data'), user.uid, user.gid);
  return () => rm(folder, { recursive: true, force: true });
}, 300_000);

async function build(stage: Stage, index: number, context: string): Promise<void> {
  const base = join(folder, String(index));
  let cwd = base;
  for (const step of stage.steps) {
    switch (step.type) {
      case 'workdir':
        cwd = join(base, step.path);
        await mkdir(cwd, { recursive: true });
        break;
      case 'run':
        await run('sh', ['-c', step.command], cwd);
        break;
      case 'copy': {
        const from = stages.findIndex(({ name }) => name === step.from);
        const source = step.from === undefined ? context : join(folder, String(from));
        for (const pattern of step.sources) await copy(source, pattern, join(cwd, step.target));
      }
    }
  }
}

/** To a folder if the pattern has a star or its target ends in a slash; otherwise under the name of the target. */
async function copy(source: string, pattern: string, target: string): Promise<void> {
  if (pattern.includes('*')) {
    await run('sh', ['-c', `cp ${pattern} "${target}"`], source);
    return;
  }
  const path = join(source, pattern);
  const named = target.endsWith('/') ? join(target, basename(path)) : target;
  await mkdir(dirname(named), { recursive: true });
  await cp(path, named, { recursive: true, verbatimSymlinks: true });
}

interface Container {
  readonly url: string;
  readonly printed: () => string;
  /** The code with which the health check of the image ends. */
  health(): Promise<number>;
  stop(): Promise<number>;
}

function spawnIn(command: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(command[0] === 'node' ? node : (command[0] ?? ''), command.slice(1), {
    ...user,
    cwd: root,
    env: { ...image.env, DATA: join(root, 'data'), HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function codeOf(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null) return child.exitCode;
  const [code] = (await once(child, 'close')) as [number];
  return code;
}

const settings = { TELEGRAM_TOKEN: '110201543:AAHdqTcv', TELEGRAM_SECRET: 'secret-token' };

async function start(env: Readonly<Record<string, string>> = {}): Promise<Container> {
  const given = { ...settings, PORT: String(await freePort()), ...env };
  const child = spawnIn(image.command ?? [], given);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  }
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = codeOf(child);
  while (!/^listening on \S+$/mu.test(printed)) {
    const news = await Promise.race([once(child.stdout ?? child, 'data'), ended]);
    if (typeof news === 'number') throw new Error(`It ended with ${news}: ${printed}`);
  }
  return {
    url: /^listening on (\S+)$/mu.exec(printed)?.[1] ?? '',
    printed: () => printed,
    health: () => codeOf(spawnIn(image.healthcheck ?? [], given)),
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

let sent = 0;
/** A user whom a database of former tests does not know. */
const ann = process.pid;
/** What the bot answers to a text of Ann. */
async function say({ url }: Container, text: string): Promise<string> {
  sent += 1;
  const from = { id: ann, is_bot: false, first_name: 'Ann' };
  const message = { message_id: sent, date: 1, chat: { id: ann, type: 'private' }, from, text };
  const response = await fetch(`${url}/bot`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-telegram-bot-api-secret-token': settings.TELEGRAM_SECRET,
    },
    body: JSON.stringify({ update_id: sent, message }),
  });
  return ((await response.json()) as { readonly text: string }).text;
}

describe('the image of the guide', () => {
  it('answers, is healthy, ends on SIGTERM, and the next one continues', async () => {
    const first = await start();
    expect(await first.health()).toBe(0);
    expect(await say(first, 'hi')).toBe('Your name?');
    expect(await first.stop()).toBe(0);
    expect(first.printed()).toMatch(/^listening on \S+\nstopped\n$/u);
    expect(await first.health()).toBe(1);
    const second = await start();
    expect(await say(second, 'Ann')).toBe('Hello Ann.');
    expect(await second.stop()).toBe(0);
  });

  it('says which settings are missing, and ends', async () => {
    await expect(start({ TELEGRAM_SECRET: '' })).rejects.toThrow(
      'It ended with 1: Set TELEGRAM_TOKEN, from BotFather, and TELEGRAM_SECRET, your choice.',
    );
  });

  it('says that its database cannot be reached, and ends', async () => {
    const port = await freePort();
    await expect(start({ REDIS_URL: `redis://127.0.0.1:${port}` })).rejects.toThrow(
      /It ended with 1: [^]*unavailable: [^]*The Redis client is not connected/u,
    );
  });
});

describe.each([
  ['REDIS_URL', startRedisServer],
  ['DATABASE_URL', startPostgres],
])('two replicas over %s', (setting, startServer) => {
  it("continue each other's conversations, while one ends", async ({ skip }) => {
    const database = await startServer();
    if (database === undefined) {
      expect(process.env['CI'], `what CI runs has a server for ${setting}`).not.toBe('true');
      return skip(`there is no server for ${setting}`);
    }
    onTestFinished(() => database.stop());
    const env = { [setting]: database.url, DATA: '/nowhere' };
    const [one, two] = [await start(env), await start(env)];
    expect(await say(one, 'hi')).toBe('Your name?');
    expect([await one.health(), await one.stop()]).toEqual([0, 0]);
    expect(await say(two, 'Ann')).toBe('Hello Ann.');
    expect(await two.stop()).toBe(0);
    expect(one.printed() + two.printed()).not.toContain('rror');
  });
});

/** With the settings of the compose file. */
async function startRedisServer(): Promise<RedisServer | undefined> {
  if ((await findRedis()) === undefined) return undefined;
  return startRedis({ appendfsync: 'always', settings: { 'maxmemory-policy': 'noeviction' } });
}
