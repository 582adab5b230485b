import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { allProjects, langs, newFiles, stores, templates } from './new-projects.ts';
import { type Ran, cli, temporaryFolder } from './program.ts';

describe('a command line that is wrong', () => {
  it.each([
    [
      ['demo', '--template', 'discord'],
      `There is no template 'discord'; there are ${templates.join(', ')}.`,
    ],
    [['demo', '--store', 'mysql'], `There is no store 'mysql'; there are ${stores.join(', ')}.`],
    [['demo', '--lang', 'fr'], `There is no language 'fr'; there are ${langs.join(', ')}.`],
    [['demo', '--lang', ''], "There is no language ''"],
    [['demo', '--template', 'toString'], "There is no template 'toString'"],
    [['-y'], 'Name the project: `colloquy new my-bot`.'],
    [['Demo'], "begins with a letter; not 'Demo'."],
    [['我的机器人'], "not '我的机器人'."],
    [['a', 'b'], 'It goes `colloquy new [name]`'],
  ])('%j writes nothing, and says what there is', async (args, problem) => {
    const cwd = temporaryFolder({ 'mine.txt': '' });
    const { code, out, err } = await cli(['new', ...args], { cwd });
    expect(err).toContain(problem);
    expect(err).toMatch(/^colloquy: [^\n]+\n$/u);
    expect([code, out, readdirSync(cwd)]).toEqual([2, '', ['mine.txt']]);
  });

  it('is reported for all that is wrong with it, also to programs', async () => {
    const cwd = temporaryFolder();
    const args = ['new', 'No', '--template', 'x', '--store', 'y', '--lang', 'z', '--json'];
    const { code, out } = await cli(args, { cwd });
    const { error } = JSON.parse(out) as { error: { message: string } };
    for (const wrong of ["'No'", "'x'", "'y'", "'z'"]) expect(error.message).toContain(wrong);
    expect([code, readdirSync(cwd)]).toEqual([2, []]);
  });

  it('is reported before anything is asked', async () => {
    const cwd = temporaryFolder();
    const { code, screen } = await talk(['demo', '--store', 'y'], { cwd });
    expect([code, screen]).toEqual([2, '']);
  });
});

