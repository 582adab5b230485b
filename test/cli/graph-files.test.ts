import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, temporaryFolder } from './program.ts';

/** Sub-dialogues in a sub-dialogue; two of them have the same id, and states have names with spaces. */
const SHOP = `
  import { setupDialogue, text } from 'colloquy';
  const asker = (id: string, question: string) => {
    const { ask, createDialogue, done } = setupDialogue({ types: {} as { context: { it?: string } } });
    return createDialogue({
      id, context: {}, initial: 'the question',
      states: {
        'the question': ask({ question, parse: text(), assign: 'it', target: 'end' }),
        end: done(),
      },
    });
  };
  const inner = setupDialogue({
    types: {} as { context: object }, actors: { name: asker('asker', 'Name?'), town: asker('asker', 'Town?') },
  });
  const address = inner.createDialogue({
    id: 'address', context: {}, initial: 'name',
    states: {
      name: { invoke: { src: 'name', onDone: 'town' } },
      town: { invoke: { src: 'town', onDone: 'end' } },
      end: inner.done(),
    },
  });
  const { createDialogue, done, reply } = setupDialogue({
    types: {} as { context: object }, actors: { address },
  });
  export default createDialogue({
    id: 'shop', context: {}, initial: 'asking first',
    on: { 'message.image': '.thanks' },
    states: {
      'asking first': { invoke: { src: 'address', onDone: 'thanks' } },
      thanks: done('Thank you.'),
    },
  });`;
const TALK = '> hi\n< Name?\n> Ann\n< Town?\n';

const folder = (): string => temporaryFolder({ 'shop.ts': SHOP, 'a.chat': TALK });
const read = (...path: readonly string[]): string => readFileSync(join(...path), 'utf8');
const idsIn = (svg: string): string[] =>
  [...svg.matchAll(/ id="([^"]+)"/gu)].map(([, id = '']) => id);

describe('graph --split', () => {
  it('draws a picture for the dialogue and each sub-dialogue, in a folder that it makes', async () => {
    const cwd = folder();
    const args = ['graph', 'shop.ts', '-f', 'svg', '--split', '--out', 'pictures/shop'];
    expect(await cli(args, { cwd })).toEqual({ code: 0, out: '', err: '' });
    const names = ['address.svg', 'asker-2.svg', 'asker.svg', 'shop.svg'];
    const at = join(cwd, 'pictures/shop');
    expect(readdirSync(at).toSorted()).toEqual(names);
    expect(names.map((name) => read(at, name).match(/class="box dialogue"/gu)?.length)).toEqual([
      1, 1, 1, 1,
    ]);
    expect(read(at, 'asker.svg')).toContain('>Name?</text>');
    expect(read(at, 'asker-2.svg')).toContain('>Town?</text>');
    expect(read(at, 'shop.svg')).toContain('<title>shop</title>');
    expect(read(at, 'address.svg')).toContain('<title>address</title>');
  });

  it('leads from a state that runs a sub-dialogue to the picture of that', async () => {
    const cwd = folder();
    await cli(['graph', 'shop.ts', '-f', 'svg', '--split', '-o', 'out'], { cwd });
    expect(read(cwd, 'out/shop.svg')).toMatch(
      /<a href="address\.svg"><rect id="shop:asking_first".*runs address<\/text><\/a>/su,
    );
    expect(read(cwd, 'out/address.svg')).toContain('<a href="asker-2.svg"><rect id="address:town"');
    const whole = await cli(['graph', 'shop.ts', '-f', 'svg'], { cwd });
    expect(whole.out).not.toContain('<a ');
  });

  it('draws Mermaid, too, which has no sub-dialogues otherwise', async () => {
    const cwd = folder();
    await cli(['graph', 'shop.ts', '--split', '-o', 'out'], { cwd });
    const names = ['address.mmd', 'asker-2.mmd', 'asker.mmd', 'shop.mmd'];
    expect(readdirSync(join(cwd, 'out')).toSorted()).toEqual(names);
    expect(read(cwd, 'out/address.mmd')).toMatch(/^stateDiagram-v2\n {2}\[\*\] --> name\n/u);
  });

  it('marks the way of a conversation in each', async () => {
    const cwd = folder();
    await cli(['graph', 'shop.ts', '-f', 'svg', '--split', '-o', 'out', '-t', 'a.chat'], { cwd });
    expect(read(cwd, 'out/shop.svg')).toContain('leaf walked');
    expect(read(cwd, 'out/address.svg')).toMatch(/class="way walked"/u);
    await cli(['graph', 'shop.ts', '--split', '-o', 'out', '-t', 'a.chat'], { cwd });
    expect(read(cwd, 'out/address.mmd')).toContain('"● town (runs town)"');
  });

  it('gives the files as JSON', async () => {
    const args = ['graph', 'shop.ts', '-f', 'svg', '--split', '-o', 'out', '--json'];
    const { out } = await cli(args, { cwd: folder() });
    const { files } = JSON.parse(out) as { files: { dialogue: string; file: string }[] };
    expect(files.map(({ dialogue, file }) => `${dialogue} ${file}`)).toEqual([
      'shop out/shop.svg',
      'address out/address.svg',
      'asker out/asker.svg',
      'asker out/asker-2.svg',
    ]);
  });

  it('says what it needs, and why it cannot write', async () => {
    const cwd = folder();
    const without = await cli(['graph', 'shop.ts', '--split'], { cwd });
    expect(without).toMatchObject({
      code: 2,
      err: 'colloquy: --split writes a file for each dialogue: name their folder by --out.\n',
    });
    const inFile = await cli(['graph', 'shop.ts', '--split', '-o', 'a.chat'], { cwd });
    expect(inFile.code).toBe(2);
    expect(inFile.err).toContain("'a.chat' cannot be written: ");
    mkdirSync(join(cwd, 'out'));
    expect((await cli(['graph', 'shop.ts', '-o', 'out'], { cwd })).err).toBe(
      "colloquy: 'out' cannot be written: it is a folder; name a file.\n",
    );
  });
});

describe('a picture', () => {
  it('has an id on every box, arrow and label, each once and without spaces', async () => {
    const { out } = await cli(['graph', 'shop.ts', '-f', 'svg'], { cwd: folder() });
    const ids = idsIn(out);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => /\s/u.test(id))).toEqual([]);
    expect(ids).toEqual(
      expect.arrayContaining([
        'shop:',
        'shop:asking_first',
        'shop:/anywhere',
        'shop:asking_first→shop:thanks',
        'asker:the_question',
        'asker-2:the_question',
        'asker-2:the_question→asker-2:end',
        'label:asker-2:the_question→asker-2:end',
      ]),
    );
    const unnamed = out.match(/<(?:rect|path|circle|text class="label)(?! id=)[^>]*>/gu) ?? [];
    // The inner border of an end, and the heads of the arrows.
    expect(unnamed.filter((tag) => !/class="box inner"|<path d=.* fill=/u.test(tag))).toEqual([]);
  });
});
