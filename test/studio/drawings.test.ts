import { describe, expect, test, vi } from 'vitest';
import { setupDialogue } from 'colloquy';
import desk from '../../examples/support-desk/dialogue.ts';
import { describeDialogues } from '../../src/dialogue/engine/description.ts';
import { boxFinder } from '../../src/graph/box-ids.ts';
import type { BoxDrawing } from '../../src/graph/drawing.ts';
import { SHOWN_AS_ONE_BOX, drawingsOf } from '../../src/graph/drawings.ts';
import { noLayout } from '../../src/graph/layout.ts';
import { transitionKey } from '../../src/testing/coverage/items.ts';

const { createDialogue } = setupDialogue({ types: {} as { context: object } });

describe('the charts of a dialogue', () => {
  test('are drawn with its sub-dialogues, each within its own corner', async () => {
    const { charts, noCharts } = await drawingsOf(desk);
    expect(noCharts).toBeUndefined();
    expect(charts.map(({ name }) => name)).toEqual(['desk', 'refund', 'address', 'bank']);
    const boxes = charts.flatMap((chart) => chart.boxes);
    expect(new Set(boxes.map(({ id }) => id)).size).toBe(boxes.length);
    for (const { width, height, boxes: own } of charts) {
      for (const box of own) {
        expect(box.x).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(width);
        expect(box.y + box.height).toBeLessThanOrEqual(height);
      }
    }
  });

  test('have a box before those within it, its regions, and where its sub-dialogues are drawn', async () => {
    const [chart] = (await drawingsOf(desk)).charts;
    const boxes = chart?.boxes ?? [];
    const seen = new Set<string>();
    for (const { id, parent } of boxes) {
      if (parent !== undefined) expect(seen).toContain(parent);
      seen.add(id);
    }
    const find = (id: string): BoxDrawing | undefined => boxes.find((box) => box.id === id);
    expect(find('desk:talk')).toMatchObject({ parent: 'desk:', isRegion: true });
    expect(find('desk:talk.ready')).toMatchObject({ kind: 'question', isRegion: false });
    expect(find('desk:talk.refund')).toMatchObject({ leadsTo: 'refund' });
  });

  test('name every transition of theirs that leads somewhere else, by its key', async () => {
    const { charts } = await drawingsOf(desk);
    const drawn = charts.flatMap(({ arrows }) => arrows.flatMap(({ transitions }) => transitions));
    const keys = describeDialogues(desk).flatMap(({ states }) =>
      states.flatMap(({ transitions }) => transitions.map(transitionKey)),
    );
    expect(drawn.length).toBeGreaterThan(40);
    for (const key of drawn) expect(keys).toContain(key);
  });

  test('are there at once when the dialogue is loaded again and looks the same', async () => {
    const make = () =>
      createDialogue({ id: 'twice', context: {}, initial: 'one', states: { one: {}, two: {} } });
    const [first, second] = [await drawingsOf(make()), await drawingsOf(make())];
    expect(second).toEqual(first);
  });
});

test('a state of a question is in the box of the question', () => {
  const boxOf = boxFinder(desk, SHOWN_AS_ONE_BOX);
  const states = describeDialogues(desk).flatMap((dialogue) => dialogue.states);
  const asked = states.filter(({ parent }) => parent?.question !== undefined);
  expect(asked.length).toBeGreaterThan(0);
  for (const state of asked) {
    expect(boxOf(state)).toBe(`${state.dialogue}:${state.parent?.path}`);
  }
  for (const state of states) expect(boxOf(state)).toBeDefined();
});

test('a box says how its state is written', async () => {
  const dialogue = createDialogue({
    id: 'written',
    context: {},
    initial: 'one',
    states: {
      one: {
        on: { 'message.text': { guard: ({ event }) => event.text === 'yes', target: 'two' } },
      },
      two: { initial: 'inner', states: { inner: { type: 'final' } } },
    },
  });
  const [chart] = (await drawingsOf(dialogue)).charts;
  const sources = new Map(chart?.boxes.map(({ id, source }) => [id, source]));
  expect(sources.get('written:one')).toMatch(
    /'message\.text': \{[^]*event\.text === ['"]yes['"][^]*target: 'two'/u,
  );
  expect(sources.get('written:two')).toBe("{ initial: 'inner', states: { inner: { … } } }");
});

test('the layouts of 16 dialogues are kept', async () => {
  const nowhere = { width: 0, height: 0, places: new Map(), ways: new Map() };
  const layOutAll = vi.fn<() => Promise<(typeof nowhere)[]>>(async () => [nowhere]);
  const draw = (index: number) =>
    drawingsOf(createDialogue({ id: `kept-${index}`, context: {} }), layOutAll);
  for (let index = 0; index < 17; index += 1) await draw(index);
  expect(layOutAll).toHaveBeenCalledTimes(17);
  await draw(16);
  expect(layOutAll).toHaveBeenCalledTimes(17);
  await draw(0);
  expect(layOutAll).toHaveBeenCalledTimes(18);
});

test('without a layout there are no charts, and a reason', async () => {
  const dialogue = createDialogue({ id: 'bare', context: {} });
  expect(await drawingsOf(dialogue, () => Promise.reject(noLayout(undefined)))).toEqual({
    charts: [],
    noCharts: expect.stringContaining('npm install --save-dev elkjs') as string,
    chartsNeed: 'elkjs',
  });
});

test('a dialogue of 300 states is laid out', async () => {
  const states = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [
      `s${index}`,
      { on: { 'message.text': `s${(index + 1) % 300}`, 'message.*': `s${(index * 7) % 300}` } },
    ]),
  );
  const dialogue = createDialogue({ id: 'large', context: {}, initial: 's0', states });
  const [chart] = (await drawingsOf(dialogue)).charts;
  expect(chart?.boxes).toHaveLength(302);
});
