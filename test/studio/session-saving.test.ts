import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { describe, expect, it, onTestFinished } from 'vitest';
import { converse, playTranscript } from 'colloquy/testing';
import config from '../../examples/support-desk/colloquy.config.ts';
import desk from '../../examples/support-desk/dialogue.ts';
import { exampleDialogue } from '../../src/studio/session/example-dialogue.ts';
import { codeOf } from '../../src/studio/session/code-text.ts';
import type { SessionSubject } from '../../src/studio/session/session.ts';
import type { StudioRecording } from '../../src/studio/wire.ts';
import { PageOfDesk } from './session-desk.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const settings =
  typeof config.converse === 'function' ? config.converse('') : (config.converse ?? {});

/** The support desk with its config, as a test beside this file would import both. */
const supportDesk: SessionSubject = {
  dialogue: desk,
  module: '../../examples/support-desk/dialogue.ts',
  configFile: '../../examples/support-desk/colloquy.config.ts',
  settings,
};

/** Two users, a service late and one that fails, time, a crash and a message that arrives twice. */
async function eventful(): Promise<PageOfDesk> {
  const page = new PageOfDesk();
  await page.say('ann', 'hi', 'many', '4');
  await page.say('bob', 'hi');
  await page.ask('service', { name: 'findTable', mode: 'fail' });
  await page.say('bob', '3');
  await page.ask('service', { name: 'findTable', mode: 'real' });
  await page.ask('service', { name: 'findTable', mode: 'late', lateMs: 20_500 });
  await page.press('bob', 'again');
  await page.say('bob', '2');
  await page.ask('advance', { by: 'next' });
  await page.ask('redeliver', {
    turn: page.turns.findLast(({ id }) => id !== undefined)?.turn ?? 0,
  });
  await page.say('ann', 'Ann');
  await page.ask('crash', {});
  await page.press('ann', 'yes');
  await page.ask('advance', { by: 'next' });
  await page.ask('advance', { by: 90_000 });
  return page;
}

