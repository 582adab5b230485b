import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContextStore, createRunner } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import type { AnyStateMachine } from 'xstate';
import { describe, expect, it } from 'vitest';
import { cli, fixtures, temporaryFolder } from './program.ts';
import tea from './fixtures/tea.ts';

const GOOD = readFileSync(join(fixtures, 'good.chat'), 'utf8').replace('./', '../fixtures/');
const ESCAPE = '\u001b';
const BAD = `${ESCAPE}[31m`;
const GREEN = `${ESCAPE}[32m`;

/** The records that a conversation leaves. */
async function dumpOf(dialogue: AnyStateMachine, ...messages: readonly string[]): Promise<string> {
  const disk = createDisk();
  const store = createContextStore({ persister: memory(disk), clock: createManualClock() });
  const runner = createRunner(dialogue, { store });
  for (const message of messages) {
    await runner.handle('ann', message, { awaitServices: false });
  }
  await runner.stop();
  await store.close();
  return [...disk.records.values()].map((record) => `${JSON.stringify(record)}\n`).join('');
}

describe('what a command has found has colours on a terminal, none in a pipe, and none with NO_COLOR', () => {
  it.each<[string, readonly string[], shows: string]>([
    ['explore that finds a failure', ['explore', '../fixtures/broken.ts'], `${BAD}stuck: `],
    ['explore that finds nothing', ['explore', '../fixtures/tea.ts'], GREEN],
    ['lint', ['lint', '../fixtures/broken.ts'], `${BAD}error `],
    [
      'coverage',
      ['coverage', '../fixtures/tea.ts', 'a.chat'],
      `${ESCAPE}[36mnever walked, states:`,
    ],
    [
      'graph with a way',
      ['graph', '../fixtures/tea.ts', '-t', 'a.chat'],
      `${GREEN}  state "● ordered"`,
    ],
    ['test', ['test', 'a.chat'], `${GREEN}ok${ESCAPE}[0m`],
    ['check', ['check', '../fixtures/broken.ts', '--records', 'dump.jsonl'], BAD],
    [
      'check that all fits',
      ['check', '../fixtures/tea.ts', '--records', 'dump.jsonl'],
      `${GREEN}1 records`,
    ],
  ])('%s', async (_, args, shows) => {
    const cwd = temporaryFolder({ 'a.chat': GOOD, 'dump.jsonl': await dumpOf(tea, 'hi') });
    const outs: string[] = [];
    // One after the other: what watches a dialogue sees every conversation with it.
    for (const env of [{}, { FORCE_COLOR: '1' }, { NO_COLOR: '1' }, { FORCE_COLOR: '0' }]) {
      outs.push((await cli(args, { cwd, env })).out);
    }
    const [plain = '', coloured = '', ...others] = outs;
    expect(coloured).toContain(shows);
    // oxlint-disable-next-line eslint/no-control-regex -- these are the ones
    expect(coloured.replaceAll(/\u001b\[\d+m/gu, '')).toBe(plain);
    expect(plain).not.toContain(ESCAPE);
    expect(others).toEqual([plain, plain]);
  });

  it('on a terminal of itself, unless NO_COLOR is set', async () => {
    const args = ['explore', 'broken.ts'];
    expect((await cli(args, { isTTY: true })).out).toContain(`${BAD}stuck: `);
    const none = await cli(args, { isTTY: true, env: { NO_COLOR: '1' } });
    expect(none.out).not.toContain(ESCAPE);
  });
});

describe('check names what would be dropped as people do', () => {
  /** Version 2 of a dialogue with a timer in a question, one of a state, one by name, and a service. */
  const shop = (version: string, parts: Readonly<Record<string, string>>): string => `
    import { setupDialogue, integer } from 'colloquy';
    import { fromPromise } from 'xstate';
    const { ask, createDialogue, done, reply } = setupDialogue({
      actors: { ${parts['actors'] ?? ''} },
      delays: { aWhile: 120_000 },
    });
    export default createDialogue({
      id: 'shop', version: '${version}', context: {}, initial: 'order',
      states: {
        order: {
          initial: 'count',
          states: {
            count: ask({
              question: 'How many?', parse: integer(), target: '#shop.open', otherwise: '#shop.open',
              ${parts['question'] ?? ''}
            }),
          },
        },
        open: {
          ${parts['open'] ?? ''}
          on: { 'message.text': 'paying', 'message.*': { actions: reply('?') } },
        },
        paying: { ${parts['paying'] ?? ''} on: { 'message.*': { actions: reply('Wait.') } } },
      },
    });`;
  const before = {
    actors: 'price: fromPromise(() => new Promise(() => {})),',
    question: "timeout: { after: { minutes: 10 }, say: 'Well?' },",
    open: "after: { 600000: { actions: reply('Well?') }, aWhile: { actions: reply('So?') } },",
    paying: "invoke: { src: 'price', onDone: 'open', onError: 'open' },",
  };

  it.each<[string, said: readonly string[], names: readonly string[]]>([
    ['a reminder of a question', ['hi'], ['the timer after 10m in shop.order.count']],
    [
      'a reminder of a question, in a retry',
      ['hi', 'x'],
      ['the timer after 10m in shop.order.count'],
    ],
    [
      'timers of a state',
      ['hi', '3'],
      ['the timer after 10m in shop.open', 'the timer after aWhile in shop.open'],
    ],
    ['a service', ['hi', '3', 'pay'], ['the service price']],
  ])('%s', async (_, said, names) => {
    const cwd = temporaryFolder({ 'v1.ts': shop('1', before), 'v2.ts': shop('2', {}) });
    const { default: v1 } = (await import(join(cwd, 'v1.ts'))) as { default: AnyStateMachine };
    const input = await dumpOf(v1, ...said);
    const { code, out } = await cli(['check', 'v2.ts', '--records', '-'], { cwd, input });
    for (const name of names) expect(out).toContain(`${name} would be dropped`);
    expect(out).not.toContain('xstate.');
    expect(code).toBe(1);
    const json = await cli(['check', 'v2.ts', '--records', '-', '--json'], { cwd, input });
    const { findings } = JSON.parse(json.out) as { findings: { drops: string[] }[] };
    expect(findings[0]?.drops).toEqual(names.map((name) => `${name} would be dropped`));
  });

  it('and states as they are written elsewhere', async () => {
    const cwd = temporaryFolder({ 'v1.ts': shop('1', before), 'v2.ts': shop('2', {}) });
    const { default: v1 } = (await import(join(cwd, 'v1.ts'))) as { default: AnyStateMachine };
    const input = await dumpOf(v1, 'hi');
    const { out } = await cli(['check', 'v2.ts', '--records', '-'], { cwd, input });
    expect(out).toContain('ann: order.count.waiting → order.count.waiting  (');
  });
});
