import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { settingsOf } from '../../src/cli/new/settings.ts';
import type { NewProject } from '../../src/cli/new/project.ts';
import { allProjects, newFiles, newProject, titleOf } from './new-projects.ts';
import { temporaryFolder } from './program.ts';

const READ = /\bread\(\s*'([A-Z_]+)'/gu;

describe('the settings of a new project', () => {
  it.each(allProjects().map((project) => [titleOf(project), project] as const))(
    '%s: what its program reads is in .env.example and in its README, and the other way round',
    (_title, project) => {
      const files = newFiles(project);
      const read = [...(files['settings.ts'] ?? '').matchAll(READ)].map(([, name]) => name);
      expect(read).toEqual(settingsOf(project).map(({ name }) => name));
      const example = files['.env.example'] ?? '';
      expect([...example.matchAll(/^(?:# )?([A-Z_]+)=/gmu)].map(([, name]) => name)).toEqual(read);
      const rows = [...(files['README.md'] ?? '').matchAll(/^\| `([A-Z_]+)` \|/gmu)];
      expect(rows.map(([, name]) => name)).toEqual(read);
      // Who needs no settings gets no file for them.
      expect(files['settings.ts'] === undefined).toBe(read.length === 0);
      for (const [name, text] of Object.entries(files)) {
        if (name.endsWith('.ts') && name !== 'settings.ts')
          expect(text).not.toContain('process.env');
      }
    },
  );

  it.each<[string, Partial<NewProject>, Record<string, string>, string[]]>([
    [
      'a Telegram bot on Redis without any',
      { template: 'telegram', store: 'redis' },
      {},
      ['TELEGRAM_TOKEN is missing: ', 'REDIS_URL is missing: '],
    ],
    [
      'a Telegram bot that is to be called, without a secret',
      { template: 'telegram' },
      { TELEGRAM_TOKEN: '1:abc', PUBLIC_URL: 'https://bot.example' },
      ['TELEGRAM_SECRET is missing: '],
    ],
    [
      'a Slack app on PostgreSQL with wrong ones',
      { template: 'slack', store: 'postgres' },
      {
        SLACK_SIGNING_SECRET: 'short',
        SLACK_TOKEN: 'xoxp-1',
        SLACK_API: 'slack.com',
        DATABASE_URL: 'mysql://x',
        HOST: 'two words',
        PORT: '65536',
      },
      [
        'SLACK_SIGNING_SECRET does not fit: ',
        'SLACK_TOKEN does not fit: ',
        'SLACK_API does not fit: ',
        'DATABASE_URL does not fit: ',
        'HOST does not fit: ',
        'PORT does not fit: ',
      ],
    ],
    [
      'a Chinese account with half of the safe mode',
      { template: 'wechat', store: 'lmdb', lang: 'zh' },
      {
        WECHAT_AES_KEY: '短',
        DATA: ' ',
      },
      ['缺少 WECHAT_TOKEN：', '缺少 WECHAT_APP_ID：', 'WECHAT_AES_KEY 不对：', 'DATA 不对：'],
    ],
    [
      'a page in production',
      { store: 'sqlite' },
      { NODE_ENV: 'production', PORT: '-1' },
      ['SECRET is missing: ', 'PORT does not fit: '],
    ],
  ])(
    '%s does not start, and names all that is wrong at once',
    async (_title, wishes, env, lines) => {
      const { code, err } = await readSettings(wishes, env);
      const [problems = '', advice] = err.split('\n\n');
      expect(problems.trimEnd().split('\n')).toEqual(
        lines.map((line) => expect.stringContaining(line)),
      );
      expect(code).toBe(1);
      for (const value of Object.values(env))
        if (value !== '-1') expect(err).not.toContain(`'${value}'`);
      // How to talk with the bot without an account.
      if (newProject(wishes).template !== 'web') expect(advice).toContain('npm run page');
    },
  );

  it('come from .env, too, and the environment comes first', async () => {
    const good = { TELEGRAM_TOKEN: '1:abc', TELEGRAM_SECRET: 'x'.repeat(16) };
    const env = `TELEGRAM_TOKEN=wrong\nTELEGRAM_SECRET=${good.TELEGRAM_SECRET}\n`;
    const fromFile = await readSettings({ template: 'telegram' }, {}, env);
    expect(fromFile.err.split('\n')[0]).toContain('TELEGRAM_TOKEN does not fit');
    expect(fromFile.err).not.toContain('TELEGRAM_SECRET');
    const { TELEGRAM_TOKEN } = good;
    expect(await readSettings({ template: 'telegram' }, { TELEGRAM_TOKEN }, env)).toEqual({
      code: 0,
      err: '',
    });
  });
});

/** Loads the settings of a project, as its program does first of all. */
async function readSettings(
  wishes: Partial<NewProject>,
  env: Readonly<Record<string, string>>,
  dotenv = '',
): Promise<{ code: number | null; err: string }> {
  const { 'settings.ts': text = '' } = newFiles(wishes);
  const { code: script } = await transform(text, { loader: 'ts' });
  const folder = temporaryFolder({ 'settings.mjs': script });
  if (dotenv !== '') writeFileSync(join(folder, '.env'), dotenv);
  const child = spawn(process.execPath, ['settings.mjs'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, err };
}
