import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ArrowDrawing, BoxDrawing, ChartDrawing } from '../../src/graph/drawing.ts';
import type { TurnEntry } from '../../src/studio/wire.ts';
import { canShowPages } from '../support/browser.ts';
import { START, ScriptedDesk } from './ui-desk.ts';
import { usePages } from './ui-pages.ts';

const { show, folder } = usePages();

/** The maximum of bytes of the page, compressed as a server sends it. */
const MAX_GZIP = 60_000;

function manyTurns(count: number): readonly TurnEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    turn: index + 1,
    openid: `user-${index % 7}`,
    at: START + index * 1000,
    cause: 'message',
    message: { type: 'message.text', text: `message ${index + 1}` },
    label: `message ${index + 1}`,
    outcome: index % 10 === 0 ? 'unhandled' : 'replied',
    replies: [{ type: 'text', text: `answer ${index + 1}` }],
    phases: [{ name: 'step', ms: 1 }],
    way: [],
  }));
}

/** States in a grid, each with an arrow to the next one. */
function largeChart(count: number): ChartDrawing {
  const place = (index: number): { readonly x: number; readonly y: number } => ({
    x: 20 + (index % 20) * 150,
    y: 40 + Math.floor(index / 20) * 90,
  });
  const boxes = Array.from({ length: count }, (_, index): BoxDrawing => ({
    id: `large:s${index}`,
    parent: 'large:',
    kind: 'state',
    title: `s${index}`,
    note: '',
    isRegion: false,
    width: 100,
    height: 34,
    ...place(index),
  }));
  const arrows = Array.from({ length: count * 2 }, (_, index): ArrowDrawing => {
    const [from, to] = [index % count, (index * 7 + 1) % count];
    return {
      id: `a${index}`,
      from: `large:s${from}`,
      to: `large:s${to}`,
      points: [place(from), place(to)],
      lines: [`event ${index}`],
      transitions: [`t${index}`],
      labelAt: place(from),
    };
  });
  const root: BoxDrawing = {
    id: 'large:',
    kind: 'dialogue',
    title: 'large',
    note: '',
    isRegion: false,
    x: 0,
    y: 0,
    width: 3040,
    height: 1500,
  };
  return { name: 'large', width: 3040, height: 1500, boxes: [root, ...boxes], arrows };
}

describe.skipIf(!canShowPages)('the page of Studio', () => {
  it('weighs 60 kB at most, and needs nothing but its own files', async () => {
    const names = (await readdir(folder())).toSorted();
    expect(names).toEqual(['index.html', 'studio.css', 'studio.js']);
    const files = await Promise.all(names.map((name) => readFile(join(folder(), name))));
    const bytes = files.reduce((sum, file) => sum + gzipSync(file).length, 0);
    expect(bytes).toBeLessThanOrEqual(MAX_GZIP);
    const text = files.join('\n').replaceAll(/http:\/\/www\.w3\.org\/[\w/]+/gu, '');
    expect(text.match(/https?:\/\/(?!example\.com)[\w.]+/gu)).toBeNull();
  });

  it('shows 10 000 turns of which it draws only those in sight, and finds one', async () => {
    const desk = new ScriptedDesk();
    desk.keep(manyTurns(10_000));
    const { page } = await show(desk);
    await page.locator('.turn[aria-posinset="10000"]').waitFor();
    expect(await page.locator('.turn').count()).toBeLessThan(80);
    const list = page.getByRole('listbox', { name: 'Turns' });
    await list.focus();
    await page.keyboard.press('Home');
    await page.locator('.turn[aria-posinset="1"][aria-selected="true"]').waitFor();
    await page.getByRole('slider', { name: 'Turn to look at' }).fill('5000');
    await page.locator('.turn[aria-posinset="5000"][aria-selected="true"]').waitFor();
    expect(await page.locator('.turn').count()).toBeLessThan(80);
    await page.getByRole('searchbox', { name: 'Find a turn' }).fill('answer 7777');
    await expect.poll(() => page.locator('.turn').count()).toBe(1);
    await page.getByRole('searchbox', { name: 'Find a turn' }).fill('');
    await page.getByLabel('Kind of turn').selectOption('unhandled');
    await page.getByText('1000 of 10000').waitFor();
  });

  it('draws 300 states, and paints a turn without drawing them again', async () => {
    const desk = new ScriptedDesk({ charts: [largeChart(300)] });
    const [first] = manyTurns(1);
    const { page } = await show(desk);
    expect(await page.locator('.box').count()).toBe(301);
    expect(await page.locator('.arrow').count()).toBe(600);
    await page.evaluate(`globalThis.changed = new Promise((resolve) => {
      const ground = document.querySelector('.ground');
      const observer = new MutationObserver((changes) => {
        const own = changes.filter(({ target }) => target !== ground);
        if (own.length > 0) resolve(own.length);
      });
      observer.observe(ground, { subtree: true, childList: true, attributes: true });
    }); 0`);
    const way = [{ from: 'large:s3', transition: 't3', event: 'e', isTaken: true }];
    desk.emit({ name: 'turn', data: { ...(first as TurnEntry), openid: 'you', way } });
    expect(await page.evaluate<number>('globalThis.changed')).toBeLessThan(10);
    expect(await page.locator('.arrow.taken').count()).toBe(1);
    await page.getByRole('searchbox', { name: 'Find a state' }).fill('s299');
    expect(await page.locator('.box.match').count()).toBe(1);
  });

  it('folds a state away, and paints what was never reached', async () => {
    const { page, desk } = await show();
    await desk.request('say', { openid: 'you', message: 'hi' });
    await page.locator('.box.active').first().waitFor();
    await page.getByLabel('Coverage').check();
    await page.getByText('2/5 states, 1/3 transitions').waitFor();
    expect(await page.locator('.box.unwalked').count()).toBeGreaterThan(1);
    await page.locator('[data-box="table:"] .title').click();
    await page.getByRole('button', { name: 'Collapse' }).click();
    await expect.poll(() => page.locator('[data-chart="table"] .box').count()).toBe(1);
    await page.getByRole('button', { name: 'Unfold' }).click();
    await expect.poll(() => page.locator('[data-chart="table"] .box').count()).toBe(5);
  });
});
