import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setupDialogue, text, toMermaid } from 'colloquy';
import { Window } from 'happy-dom';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AnyStateMachine, and, createMachine, not, setup, stateIn } from 'xstate';
import { isMachine } from '../../src/dialogue/engine/machine-walk.ts';
import { readPages, root } from '../docs/pages.ts';
import * as dialogues from '../testing/converse/dialogues.ts';

interface Mermaid {
  parse(text: string): Promise<unknown>;
}

const parsers = new Map<string, Mermaid>();

beforeAll(async () => {
  const window = new Window();
  Object.assign(globalThis, { window, document: window.document, Element: window.Element });
  for (const name of ['mermaid', 'mermaid-11']) {
    const { default: mermaid } = (await import(name)) as { readonly default: Mermaid };
    parsers.set(name, mermaid);
  }
});

/** What the parsers say against a diagram; nothing where both take it. */
async function problemsOf(diagram: string): Promise<string[]> {
  const problems: string[] = [];
  for (const [name, mermaid] of parsers) {
    const problem = (error: unknown): number =>
      problems.push(`${name}: ${String(error)}\n${diagram}`);
    await mermaid.parse(diagram).catch(problem);
  }
  return problems;
}

async function examples(): Promise<[string, AnyStateMachine][]> {
  const found: [string, AnyStateMachine][] = [];
  for (const name of readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('dialogue.ts') || name.includes('node_modules')) continue;
    const module = (await import(join(root, 'examples', name))) as Record<string, unknown>;
    for (const value of Object.values(module)) if (isMachine(value)) found.push([name, value]);
  }
  return found;
}

/** Labels and names with all that has a meaning in Mermaid, or in XML. */
const ODD = [
  'say "hi"',
  "it's",
  'a: b',
  'one; two',
  'issue #5',
  'a {b} [c] (d)',
  '<br/> & <b>',
  '你好，世界',
  'first\nsecond',
  'a --> b',
  'a %% b',
  'state x as y',
  '::: css',
  '`code` and $$x$$',
  'back\\slash',
  '--',
  '[*]',
  ' spaces ',
  'end',
  '',
];

const { ask, createDialogue, done } = setupDialogue({});

/** A machine whose names are not known to its types. */
function machineOf(config: object): AnyStateMachine {
  return createMachine(config as never) as unknown as AnyStateMachine;
}

describe('Mermaid parses the diagram', () => {
  it('of every example and of every page', async () => {
    const found = await examples();
    expect(found.length).toBeGreaterThan(3);
    for (const [, dialogue] of found) expect(await problemsOf(toMermaid(dialogue))).toEqual([]);
    for (const dialogue of Object.values(dialogues))
      expect(await problemsOf(toMermaid(dialogue))).toEqual([]);
    for (const { diagrams } of readPages().map(({ path, text: page }) => ({
      path,
      diagrams: [...page.matchAll(/^```mermaid\n(.*?)^```$/gmsu)].map(([, block = '']) => block),
    }))) {
      for (const diagram of diagrams) expect(await problemsOf(diagram)).toEqual([]);
    }
  });

  it.each(ODD)('with the words %j as description, delay, guard and service', async (odd) => {
    const name = odd === '' ? 'empty' : odd;
    expect(
      await problemsOf(
        toMermaid(
          createDialogue({
            id: 'odd',
            context: {},
            initial: 'a',
            states: {
              a: { on: { 'message.*': { target: 'b', description: odd } } },
              b: done(odd),
            },
          }),
        ),
      ),
    ).toEqual([]);
    const machine = setup({
      guards: { [name]: () => true },
      delays: { [name]: 5 },
    }).createMachine({
      id: 'odd',
      initial: 'a',
      states: {
        a: {
          after: { [name]: 'b' },
          on: { 'message.text': { guard: name, target: 'b' } },
        },
        b: {},
      },
    });
    expect(await problemsOf(toMermaid(machine as AnyStateMachine))).toEqual([]);
  });

  it.each(ODD.filter((odd) => !odd.includes('.') && odd !== ''))(
    'with the state %j, alone and with states in it',
    async (key) => {
      expect(
        await problemsOf(
          toMermaid(
            machineOf({
              id: 'odd',
              initial: key,
              states: {
                [key]: {
                  initial: key,
                  on: { 'message.*': 'plain' },
                  states: { [key]: { on: { 'message.text': 'other' } }, other: { type: 'final' } },
                },
                plain: { type: 'final' },
              },
            }),
          ),
        ),
      ).toEqual([]);
    },
  );

  it.each([
    'start',
    'end',
    'state',
    'note',
    'direction',
    'class',
    'classDef',
    'style',
    'click',
    'default',
    'fork',
    'join',
    'choice',
    'as',
    'root',
    'href',
    'scale',
    'hide',
    'title',
    'constructor',
    '1',
    'LR',
    'TB',
    'accTitle',
    'dialogue',
    'anywhere',
    'state_1',
    'endState',
    'end_1',
    'hide',
    'accDescr',
    'STATE',
    'defaultValue',
    'notes',
    'assign',
    'stateDiagram',
  ])('with states of the name %s', async (name) => {
    const inner = { initial: name, states: { [name]: { on: { 'message.*': 'end' } }, end: {} } };
    expect(
      await problemsOf(
        toMermaid(
          machineOf({
            id: name,
            initial: name,
            on: { 'event.follow': `.${name}` },
            states: { [name]: inner, start: inner, end: { type: 'final' } },
          }),
        ),
      ),
    ).toEqual([]);
  });

  it('of a root that is parallel, with regions of all kinds', async () => {
    const region = (key: string): object => ({
      initial: 'start',
      on: { 'event.follow': '.end' },
      states: {
        start: { on: { 'message.text': 'end', 'message.image': `#odd.${key}.hist` } },
        hist: { type: 'history' },
        end: { type: 'final' },
      },
    });
    expect(
      await problemsOf(
        toMermaid(
          machineOf({
            id: 'odd',
            type: 'parallel',
            on: { 'event.unfollow': '.one.end' },
            states: {
              one: region('one'),
              two: region('two'),
              three: {},
              four: { on: { 'message.*': 'three' } },
            },
          }),
        ),
      ),
    ).toEqual([]);
  });

  it('of guards that are put together', async () => {
    const machine = setup({ guards: { isOpen: () => true, isLate: () => false } }).createMachine({
      id: 'odd',
      initial: 'a',
      states: {
        a: {
          on: {
            'message.text': { guard: not('isOpen'), target: 'b' },
            'message.image': { guard: and(['isOpen', not('isLate')]), target: 'b' },
            'message.*': { guard: stateIn('a'), target: 'b' },
          },
        },
        b: {},
      },
    });
    expect(await problemsOf(toMermaid(machine as AnyStateMachine))).toEqual([]);
    expect(toMermaid(machine as AnyStateMachine)).toContain('message.text [not isOpen]');
    expect(toMermaid(machine as AnyStateMachine)).toContain(
      'message.image [isOpen and not isLate]',
    );
  });

  it('of a question in a state in a state', async () => {
    expect(
      await problemsOf(
        toMermaid(
          createDialogue({
            id: 'deep',
            context: {},
            initial: 'outer',
            states: {
              outer: {
                initial: 'inner',
                states: {
                  inner: {
                    initial: 'q',
                    states: { q: ask({ question: '?', parse: text(), target: 'z' }), z: {} },
                  },
                },
              },
            },
          }),
        ),
      ),
    ).toEqual([]);
  });
});
