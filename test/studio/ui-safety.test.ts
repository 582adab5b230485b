import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { BoxDrawing } from '../../src/graph/drawing.ts';
import type { Reply } from '../../src/reply.ts';
import { canShowPages } from '../support/browser.ts';
import { CHART, ScriptedDesk } from './ui-desk.ts';
import { usePages } from './ui-pages.ts';

const { show } = usePages();

/** Runs wherever a text is taken for markup. */
const EVIL = `"'><img src=x onerror="globalThis.ran=1"><script>globalThis.ran=1</script><svg onload="globalThis.ran=1">`;

const REPLIES: readonly Reply[] = [
  { type: 'text', text: EVIL },
  { type: 'choices', text: EVIL, options: [{ value: EVIL, label: EVIL }], asking: EVIL },
  { type: 'image', url: 'javascript:globalThis.ran=1', mediaId: EVIL, alt: EVIL },
  { type: 'image', url: 'data:image/svg+xml,<svg onload="globalThis.ran=1"/>', alt: EVIL },
  { type: 'voice', url: 'javascript:globalThis.ran=1', mediaId: EVIL },
  { type: 'video', url: EVIL, title: EVIL, description: EVIL },
  { type: 'music', url: 'javascript:globalThis.ran=1', title: EVIL, thumbnailId: EVIL },
  {
    type: 'news',
    articles: [
      { title: EVIL, url: 'javascript:globalThis.ran=1', description: EVIL, imageUrl: EVIL },
    ],
  },
  { type: 'handoff', to: EVIL },
  { type: 'raw', channel: EVIL, payload: { [EVIL]: EVIL } },
  { type: EVIL, text: EVIL } as unknown as Reply,
];

/** A desk all of whose texts, names, labels and openids try to run. */
function evilDesk(): ScriptedDesk {
  const [root, ...rest] = CHART.boxes;
  const box = {
    ...(root as BoxDrawing),
    id: `table:${EVIL}`,
    title: EVIL,
    note: EVIL,
    source: EVIL,
  };
  const desk = new ScriptedDesk({
    dialogue: { id: EVIL, version: EVIL, structure: EVIL, file: EVIL },
    charts: [
      {
        ...CHART,
        name: EVIL,
        boxes: [box, ...rest].map((each) => ({ ...each, leadsTo: EVIL })),
        arrows: CHART.arrows.map((arrow) => ({ ...arrow, id: EVIL + arrow.id, lines: [EVIL] })),
      },
    ],
    findings: [{ rule: EVIL, severity: 'error', text: EVIL, box: box.id, file: EVIL }],
    reload: { how: 'kept', why: EVIL },
  });
  const view = {
    openid: EVIL,
    revision: 1,
    savedAt: 0,
    status: 'active' as const,
    active: [box.id],
    state: EVIL,
    context: { [EVIL]: EVIL, list: [EVIL] },
    children: { [EVIL]: { [EVIL]: EVIL } },
    timers: [{ id: EVIL, actor: EVIL, name: EVIL, dueAt: 1 }],
    services: [{ id: EVIL, actor: EVIL, src: EVIL }],
    outbox: [{ id: EVIL, reply: REPLIES[0] as Reply }],
    seen: { count: 1, last: [EVIL] },
    waiting: 0,
    lease: { holder: EVIL, until: 1 },
  };
  desk.keep([
    {
      turn: 1,
      openid: EVIL,
      at: 0,
      cause: 'message',
      message: { type: 'message.action', value: EVIL, label: EVIL },
      label: EVIL,
      id: EVIL,
      outcome: EVIL,
      replies: REPLIES,
      error: { code: EVIL, text: EVIL },
      phases: [{ name: EVIL, ms: 1 }],
      way: [
        {
          from: box.id,
          transition: EVIL,
          event: EVIL,
          isTaken: true,
          guard: { name: EVIL, holds: true },
        },
      ],
      before: { ...view, context: {} },
      after: view,
    },
  ]);
  return desk;
}

/** Whether anything ran, or became markup that could. */
async function dangersIn(page: Page): Promise<unknown> {
  return page.evaluate(`({
    ran: globalThis.ran ?? 'nothing',
    images: [...document.querySelectorAll('img')].map(({ src }) => src),
    scripts: document.querySelectorAll('#studio script').length,
    links: [...document.querySelectorAll('a')].map(({ href }) => href),
    handlers: [...document.querySelectorAll('*')].filter((element) =>
      [...element.attributes].some(({ name }) => name.startsWith('on')),
    ).length,
  })`);
}