describe('without a terminal', () => {
  it('takes the defaults that its help names, and asks nothing', async () => {
    const cwd = temporaryFolder();
    const { out: help } = await cli(['new', '--help']);
    for (const [option, fallback] of [
      ['template', 'web'],
      ['store', 'memory'],
      ['lang', 'en'],
    ]) {
      expect(help).toMatch(new RegExp(`--${option} <\\w+>.*\\(default ${fallback}\\)`, 'u'));
    }
    const { code, out } = await cli(['new', 'demo', '--json'], { cwd });
    expect(code).toBe(0);
    const made = JSON.parse(out) as { files: string[] };
    expect(made).toMatchObject({ template: 'web', store: 'memory', lang: 'en' });
    expect(readdirSync(join(cwd, 'demo')).toSorted()).toEqual(made.files.toSorted());
  });

  it('touches no project and no file that is there', async () => {
    const cwd = temporaryFolder({ file: 'mine' });
    await cli(['new', 'demo'], { cwd });
    writeFileSync(join(cwd, 'demo', 'dialogue.ts'), 'mine');
    expect(await cli(['new', 'demo'], { cwd })).toMatchObject({ code: 2 });
    expect(readFileSync(join(cwd, 'demo', 'dialogue.ts'), 'utf8')).toBe('mine');
    expect(await cli(['new', 'file'], { cwd })).toMatchObject({ code: 2 });
    expect(readFileSync(join(cwd, 'file'), 'utf8')).toBe('mine');
  });

  it('says in the language of the project what comes next', async () => {
    const cwd = temporaryFolder();
    const args = ['new', 'cha', '-t', 'wechat', '-s', 'redis', '--lang', 'zh'];
    const { out } = await cli(args, { cwd });
    expect(out).toMatch(/^cha 建好了。接下来：\n {2}cd cha\n/u);
    const commands = [...out.matchAll(/^ {2}(.+?)(?: +#.*)?$/gmu)].map(([, command]) => command);
    expect(commands).toEqual([
      'cd cha',
      'npm install',
      'npm test',
      'npm run page',
      'cp .env.example .env',
      'docker compose up --detach redis',
      'npm start',
    ]);
  });
});

describe('at a terminal', () => {
  it('asks for what was not given, in the language that was chosen, and takes a suggestion by Enter', async () => {
    const cwd = temporaryFolder();
    const { code, screen } = await talk([], { cwd, lines: ['zh', 'cha', '3', ''] });
    expect(code).toBe(0);
    for (const text of ['Which language', '项目叫什么名字', '用户在哪里和它聊', '对话存在哪里'])
      expect(screen).toContain(text);
    expect(readFileSync(join(cwd, 'cha/server.ts'), 'utf8')).toContain('channels/wechat');
    expect(readFileSync(join(cwd, 'cha/store.ts'), 'utf8')).toContain('内存');
  });

  it('asks again after a wrong answer, and says what there is', async () => {
    const cwd = temporaryFolder({ 'mine.txt': '' });
    const lines = [
      'klingon',
      '不',
      'en',
      '',
      'Big Bot',
      'mine.txt',
      'bot',
      '0',
      '6',
      'no',
      'Terminal',
      'disk',
      '5',
    ];
    const { code, screen } = await talk([], { cwd, lines });
    expect(code).toBe(0);
    for (const problem of [
      "There is no language 'klingon'; there are en, zh. / 没有叫 'klingon' 的语言；有 en、zh。",
      "没有叫 '不' 的语言",
      "not ''.",
      "not 'Big Bot'.",
      "not 'mine.txt'.",
      ...["'0'", "'6'", "'no'"].map((said) => `There is no template ${said}; there are web, `),
      "There is no store 'disk'; there are memory, ",
    ]) {
      expect(screen).toContain(problem);
    }
    expect(readdirSync(cwd)).toEqual(['bot', 'mine.txt']);
    expect(existsSync(join(cwd, 'bot/main.ts'))).toBe(true);
    expect(readFileSync(join(cwd, 'bot/store.ts'), 'utf8')).toContain("from 'pg'");
  });

  it('asks for nothing that was given', async () => {
    const cwd = temporaryFolder();
    const given = ['bot', '-t', 'slack', '--lang', 'en'];
    const { code, screen } = await talk(given, { cwd, lines: ['lmdb'] });
    expect(code).toBe(0);
    expect(screen).toContain('Where are conversations kept?');
    expect(screen).not.toMatch(/language|name\?|talk with it\?/u);
    const all = await talk(['other', '-t', 'web', '-s', 'memory', '--lang', 'en'], { cwd });
    expect(all.code).toBe(0);
    expect(all.screen).toMatch(/^other is there/u);
  });

  it.each([['-y'], ['--json']])('asks nothing with %s', async (flag) => {
    const cwd = temporaryFolder();
    const { code, screen } = await talk(['demo', flag], { cwd });
    expect(code).toBe(0);
    expect(screen).not.toContain('?');
  });

  it.each([
    ['Ctrl-D', '\u0004'],
    ['Ctrl-C', '\u0003'],
  ])('writes nothing if it is ended by %s', async (_key, key) => {
    const cwd = temporaryFolder();
    const { code, err } = await talk([], { cwd, lines: ['en', 'bot', 'web'], key });
    expect(err).toBe('colloquy: It ended before all was answered: nothing was written.\n');
    expect([code, readdirSync(cwd)]).toEqual([2, []]);
  });

  it('suggests the language of the terminal', async () => {
    const cwd = temporaryFolder();
    const given = ['cha', '-t', 'terminal', '-s', 'memory'];
    await talk(given, { cwd, lines: [''], env: { LANG: 'zh_CN.UTF-8' } });
    expect(readFileSync(join(cwd, 'cha/dialogue.ts'), 'utf8')).toContain('想喝什么茶？');
  });
});

/** Runs `colloquy new` at a terminal, at which a person types. */
async function talk(
  args: readonly string[],
  {
    cwd,
    lines = [],
    key = '',
    env = {},
  }: { cwd: string; lines?: readonly string[]; key?: string; env?: Record<string, string> },
): Promise<Pick<Ran, 'code' | 'err'> & { readonly screen: string }> {
  const terminal = (): PassThrough & { isTTY: boolean } =>
    Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true });
  const [stdin, stdout, stderr] = [terminal(), terminal(), new PassThrough({ encoding: 'utf8' })];
  let [screen, err] = ['', ''];
  stdout.on('data', (text: string) => (screen += text));
  stderr.on('data', (text: string) => (err += text));
  // All at once, as they are pasted.
  stdin.write([...lines.map((line) => `${line}\r`), key].join(''));
  const code = await run(['new', ...args], {
    cwd,
    env: { NO_COLOR: '1', ...env },
    stdin,
    stdout,
    stderr,
    load: () => Promise.reject(new Error('It loads nothing.')),
    stopped: () => Promise.reject(new Error('It serves nothing.')),
    again: () => Promise.reject(new Error('It starts nothing.')),
  });
  return { code, err, screen };
}

it('each project has its name, a store, a program, tests, and what an image needs', () => {
  const projects = allProjects();
  expect(projects).toHaveLength(templates.length * stores.length * langs.length);
  const always =
    'package.json tsconfig.json .gitignore .dockerignore Dockerfile compose.yaml README.md colloquy.config.ts';
  for (const project of projects) {
    const names = Object.keys(newFiles(project));
    const program = project.template === 'terminal' ? ['main.ts'] : ['server.ts', 'serve.ts'];
    const bot = ['dialogue.ts', 'dialogue.test.ts', 'order.chat', 'stop.chat', 'store.ts'];
    expect(names).toEqual(expect.arrayContaining([...always.split(' '), ...bot, ...program]));
  }
});