describe('a transcript', () => {
  it('plays as it is written, with times, crashes, users and how services went', async () => {
    const page = await eventful();
    const text = await page.saved('chat');
    expect(text).toContain('~ findTable fails\nbob> 3');
    expect(text).toContain('~ findTable gives "table 3" after 20s500ms\nbob> 2');
    expect(text).toContain('bob> [again]');
    expect(text).toContain('@ crash');
    const played = await playTranscript(text, exampleDialogue);
    expect(played.diff).toBe('');
    expect(text).not.toContain('does not play');
  });

  it('is of one user, or ends behind a turn', async () => {
    const page = await eventful();
    const bob = await page.saved('chat', { openid: 'bob' });
    expect(bob).not.toContain('Ann');
    expect(bob).not.toContain('bob>');
    expect((await playTranscript(bob, exampleDialogue, { openid: 'bob' })).diff).toBe('');
    const early = await page.saved('chat', { turn: 3 });
    expect(early).not.toContain('bob');
    expect(early.trimEnd().split('\n').at(-1)).toBe('< We have table 5. What is your name?');
  });

  it('leaves out what was undone, and has what a fork did instead', async () => {
    const page = new PageOfDesk();
    await page.say('ann', 'hi', '4', 'Ann');
    await page.ask('fork', { turn: 2 });
    await page.say('ann', 'Eve');
    const text = await page.saved('chat');
    expect(text).not.toContain('Ann');
    expect(text.match(/~ findTable/gu)).toHaveLength(1);
    expect((await playTranscript(text, exampleDialogue)).diff).toBe('');
  });

  it('says so where it cannot tell what happened', async () => {
    const page = new PageOfDesk();
    await page.say('ann', 'hi', '4');
    await page.ask('context', { openid: 'ann', context: { people: 4, table: 'the cellar' } });
    await page.say('ann', 'Ann');
    const text = await page.saved('chat');
    expect(text).toContain('the cellar');
    expect(text).toMatch(/# It does not play as it is written: .* From line \d+ on/u);
  });

  it('of the support desk passes with its config: regions, sub-dialogues, a model, a slow service', async () => {
    const page = new PageOfDesk(supportDesk);
    await page.say('ann', 'hi', 'I want my money back');
    await page.say('ann', '1042');
    await page.ask('advance', { by: 'next' });
    const text = await page.saved('chat');
    expect((await playTranscript(text, desk, settings as never)).diff).toBe('');
  });
});

describe('a test for vitest', () => {
  it('passes when it is run, and its types are right', async () => {
    const folder = await mkdtemp(join(root, 'test/studio/tmp-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const table = (await eventful()).desk;
    const { text } = await table.request('save', { as: 'vitest' });
    const dialogue = 'export { exampleDialogue as default } from';
    await writeFile(
      join(folder, 'dialogue.ts'),
      `${dialogue} '../../../src/studio/session/example-dialogue.ts';\n`,
    );
    await writeFile(join(folder, 'table.test.ts'), text);
    const page = new PageOfDesk({
      ...supportDesk,
      module: `../${supportDesk.module ?? ''}`,
      configFile: `../${supportDesk.configFile ?? ''}`,
    });
    await page.say('ann', 'hi', 'I want my money back', '1042');
    await page.ask('advance', { by: 'next' });
    await writeFile(join(folder, 'desk.test.ts'), await page.saved('vitest'));
    expect(typeErrorsIn(['table', 'desk'].map((name) => join(folder, `${name}.test.ts`)))).toEqual(
      [],
    );
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const args = [vitest, 'run', '--project', 'pages', '--reporter', 'json', folder];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    expect(JSON.parse(stdout)).toMatchObject({ numPassedTests: 2, numFailedTests: 0 });
  }, 240_000);
});

function typeErrorsIn(files: readonly string[]): readonly string[] {
  const path = join(root, 'tsconfig.json');
  const { config: json } = ts.readConfigFile(path, (name) => ts.sys.readFile(name)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent(json, ts.sys, root);
  const program = ts.createProgram([...files], { ...options, noEmit: true, incremental: false });
  return files.flatMap((file) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(file))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  );
}

describe('the code of a seed', () => {
  it('begins a test where the conversation stands', async () => {
    const page = new PageOfDesk();
    await page.say('ann', 'hi', '4');
    const text = await page.saved('seed');
    expect(text).toContain("await chat.seed('name', { people: 4, table: 'table 5' });");
    const chat = converse(exampleDialogue);
    expect(await chat.seed('name', { people: 4, table: 'table 5' } as never)).toEqual([
      'We have table 5. What is your name?',
    ]);
    expect(await page.saved('seed', { turn: 1 })).toContain("await chat.seed('people', {});");
    const nobody = page.ask('save', { as: 'seed', openid: 'eve' });
    await expect(nobody).rejects.toMatchObject({ code: 'bad_request' });
  });

  it.each([
    [
      { a: "it's", 'b-c': [1, -0, 2n, undefined, null, true] },
      "{ a: 'it\\'s', 'b-c': [1, -0, 2n, undefined, null, true] }",
    ],
    [new Date(5), 'new Date(5)'],
    [new Map([['a', new Set([1])]]), "new Map([['a', new Set([1])]])"],
    ['two\nlines \u2028', String.raw`'two\nlines \u2028'`],
    [() => 1, undefined],
    [{ a: Symbol('x') }, undefined],
  ])('writes data as a program has it, or not at all (%#)', (value, code) => {
    expect(codeOf(value)).toBe(code);
  });
});

describe('a recording', () => {
  it('holds the turns and conversations as a page shows them, and asks for nothing', async () => {
    const page = await eventful();
    const recording = JSON.parse(await page.saved('recording')) as StudioRecording;
    expect(recording).toMatchObject({
      colloquy: 'recording',
      hello: { kind: 'recording', powers: [], dialogue: { id: 'table' } },
    });
    expect(recording.turns).toHaveLength(page.turns.length);
    expect(recording.conversations.map(({ openid }) => openid).toSorted()).toEqual(['ann']);
  });
});
