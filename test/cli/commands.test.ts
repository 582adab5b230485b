import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContextStore, createRunner } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { mergeCoverage, type CoverageData, createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { cli, fixtures, temporaryFolder } from './program.ts';
import tea from './fixtures/tea.ts';

const GOOD = readFileSync(join(fixtures, 'good.chat'), 'utf8').replace('./', '../fixtures/');
const STALE = GOOD.replace('Tea, 2 cups.', 'Tea.');

describe('test', () => {
  it('plays what patterns, folders and files name, each once', async () => {
    const cwd = temporaryFolder({ 'a.chat': GOOD, 'b.chat': GOOD, 'c.txt': GOOD });
    for (const args of [['*.chat'], ['.'], ['{a,b}.chat', 'a.chat'], ['**/?.chat'], []]) {
      const { code, out } = await cli(['test', ...args], { cwd });
      expect(out).toBe('ok       a.chat\nok       b.chat\n\nall 2 as written\n');
      expect(code).toBe(0);
    }
  });

  it('shows where a transcript goes another way, and ends with 1', async () => {
    const cwd = temporaryFolder({ 'stale.chat': STALE });
    const { code, out } = await cli(['test', 'stale.chat'], { cwd });
    expect(code).toBe(1);
    expect(out).toContain('failed   stale.chat:7\n');
    expect(out).toContain('    - < Tea.\n    + < Tea, 2 cups.\n');
    expect(out).toContain('1 of 1 failed\n');
  });

  it('shows the line of a transcript that cannot be read, and plays the others', async () => {
    const cwd = temporaryFolder({
      'a.chat': '# dialogue: ../fixtures/tea.ts\n? hi\n',
      'b.chat': GOOD,
    });
    const { code, out } = await cli(['test', '.'], { cwd });
    expect(code).toBe(1);
    expect(out).toContain('failed   a.chat:2\n    Line 2 of the transcript');
    expect(out).toContain('ok       b.chat');
  });

  it('writes what happens over a transcript, and keeps its comments', async () => {
    const cwd = temporaryFolder({ 'stale.chat': STALE });
    expect(await cli(['test', '-u', 'stale.chat'], { cwd })).toMatchObject({ code: 0 });
    expect(readFileSync(join(cwd, 'stale.chat'), 'utf8')).toBe(GOOD);
  });

  it('writes a report for CI servers', async () => {
    const cwd = temporaryFolder({ 'a.chat': GOOD, 'b.chat': STALE });
    expect(await cli(['test', '--junit', 'report.xml', '.'], { cwd })).toMatchObject({ code: 1 });
    const report = readFileSync(join(cwd, 'report.xml'), 'utf8').replaceAll(
      /time="[\d.]+"/gu,
      'time=""',
    );
    expect(report).toContain('<testsuites tests="2" failures="1" time="">');
    expect(report).toContain(
      '<testcase name="a.chat" classname="colloquy" file="a.chat" time=""/>',
    );
    expect(report).toContain('<failure message="It goes another way at line 7.">');
    expect(report).toContain('- &lt; Tea.');
  });

  it('plays those with a part of a name, and stops at the first that fails', async () => {
    const cwd = temporaryFolder({ 'a.chat': STALE, 'b.chat': GOOD, 'c.chat': STALE });
    const named = await cli(['test', '-t', 'b.ch'], { cwd });
    expect(named).toMatchObject({ code: 0, out: 'ok       b.chat\n\nall 1 as written\n' });
    const none = await cli(['test', '-t', 'zebra'], { cwd });
    expect(none).toMatchObject({
      code: 2,
      err: "colloquy: No transcript has 'zebra' in its name.\n",
    });
    const { code, out } = await cli(['test', '--bail'], { cwd });
    expect(code).toBe(1);
    expect(out).toContain('failed   a.chat:7');
    expect(out).not.toContain('b.chat');
  });

  it('has colours where they are wanted, and none in a pipe', async () => {
    const cwd = temporaryFolder({ 'a.chat': STALE });
    const [plain, forced, off] = await Promise.all([
      cli(['test'], { cwd }),
      cli(['test'], { cwd, env: { FORCE_COLOR: '1' } }),
      cli(['test'], { cwd, env: { FORCE_COLOR: '0' } }),
    ]);
    expect(plain.out).not.toContain('\u001b');
    expect(off.out).toBe(plain.out);
    expect(forced.out).toContain('\u001b[31mfailed\u001b[0m   a.chat:7');
    expect(forced.out).toContain('\u001b[32m+ < Tea, 2 cups.\u001b[0m');
    const complaint = await cli(['test', 'none.chat'], {
      cwd,
      isTTY: true,
      env: { NO_COLOR: '1' },
    });
    expect(complaint.err).toBe("colloquy: There is no transcript 'none.chat'.\n");
  });

  it('says that a pattern without a file is one of the config', async () => {
    const cwd = temporaryFolder({
      'colloquy.config.ts': "export default { transcripts: ['chats/*.chat'] };\n",
    });
    expect((await cli(['test'], { cwd })).err).toContain(
      "There is no transcript 'chats/*.chat', which `transcripts` of the config names.",
    );
  });

  it('gives JSON', async () => {
    const cwd = temporaryFolder({ 'b.chat': STALE });
    const { out } = await cli(['test', '--json', '.'], { cwd });
    expect(JSON.parse(out)).toMatchObject({
      passed: false,
      transcripts: [{ file: 'b.chat', outcome: 'differs', line: 7 }],
    });
  });

  it('takes the dialogue of --dialogue for a transcript that names none', async () => {
    const cwd = temporaryFolder({ 'a.chat': '> hi\n< How many cups?\n' });
    expect(await cli(['test', 'a.chat', '-d', '../fixtures/tea.ts'], { cwd })).toMatchObject({
      code: 0,
    });
    const { code, err } = await cli(['test', 'a.chat'], { cwd });
    expect([code, err]).toEqual([2, expect.stringContaining('Which dialogue?')]);
  });

  it('tells a terminal how far it is, and takes that back', async () => {
    const { err } = await cli(['test', 'good.chat'], { isTTY: true });
    expect(err).toBe('\r\u001b[K1 of 1: good.chat\r\u001b[K');
    expect(await cli(['test', 'good.chat'])).toMatchObject({ err: '' });
  });

  it('has services as a config says for each transcript', async () => {
    const cwd = temporaryFolder({
      'colloquy.config.ts': `
        import { setupDialogue } from 'colloquy';
        import { fromPromise } from 'xstate';
        const { createDialogue, done, reply } = setupDialogue({
          actors: { look: fromPromise<string>(async () => { throw new Error('real'); }) },
        });
        export default {
          dialogue: createDialogue({
            id: 'weather', context: {}, initial: 'asks',
            states: {
              asks: { invoke: { src: 'look', onDone: { target: 'told', actions: reply(({ event }) => String(event.output)) }, onError: 'told' } },
              told: done('Bye.'),
            },
          }),
          converse: (transcript: string) => ({ services: { look: async () => transcript.endsWith('a.chat') ? 'sun' : 'rain' } }),
        };`,
      'a.chat': '> hi\n< sun\n< Bye.\n',
      'b.chat': '> hi\n< rain\n< Bye.\n',
    });
    expect(await cli(['test'], { cwd })).toMatchObject({ code: 0 });
  });
});

describe('lint', () => {
  it('lists findings with their remedies, and ends with 1', async () => {
    const { code, out } = await cli(['lint', 'broken.ts']);
    expect(code).toBe(1);
    expect(out).toContain("Nothing leads to the state 'alone'.");
    expect(out).toMatch(/\d found in broken\n$/u);
  });

  it('turns rules on and off', async () => {
    const rules = async (...args: string[]): Promise<Set<string>> => {
      const { out } = await cli(['lint', 'broken.ts', '--json', ...args]);
      const { findings } = JSON.parse(out) as { findings: { rule: string; severity: string }[] };
      return new Set(findings.map(({ rule }) => rule));
    };
    expect(await rules('--skip', 'unreachable-state')).not.toContain('unreachable-state');
    expect(await rules()).not.toContain('no-timeout');
    expect(await rules('--rule', 'no-timeout')).toContain('no-timeout');
    expect(await rules('--errors')).toEqual(new Set(['no-way-out']));
  });
});

describe('explore', () => {
  it('finds its way through all of a dialogue, and writes transcripts that can be played', async () => {
    const cwd = temporaryFolder();
    const args = ['explore', '../fixtures/tea.ts', '--out', 'found', '--threshold', '100'];
    const { code, out } = await cli(args, { cwd });
    expect(out).toMatch(/conversations walk through \d+ of \d+ states/u);
    expect(code).toBe(0);
    expect(readdirSync(join(cwd, 'found')).length).toBeGreaterThan(2);
    expect(await cli(['test', 'found'], { cwd })).toMatchObject({ code: 0 });
  });

  it('ends with 1 where something fails, or is not reached that has to be', async () => {
    const { code, out } = await cli(['explore', 'broken.ts', '--json']);
    expect(code).toBe(1);
    const { failures } = JSON.parse(out) as { failures: { kind: string; transcript: string }[] };
    expect(failures.map(({ kind }) => kind)).toContain('stuck');
    const short = await cli(['explore', 'tea.ts', '--budget', '1', '--threshold', 'states=90']);
    expect(short).toMatchObject({ code: 1, err: expect.stringContaining('states: ') as string });
  });
});

describe('coverage', () => {
  it('says what transcripts walk through, as text, a page and data', async () => {
    const cwd = temporaryFolder({ 'a.chat': GOOD });
    const args = [
      'coverage',
      '../fixtures/tea.ts',
      'a.chat',
      '--html',
      'page.html',
      '--data',
      'data.json',
    ];
    const { code, out } = await cli(args, { cwd });
    expect(code).toBe(0);
    expect(out).toContain('coverage of tea\nstates');
    expect(out).toContain('never walked, states:');
    expect(readFileSync(join(cwd, 'page.html'), 'utf8')).toContain(
      '<title>Coverage of tea</title>',
    );
    const data = JSON.parse(readFileSync(join(cwd, 'data.json'), 'utf8')) as CoverageData;
    expect(mergeCoverage(tea, data).summary().states.walked).toBeGreaterThan(2);
  });

  it('takes the dialogue of the config, and lists what the library itself has only if asked', async () => {
    const cwd = temporaryFolder({
      'colloquy.config.ts': "export default { dialogue: '../fixtures/tea.ts' };\n",
      'a.chat': '> hi\n< How many cups?\n',
    });
    const { code, out } = await cli(['coverage'], { cwd });
    expect(code).toBe(0);
    expect(out).not.toContain('cups.retry1');
    expect(out).toMatch(/\n {2}\d+ of the library itself, within questions\n/u);
    const all = await cli(['coverage', 'a.chat', '--internal'], { cwd });
    expect(all.out).toContain('\n  cups.retry1\n');
    expect(all.out).not.toContain('of the library itself');
  });

  it('ends with 1 under a threshold, and where a transcript fails', async () => {
    const cwd = temporaryFolder({ 'a.chat': GOOD, 'b.chat': STALE });
    const low = await cli(['coverage', '../fixtures/tea.ts', 'a.chat', '--threshold', '99'], {
      cwd,
    });
    expect(low).toMatchObject({
      code: 1,
      err: expect.stringContaining('under the threshold of 99 %') as string,
    });
    const failed = await cli(['coverage', '../fixtures/tea.ts', 'b.chat', '--json'], { cwd });
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.out)).toMatchObject({ passed: false, failed: [{ file: 'b.chat' }] });
  });
});

