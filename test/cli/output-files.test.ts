import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unwritable } from '../../src/cli/output-files.ts';
import { cli, fixtures, temporaryFolder } from './program.ts';

const GOOD = readFileSync(join(fixtures, 'good.chat'), 'utf8').replace('./', '../fixtures/');
const TEA = '../fixtures/tea.ts';

/** A folder with a transcript, a folder and a file. */
function folder(): string {
  const cwd = temporaryFolder({ 'a.chat': GOOD, file: 'mine' });
  mkdirSync(join(cwd, 'folder'));
  return cwd;
}

describe('a file that cannot be written is one line, after what the command has printed', () => {
  const commands: readonly [command: string, args: readonly string[], prints: string][] = [
    ['test --junit', ['test', 'a.chat', '--junit'], 'all 1 as written'],
    ['graph --out', ['graph', TEA, '--out'], ''],
    ['graph --json --out', ['graph', TEA, '--json', '--out'], 'stateDiagram'],
    ['coverage --html', ['coverage', TEA, 'a.chat', '--html'], 'coverage of tea'],
    ['coverage --data', ['coverage', TEA, 'a.chat', '--data'], 'coverage of tea'],
  ];
  const places = [
    ['none/x', "'none/x' cannot be written: there is no folder 'none'; make it first."],
    ['folder', "'folder' cannot be written: it is a folder; name a file."],
    [
      'file/x',
      "'file/x' cannot be written: a part of its path is a file, and no folder; take another path.",
    ],
  ] as const;
  it.each(commands)('%s', async (_, args, prints) => {
    for (const [place, problem] of places) {
      const { code, out, err } = await cli([...args, place], { cwd: folder() });
      expect(err).toBe(`colloquy: ${problem}\n`);
      expect(out).toContain(prints);
      expect(code).toBe(2);
    }
  });

  it('coverage writes the other file all the same', async () => {
    const cwd = folder();
    const args = ['coverage', TEA, 'a.chat', '--html', 'none/x', '--data', 'data.json'];
    expect(await cli(args, { cwd })).toMatchObject({ code: 2 });
    expect(readdirSync(cwd)).toContain('data.json');
  });

  it.each([
    ['file', "'file' cannot be written: there is a file of this name already; take another name."],
    [
      'file/x',
      "'file/x' cannot be written: a part of its path is a file, and no folder; take another path.",
    ],
  ])('explore --out %s', async (place, problem) => {
    const args = ['explore', TEA, '--budget', '50', '--out', place];
    const { code, out, err } = await cli(args, { cwd: folder() });
    expect(err).toBe(`colloquy: ${problem}\n`);
    expect(out).toMatch(/conversations? walk/u);
    expect(code).toBe(2);
  });

  it('explore --out, where a folder has the name of a transcript', async () => {
    const cwd = folder();
    await cli(['explore', TEA, '--budget', '50', '--out', 'found'], { cwd });
    const [first = ''] = readdirSync(join(cwd, 'found'));
    mkdirSync(join(cwd, 'again', first), { recursive: true });
    const { code, err } = await cli(['explore', TEA, '--budget', '50', '--out', 'again'], { cwd });
    expect(err).toBe(
      `colloquy: 'again/${first}' cannot be written: it is a folder; name a file.\n`,
    );
    expect(code).toBe(2);
  });

  it('new', async () => {
    const { code, err } = await cli(['new', 'file/demo'], { cwd: folder() });
    expect([code, err]).toEqual([2, "colloquy: 'file/demo' is no folder.\n"]);
  });

  it.each([
    ['none/x', "'none/x' cannot be written: there is no folder 'none'; make it first."],
    ['folder', "'folder' cannot be written: there is a file of this name already"],
    ['file/x', "'file/x' cannot be written: a part of its path is a file"],
  ])('/save %s, and the talk continues', async (place, problem) => {
    const input = `hi\n/save ${place}\n/save b.chat\n`;
    const { code, out } = await cli(['chat', TEA], { cwd: folder(), input });
    expect(out).toContain(`> /save ${place}\n${problem}`);
    expect(out).toContain('Written to b.chat.\n');
    expect(code).toBe(0);
  });
});

it.each([
  ['EACCES', 'you have no permission to write there.'],
  ['EPERM', 'you have no permission to write there.'],
  ['EROFS', 'its disk is read-only.'],
  ['ENOSPC', 'its disk is full.'],
  ['EXYZ', 'the system says EXYZ.'],
])('where the system says %s, the line says it in words', (code, why) => {
  const { message } = unwritable('a.svg', Object.assign(new Error('no'), { code }));
  expect(message).toBe(`'a.svg' cannot be written: ${why}`);
});

it.skipIf(process.platform !== 'linux')('a full disk is said, too', async () => {
  const { code, err } = await cli(['graph', TEA, '--out', '/dev/full'], { cwd: folder() });
  expect(err).toBe("colloquy: '/dev/full' cannot be written: its disk is full.\n");
  expect(code).toBe(2);
});
