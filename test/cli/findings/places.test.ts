import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isForm } from '../../../src/dialogue/engine/form-mark.ts';
import {
  type StateDescription,
  describeDialogues,
} from '../../../src/dialogue/engine/description.ts';
import { readSources } from '../../../src/cli/findings/places.ts';
import { createRestaurant } from '../../../examples/web-chat/dialogue.ts';
import { createTables } from '../../../examples/web-chat/tables.ts';
import desk from '../../../examples/support-desk/dialogue.ts';
import survey from '../../../examples/telegram/dialogue.ts';
import echo from '../../../examples/wechat-echo/dialogue.ts';
import { root, temporaryFolder } from '../program.ts';

/** The text of the line at which a state is found. */
async function lineOf(
  files: Readonly<Record<string, string>>,
  dialogue: string,
  path: string,
): Promise<string> {
  const folder = temporaryFolder(files);
  const find = await readSources(join(folder, 'main.ts'));
  const { path: file, line } = find(dialogue, path);
  const name = file.slice(folder.length + 1);
  if (line === undefined) return name;
  return `${name}: ${files[name]?.split('\n')[line - 1]?.trim()}`;
}

const NESTED = `
// A text with states: { a: { and "a quote
const decoy = { states: { a: 1 } };
const words = setupDialogue({ intents: { id: 'main' } });
export default words.createDialogue({
  id: 'main', // as { is
  on: { 'message.*': { guard: /[/}{]/.test(\`a \${b ? '}' : "{"} \\\`{\`) } },
  context: (): { a: number } => ({ a: 1 / 2 }),
  initial: 'a',
  states: {
    a: words.ask({ question: '{', target: { yes: 'b' }, assign: ({ value }) => ({ b: value }) }),
    'b c': {
      type: 'parallel',
      states: {
        left: { initial: 'x',
          states: { x: {},
            y: { entry: () => { if (1) { return { states: { no: 1 } }; } } } } },
        right: {},
      },
    },
    order: words.form({
      slots: {
        size: { question: 'Size?' },
        2: { question: '2?' },
      },
    }),
  },
});
`;

describe('the place of a state', () => {
  it.each<[string, string]>([
    ['', "id: 'main', // as { is"],
    [
      'a',
      "a: words.ask({ question: '{', target: { yes: 'b' }, assign: ({ value }) => ({ b: value }) }),",
    ],
    ['b c', "'b c': {"],
    ['b c.left.x', 'states: { x: {},'],
    ['b c.left.y', 'y: { entry: () => { if (1) { return { states: { no: 1 } }; } } } } },'],
    ['b c.right', 'right: {},'],
    ['order.size', "size: { question: 'Size?' },"],
    ['order.2', "2: { question: '2?' },"],
    ['order.confirm', 'order: words.form({'],
    ['nowhere', "id: 'main', // as { is"],
  ])("'%s' is the line of its key, or of the nearest one above it", async (path, line) => {
    expect(await lineOf({ 'main.ts': NESTED }, 'main', path)).toBe(`main.ts: ${line}`);
  });

  it('is the file alone, where no dialogue with that id is written', async () => {
    expect(await lineOf({ 'main.ts': NESTED }, 'other', 'a')).toBe('main.ts');
    expect(await lineOf({}, 'other', 'a')).toBe('main.ts');
  });

  const PARTS = {
    'main.ts': `
import type { T } from './nothing';
import { child, part as inner } from './child.js';
export { more } from './more';
const pricing = (fails) => ({
  states: { asking: {} },
});
function late(ms: number) {
  const more = { states: { no: {} } };
  return {
    states: { waits: {} },
  };
}
const own = { initial: 'x', states: {
  x: {},
} };
export default createDialogue({ id: 'main', initial: 'own', states: {
  own,
  pricing: pricing(true),
  late: late(5),
  inner, } });`,
    'child.ts': `
export const child = setup({}).createMachine({
  id: \`child\`, states: {
    first: {},
  },
});
export const inner = createStateConfig({ states: {
  deep: {},
} });`,
    'more.ts': "export const more = createDialogue({ id: 'more', states: { here: {} } });",
  };

  it.each<[string, string, string]>([
    ['main', 'own.x', 'main.ts: x: {},'],
    ['main', 'pricing.asking', 'main.ts: states: { asking: {} },'],
    ['main', 'late.waits', 'main.ts: states: { waits: {} },'],
    ['main', 'late', 'main.ts: late: late(5),'],
    [
      'more',
      'here',
      "more.ts: export const more = createDialogue({ id: 'more', states: { here: {} } });",
    ],
  ])('of %s, %s, is found behind names', async (dialogue, path, line) => {
    expect(await lineOf(PARTS, dialogue, path)).toBe(line);
  });

  it('is found behind what is imported', async () => {
    expect(await lineOf(PARTS, 'child', 'first')).toBe('child.ts: first: {},');
    const files = { ...PARTS, 'child.ts': PARTS['child.ts'].replace('inner', 'part') };
    expect(await lineOf(files, 'main', 'inner.deep')).toBe('main.ts: inner, } });');
    const same = PARTS['main.ts'].replace('part as inner', 'inner');
    expect(await lineOf({ ...PARTS, 'main.ts': same }, 'main', 'inner.deep')).toBe(
      'child.ts: deep: {},',
    );
  });

  it.each(
    Object.entries({
      'web-chat': createRestaurant(createTables()),
      telegram: survey,
      'support-desk': desk,
      'wechat-echo': echo,
    }),
  )('is the line of its key for every state of the example %s', async (name, dialogue) => {
    const find = await readSources(join(root, 'examples', name, 'dialogue.ts'));
    for (const { id, states } of describeDialogues(dialogue)) {
      for (const state of states.filter(({ path, parent }) => path !== '' && isWritten(parent))) {
        const { path, key } = state;
        const { path: file, line = 0 } = find(id, path);
        const text = readFileSync(file, 'utf8').split('\n')[line - 1];
        const hasKey = new RegExp(`\\b${key}\\b`, 'u');
        expect({ path, text }).toEqual({ path, text: expect.stringMatching(hasKey) as string });
      }
    }
  });
});

/** Whether the states in a state are written by its author, and not made by a word. */
function isWritten(state: StateDescription | undefined): boolean {
  if (state === undefined) return true;
  return state.question === undefined && !isForm(state.definition) && isWritten(state.parent);
}