describe('graph', () => {
  it('draws Mermaid, with the way of a transcript', async () => {
    const { code, out } = await cli(['graph', 'tea.ts']);
    expect(code).toBe(0);
    expect(out).toContain('stateDiagram-v2\n  [*] --> cups\n');
    expect(out).not.toContain('●');
    const { out: walked } = await cli(['graph', 'tea.ts', '--transcript', 'good.chat']);
    expect(walked).toContain('state "● ordered" as ordered');
    expect(walked).toContain('state "gone" as gone');
    expect(walked).toContain('cups --> ordered : answered (1)');
  });

  it('draws a picture in which every state has its box, and a walk its colour', async () => {
    const cwd = temporaryFolder();
    const args = ['graph', '../fixtures/tea.ts', '-o', 'tea.svg', '-t', '../fixtures/good.chat'];
    expect(await cli(args, { cwd })).toMatchObject({ code: 0, out: '' });
    const svg = readFileSync(join(cwd, 'tea.svg'), 'utf8');
    for (const title of ['tea', 'cups', 'ordered', 'gone', 'anywhere'])
      expect(svg).toContain(`>${title}</text>`);
    expect(svg.match(/class="box[^"]*leaf walked"/gu)).toHaveLength(2);
    expect(svg).toContain('>answered (1)</tspan>');
    expect(svg.match(/class="way walked"/gu)).toHaveLength(1);
  });

  it('draws a form as one box, and its inside if it is asked to', async () => {
    const file = '../../../examples/support-desk/dialogue.ts';
    const whole = await cli(['graph', file, '-f', 'svg', '--dark']);
    const inside = await cli(['graph', file, '-f', 'svg', '--expand']);
    const boxes = ({ out }: { readonly out: string }): number =>
      out.match(/<rect id=/gu)?.length ?? 0;
    expect(boxes(whole)).toBeLessThan(boxes(inside));
    expect(whole.out).toContain('svg { background: #16181c; }');
    expect(inside.out).not.toContain('#16181c');
    for (const { out } of [whole, inside]) {
      const ids = [...out.matchAll(/ id="([^"]+)"/gu)].map(([, id]) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(boxesOverlap(out)).toEqual([]);
    }
  });

  it('shows the question of a state under its name', async () => {
    const { out } = await cli(['graph', 'tea.ts', '-f', 'svg']);
    expect(out).toContain('>How many cups?</text>');
    expect(out).toContain('<rect id="tea:cups" class="box question leaf"');
  });

  it('draws nested and parallel states and sub-dialogues, boxes in boxes', async () => {
    const { code, out } = await cli([
      'graph',
      '../../../examples/support-desk/dialogue.ts',
      '-f',
      'svg',
    ]);
    expect(code).toBe(0);
    expect(out.match(/class="box state region"/gu)).toHaveLength(3);
    for (const title of ['desk', 'refund', 'address', 'bank', 'planning'])
      expect(out).toContain(`>${title}</text>`);
    expect(boxesOverlap(out)).toEqual([]);
  });
});

/** Boxes that neither lie apart nor one within the other. */
function boxesOverlap(svg: string): string[] {
  const boxes = [
    ...svg.matchAll(
      /<rect(?: id="[^"]+")? class="box[^"]*" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/gu,
    ),
  ].map(([, ...numbers]) => {
    const [x = 0, y = 0, width = 0, height = 0] = numbers.map(Number);
    return { left: x, top: y, right: x + width, bottom: y + height };
  });
  expect(boxes.length).toBeGreaterThan(10);
  type Rect = (typeof boxes)[number];
  const isApart = (a: Rect, b: Rect): boolean =>
    a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  const holds = (a: Rect, b: Rect): boolean =>
    a.left <= b.left && a.right >= b.right && a.top <= b.top && a.bottom >= b.bottom;
  return boxes.flatMap((a, index) =>
    boxes
      .slice(index + 1)
      .filter((b) => !isApart(a, b) && !holds(a, b) && !holds(b, a))
      .map((b) => JSON.stringify([a, b])),
  );
}

describe('check', () => {
  /** A dump of one conversation that waits for an answer. */
  async function dump(): Promise<string> {
    const disk = createDisk();
    const store = createContextStore({ persister: memory(disk), clock: createManualClock() });
    const runner = createRunner(tea, { store });
    await runner.handle('ann', 'hi');
    await runner.stop();
    await store.close();
    return [...disk.records.values()].map((record) => `${JSON.stringify(record)}\n`).join('');
  }

  it('finds that conversations fit, and that they would not', async () => {
    const records = await dump();
    const cwd = temporaryFolder({ 'dump.jsonl': records });
    const fits = await cli(['check', '../fixtures/tea.ts', '--records', 'dump.jsonl'], { cwd });
    expect(fits).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 records on tea: 1 fits') as string,
    });
    const other = await cli(['check', '../fixtures/broken.ts', '--records', '-'], {
      cwd,
      input: records,
    });
    expect(other.code).toBe(1);
    expect(other.out).toContain("it is of the dialogue 'tea'");
    const json = await cli(['check', 'broken.ts', '--records', '-', '--json'], { input: records });
    expect(JSON.parse(json.out)).toMatchObject({
      passed: false,
      total: 1,
      findings: [{ openid: 'ann' }],
    });
  });

  it('says what each rename of the migrations did', async () => {
    const config = `
      import { integer, migrateTo, renameKey, renameState, setupDialogue } from 'colloquy';
      const { ask, createDialogue, done } = setupDialogue({ types: {} });
      const amount = ask({ question: 'How many?', parse: integer(), attempts: 3, otherwise: 'end', target: 'end' });
      const dialogue = createDialogue({
        id: 'tea', version: '2', context: {}, initial: 'amount',
        states: { amount: { ...amount, after: { 3_600_000: 'end' } }, end: done('Bye.') },
      });
      const migrate = { 1: migrateTo('2', renameState('cups', 'amount'), renameKey('cup', 'mug')) };
      export default { dialogue, check: { migrate } };`;
    const cwd = temporaryFolder({ 'colloquy.config.ts': config, 'dump.jsonl': await dump() });
    const { out } = await cli(['check', '--records', 'dump.jsonl'], { cwd });
    expect(out).toContain(
      "renameState('cups', 'amount') of version 1: renamed in 1 of 1 records\n",
    );
    expect(out).toContain("renameKey('cup', 'mug') of version 1: renamed in 0 of 1 records\n");
    expect(out).toContain('1 records on tea: 1 migrated');
    const json = await cli(['check', '--records', 'dump.jsonl', '--json'], { cwd });
    expect(JSON.parse(json.out)).toMatchObject({ renames: [{ renamed: 1 }, { renamed: 0 }] });
  });

  it('takes the config that is named, where a folder has several versions', async () => {
    const version = (number: number, state: string, check: string): string => `
      import { integer, migrateTo, renameState, setupDialogue } from 'colloquy';
      const { ask, createDialogue, done } = setupDialogue({ types: {} });
      const amount = ask({ question: 'How many?', parse: integer(), attempts: 3, otherwise: 'end', target: 'end' });
      const dialogue = createDialogue({
        id: 'tea', version: '${number}', context: {}, initial: '${state}',
        states: { ${state}: { ...amount, after: { 3_600_000: 'end' } }, end: done('Bye.') },
      });
      export default { dialogue, check: { ${check} } };`;
    const cwd = temporaryFolder({
      'v2.config.ts': version(
        2,
        'amount',
        "migrate: { 1: migrateTo('2', renameState('cups', 'amount')) }",
      ),
      'v3.config.ts': version(3, 'count', ''),
      'dump.jsonl': await dump(),
    });
    const check = async (config: string): Promise<string> =>
      (await cli(['check', '--records', 'dump.jsonl', '--config', config], { cwd })).out;
    expect(await check('v2.config.ts')).toContain('1 records on tea: 1 migrated');
    expect(await check('v3.config.ts')).toContain("state 'cups' is gone");
  });

  it('names the line that is no record, without what is in it', async () => {
    const input = `${await dump()}{"openid":"bob","text":"secret"}\n`;
    const { code, err } = await cli(['check', 'tea.ts', '--records', '-'], { input });
    expect(code).toBe(2);
    expect(err).toContain('Line 2 of what is piped in is no record');
    expect(err).not.toContain('secret');
  });
});