const NOTHING = { ran: 'nothing', images: [], scripts: 0, links: [], handlers: 0 };

describe.skipIf(!canShowPages)('the page of Studio takes every text for a text', () => {
  it('in replies, names, labels, states, contexts and openids', async () => {
    const { page, desk } = await show(evilDesk());
    await page.locator('.turn').first().click();
    await page.locator('.bubble').nth(REPLIES.length).waitFor();
    desk.emit({ name: 'problem', data: { code: EVIL, text: EVIL } });
    await page.locator('.problems p').waitFor();
    const search = page.getByRole('searchbox', { name: 'Find a state' });
    await search.fill('onerror');
    await search.press('Enter');
    await page.locator('.chart .details .finding').waitFor();
    await page.getByRole('button', { name: 'JSON' }).click();
    expect(await dangersIn(page)).toEqual(NOTHING);
  });

  it('in prompts, tools and answers of models, and in drafts', async () => {
    const words = { length: EVIL.length, text: EVIL };
    const { page, desk } = await show(evilDesk());
    desk.emit({
      name: 'model',
      data: {
        call: 1,
        turn: 1,
        openid: EVIL,
        by: { kind: 'service', name: EVIL },
        model: EVIL,
        at: 0,
        isStreamed: true,
        messages: [
          { role: 'system', ...words },
          { role: 'assistant', ...words, calls: [{ name: EVIL, input: words }] },
          { role: 'tool', tool: EVIL, ...words },
        ],
        omitted: 1,
        tools: [{ name: EVIL, description: words, parameters: words }],
        wantsValue: true,
        schema: words,
        end: {
          how: 'failed',
          at: 0,
          ms: 1,
          words,
          calls: [{ name: EVIL, input: words }],
          value: words,
          finish: EVIL,
          error: { code: EVIL, reason: EVIL, text: EVIL },
        },
      },
    });
    desk.emit({ name: 'draft', data: { openid: EVIL, id: EVIL, ...words } });
    await page.locator('.bubble.draft').waitFor();
    await page.locator('.timeline .model-call summary').click();
    await page.locator('.model-call .failure').waitFor();
    expect(await dangersIn(page)).toEqual(NOTHING);
  });

  it('in what is saved, in what a channel would send and in the way to a state', async () => {
    const desk = evilDesk();
    desk.request = async (name) => {
      const answers: Record<string, unknown> = {
        save: { name: EVIL, text: EVIL },
        preview: { parts: [EVIL, { [EVIL]: EVIL }], unsent: EVIL },
        path: { messages: [], lines: [EVIL] },
        next: { inputs: [{ label: EVIL, message: { type: 'message.text', text: EVIL } }] },
      };
      return answers[name] as never;
    };
    const { page } = await show(desk);
    await page.locator('.chips button').first().waitFor();
    await page.getByRole('button', { name: 'What a channel sends' }).first().click();
    await page.locator('dialog .code').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Save', exact: true }).first().click();
    await page.getByRole('button', { name: 'Transcript' }).click();
    await page.locator('dialog .code').waitFor();
    expect(await dangersIn(page)).toEqual(NOTHING);
  });

  it('opens links to the web alone, and fetches a picture only when asked', async () => {
    const desk = new ScriptedDesk();
    const asked: string[] = [];
    desk.keep([
      {
        turn: 1,
        openid: 'you',
        at: 0,
        cause: 'timer',
        label: 'tick',
        outcome: 'replied',
        replies: [
          { type: 'image', url: 'https://pictures.example/a.png', alt: 'a table' },
          { type: 'news', articles: [{ title: 'News', url: 'http://news.example/1' }] },
        ],
        phases: [],
        way: [],
      },
    ]);
    const { page } = await show(desk);
    await page.route('https://pictures.example/**', (route) => {
      asked.push(route.request().url());
      return route.fulfill({
        contentType: 'image/png',
        body: Buffer.from(
          'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==',
          'base64',
        ),
      });
    });
    const link = page.getByRole('link', { name: 'News' });
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
    expect(asked).toEqual([]);
    await page.getByRole('button', { name: 'Show the picture' }).click();
    await page.getByRole('img', { name: 'a table' }).waitFor();
    await expect.poll(() => asked).toEqual(['https://pictures.example/a.png']);
  });
});
