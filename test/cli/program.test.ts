import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundledProgram, cli, fixtures, program, root, temporaryFolder } from './program.ts';

const COMMANDS = ['new', 'chat', 'test', 'lint', 'explore', 'coverage', 'graph', 'check'];

describe('the program', () => {
  it('lists its commands, and says which version it is', async () => {
    const { code, out } = await cli(['--help']);
    expect(code).toBe(0);
    for (const name of COMMANDS) expect(out).toMatch(new RegExp(`^ {2}${name} `, 'mu'));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      readonly version: string;
    };
    expect(await cli(['--version'])).toMatchObject({ code: 0, out: `${version}\n` });
  });

  it.each(COMMANDS)('explains %s, with its options and exit codes', async (name) => {
    const { code, out } = await cli([name, '--help']);
    expect(code).toBe(0);
    expect(out).toContain(`colloquy ${name}`);
    expect(out).toContain('--json');
    expect(out).toContain('ends with 0');
    expect(await cli(['help', name])).toMatchObject({ code: 0, out });
  });

  it.each([
    [[], 'What shall it do?'],
    [['chta'], "There is no command 'chta'."],
    [['lint', '--hard'], "Unknown option '--hard'; `colloquy lint --help` says what there is."],
    [['lint', 'a.ts', 'b.ts'], 'It goes `colloquy lint [file]`'],
    [['lint', 'missing.ts'], "There is no file 'missing.ts'."],
    [['lint', '.'], 'is no file: a dialogue is the default export'],
    [['lint', 'good.chat'], "'good.chat' is no module"],
    [['lint', 'tea.ts', '--rule', 'no-such'], "There is no lint rule 'no-such'."],
    [['lint', 'tea.ts', '--rule', 'a', '--skip', 'a'], 'turned both on and off'],
    [['explore', 'tea.ts', '--budget', '0'], "--budget is a whole number over 0, not '0'."],
    [['explore', 'tea.ts', '--threshold', 'x=3'], 'A threshold is a percentage, as 95'],
    [['test', 'missing.chat'], "There is no transcript 'missing.chat'."],
    [['test', '--watch', '--update'], 'would write in circles'],
    [['graph', 'tea.ts', '-f', 'png'], "--format is mermaid or svg, not 'png'."],
    [['check', 'tea.ts'], 'Which records?'],
    [['check', 'tea.ts', '--records', 'missing'], "There is no file 'missing'."],
    [['new', 'Bad Name'], "not 'Bad Name'"],
    [['new', '.'], "There is a folder '.' already"],
  ])('ends %j with 2, and one line', async (args, problem) => {
    const { code, out, err } = await cli(args);
    expect(err).toContain(problem);
    expect(err).toMatch(/^colloquy: [^\n]+\n$/u);
    expect([code, out]).toEqual([2, '']);
  });

  it('says what is wrong in JSON, too, where that was asked for', async () => {
    const { code, out } = await cli(['lint', 'missing.ts', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual({
      error: { code: 'bad_file', message: "There is no file 'missing.ts'." },
    });
  });
});

/** Files that are no dialogue, and what is said of them. */
const WRONG: readonly [name: string, text: string, problem: RegExp][] = [
  ['nothing.ts', 'export const a = 1;', /'nothing\.ts' has no default export/u],
  ['number.ts', 'export default 3;', /The default export of 'number\.ts' is a number/u],
  ['object.ts', 'export default { a: 1 };', /is an object of another kind, and no dialogue/u],
  ['parse.ts', 'const a = 1;\nexport default {{;\n', /'parse\.ts' does not parse, at 2:17: /u],
  [
    'outer.ts',
    "import './parse.ts';\nexport default 1;\n",
    /'parse\.ts' does not parse, at 2:17: /u,
  ],
  ['parse.mjs', 'export default {{;\n', /'parse\.mjs' does not parse/u],
  [
    'throws.ts',
    "\nthrow new Error('no luck');\n",
    /'throws\.ts' does not load: no luck \(throws\.ts:2\)/u,
  ],
  [
    'imports.ts',
    "import 'not-there';\nexport default 1;\n",
    /does not load: Cannot find .*not-there/u,
  ],
];

describe('a wrong file', () => {
  it.each(WRONG)('%s gets one clear line', async (name, text, problem) => {
    const parse = WRONG.find(([each]) => each === 'parse.ts')?.[1] ?? '';
    const folder = temporaryFolder({ 'parse.ts': parse, [name]: text });
    const { code, out, err } = await bundledProgram(['lint', name], folder);
    expect(err).toMatch(problem);
    expect(err).toMatch(/^colloquy: [^\n]+\n$/u);
    expect([code, out]).toEqual([2, '']);
  });
});

it('a right file is found through a config, by a new process', async () => {
  const folder = temporaryFolder({
    'colloquy.config.ts': `import { defineConfig } from 'colloquy/cli';
      export default defineConfig({ dialogue: '../fixtures/tea.ts', transcripts: ['../fixtures/g*.chat'] });`,
  });
  expect(await program(['test'], folder)).toMatchObject({ code: 0, err: '' });
  expect(await program(['lint', 'tea.ts'], fixtures)).toEqual({
    code: 0,
    out: 'Nothing was found in tea.\n',
    err: '',
  });
});

it('a config with a key that there is not is refused by its name', async () => {
  const folder = temporaryFolder({
    'colloquy.config.mjs': 'export default { dialog: "./tea.ts" };',
  });
  const { code, err } = await cli(['lint'], { cwd: folder });
  expect(code).toBe(2);
  expect(err).toMatch(
    /^colloquy: colloquy\.config\.mjs: A config has no 'dialog'; it has `dialogue`/u,
  );
});

it('it ends when its work is done, with all of its output, also if the module of the user holds a socket and a timer open', async () => {
  const cwd = temporaryFolder({
    'open.mjs': `
      import { createServer } from 'node:net';
      import { createMachine } from 'xstate';
      setInterval(() => {}, 1000);
      createServer().listen(0);
      const description = 'x'.repeat(4096);
      export default createMachine({
        id: 'open', initial: 's0',
        states: Object.fromEntries(Array.from({ length: 300 }, (_, index) => [
          's' + index,
          { on: { 'message.text': { target: 's' + (index + 1) % 300, description } } },
        ])),
      });`,
  });
  const { code, out } = await bundledProgram(['graph', 'open.mjs'], cwd);
  expect(code).toBe(0);
  expect(out.length).toBeGreaterThan(1_000_000);
  expect(out.match(/x{4096}$/gmu)).toHaveLength(300);
});