describe('chat in a pipe', () => {
  it('takes back what was said, and writes the rest to a transcript that can be played', async () => {
    const cwd = temporaryFolder();
    const input =
      'hi\nx\n/forward 59m\n/undo\n/state\n/forward 1h\n3\n/save a.chat\n/save a.chat\n';
    const { code, out } = await cli(['chat', '../fixtures/tea.ts'], { cwd, input });
    expect(code).toBe(0);
    expect(out).toContain(
      '> /undo\nTaken back, with all that came of it: > x\nState: cups.waiting\nNext: in 1h, after 1h in tea.cups\n> /state\ncups.waiting\n',
    );
    expect(out).toContain('< Are you still there?');
    expect(out).toContain('> 3\n< Tea, 3 cups.\n');
    expect(out).toContain('there is a file of this name already');
    const saved = readFileSync(join(cwd, 'a.chat'), 'utf8');
    expect(saved).toMatch(/^# dialogue: \.\.\/fixtures\/tea\.ts\n@ \S+\n> hi\n/u);
    expect(saved).not.toContain('> x');
    expect(await cli(['test', 'a.chat'], { cwd })).toMatchObject({ code: 0 });
  });

  it('takes back as far as the first message, and no further', async () => {
    const { out } = await cli(['chat', 'tea.ts'], {
      input: 'hi\n/undo\n/state\n/undo\n/help\n/save\n',
    });
    expect(out).toContain(
      '> /state\nNothing is known of you.\n> /undo\nThere is nothing to take back.\n',
    );
    expect(out).toContain('/save file.chat writes what was said');
    expect(out).toContain('Where to? As in /save talk.chat.');
  });

  it('sends all that a transcript has: buttons, pictures, events, and what other users say', async () => {
    const cwd = temporaryFolder({
      'shop.ts': `
        import { setupDialogue } from 'colloquy';
        const { choose, createDialogue, done, reply } = setupDialogue({ events: { paid: {} } });
        export default createDialogue({
          id: 'shop', context: {}, initial: 'size',
          on: { 'event.paid': { actions: reply('Thank you.') }, 'event.unfollow': {} },
          states: {
            size: choose({ question: 'Size?', options: ['small', 'large'], target: { small: 'ended', large: 'ended' } }),
            ended: done('Bye.'),
          },
        });`,
    });
    const lines = [
      'hi',
      '[image]',
      '[{"type":"event.paid"}]',
      '/as bob',
      'hi',
      '[button large]',
      '/as you',
    ];
    lines.push(
      '[unfollow]',
      '[nonsense]',
      '\\\\[hm]',
      '[button small]',
      '[button small]',
      '/save a.chat',
    );
    const { code, out } = await cli(['chat', 'shop.ts'], { cwd, input: `${lines.join('\n')}\n` });
    expect(code).toBe(0);
    expect(out).toContain('> [{"type":"event.paid"}]\n< Thank you.\n');
    expect(out).toContain('> /as bob\nYou are bob now.\nState: (none)\n> hi\n< Size?');
    expect(out).toContain('> [button large]\n< Bye.\n');
    expect(out).toContain('> [unfollow]\n(silent: the dialogue took this and says nothing)\n');
    expect(out).toContain('> [nonsense]\nThis line has a kind of message that is not known');
    expect(out).toContain('> [button small]\n(stale: the question of this button is over)\n');
    const saved = readFileSync(join(cwd, 'a.chat'), 'utf8');
    expect(saved).toContain('bob> hi\nbob< Size?');
    expect(saved).toContain('> [image]\n');
    expect(await cli(['test', 'a.chat'], { cwd })).toMatchObject({ code: 0 });
  });

  it('tells a message that no state takes from one that is answered with silence', async () => {
    const cwd = temporaryFolder({
      'quiet.ts': `
        import { setupDialogue } from 'colloquy';
        export default setupDialogue({}).createDialogue({
          id: 'quiet', context: {}, initial: 'a', states: { a: { on: { 'message.text': {} } } },
        });`,
    });
    const { out } = await cli(['chat', 'quiet.ts'], { cwd, input: 'hi\n[image]\n' });
    expect(out).toContain('> hi\n(silent: ');
    expect(out).toContain('> [image]\n(unhandled: ');
  });

  it('runs the stubs of the config if it is asked to', async () => {
    const cwd = temporaryFolder({
      'colloquy.config.ts': `
        import { setupDialogue } from 'colloquy';
        import { fromPromise } from 'xstate';
        const { createDialogue, done, reply } = setupDialogue({
          actors: { look: fromPromise<string>(async () => 'the real one') },
        });
        export default {
          dialogue: createDialogue({
            id: 'weather', context: {}, initial: 'asks',
            states: {
              asks: { invoke: { src: 'look', onDone: { target: 'told', actions: reply(({ event }) => String(event.output)) }, onError: 'told' } },
              told: done('Bye.'),
            },
          }),
          converse: { services: { look: async () => 'the stub' } },
        };`,
    });
    expect((await cli(['chat'], { cwd, input: 'hi\n' })).out).toContain('< the real one\n');
    expect((await cli(['chat', '--stubs'], { cwd, input: 'hi\n' })).out).toContain('< the stub\n');
  });

  it('is JSON line by line for programs', async () => {
    const { out } = await cli(['chat', 'tea.ts', '--json'], {
      input: 'hi\n[image]\n[nonsense]\n3\n',
    });
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      { outcome: 'replied', state: 'cups.waiting', replies: [{ text: 'How many cups?' }] },
      { outcome: 'replied', state: 'cups.retry1' },
      { outcome: 'refused', replies: [] },
      { outcome: 'replied', state: 'ordered', replies: [{ text: 'Tea, 3 cups.' }] },
    ]);
  });
});

describe('new', () => {
  it('makes a project, and touches none that is there', async () => {
    const cwd = temporaryFolder();
    const { code, out } = await cli(['new', 'demo', '--json'], { cwd });
    expect(code).toBe(0);
    const { files } = JSON.parse(out) as { files: string[] };
    expect(readdirSync(join(cwd, 'demo')).toSorted()).toEqual(files.toSorted());
    writeFileSync(join(cwd, 'demo', 'dialogue.ts'), 'mine');
    expect(await cli(['new', 'demo'], { cwd })).toMatchObject({ code: 2 });
    expect(readFileSync(join(cwd, 'demo', 'dialogue.ts'), 'utf8')).toBe('mine');
    copyFileSync(join(fixtures, 'good.chat'), join(cwd, 'file'));
    expect(await cli(['new', 'file'], { cwd })).toMatchObject({ code: 2 });
    expect(existsSync(join(cwd, 'file'))).toBe(true);
  });
});
