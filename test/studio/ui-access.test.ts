import axe from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { canShowPages } from '../support/browser.ts';
import { ScriptedDesk } from './ui-desk.ts';
import { say, usePages } from './ui-pages.ts';

const { show } = usePages();

/** What axe has found, as the rule and the element. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

async function talked(): Promise<ScriptedDesk> {
  const desk = new ScriptedDesk();
  for (const message of ['hi', '4']) await desk.request('say', { openid: 'you', message });
  return desk;
}

const LOOKS: readonly [name: string, options: BrowserContextOptions][] = [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['Chinese', { locale: 'zh-CN' }],
  ['of 4K', { viewport: { width: 3840, height: 2160 } }],
];

describe.skipIf(!canShowPages)('the page of Studio, for everybody', () => {
  it.each(LOOKS)('has no fault that axe finds where it is %s', async (_name, options) => {
    // axe is put into the page as a script, which the policy of the page forbids.
    const { page } = await show(await talked(), { ...options, bypassCSP: true });
    await page.locator('.turn').nth(1).click();
    await page.locator('[data-box="table:when"]').click();
    await page.locator('.details .code').waitFor();
    // Colours fade into one another; only those at the end count.
    await page.evaluate('Promise.all(document.getAnimations().map((each) => each.finished))');
    expect(await faultsOf(page)).toEqual([]);
  });

  it('has no fault in any panel where it is narrow, and nothing reaches over its edge', async () => {
    const viewport = { width: 360, height: 740 };
    const { page } = await show(await talked(), { viewport, bypassCSP: true });
    for (const name of ['Chat', 'Chart', 'State', 'Turns']) {
      await page.getByRole('navigation').getByRole('button', { name }).click();
      await page.locator('.panel:visible').waitFor();
      expect(await faultsOf(page)).toEqual([]);
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect(width).toBeLessThanOrEqual(360);
    }
  });

  it('has no fault in its menus and windows', async () => {
    const { page } = await show(await talked(), { bypassCSP: true });
    for (const name of ['Faults', 'Save', 'More']) {
      await page.getByRole('banner').getByRole('button', { name, exact: true }).click();
      await page.locator('.sheet:popover-open').waitFor();
      expect(await faultsOf(page)).toEqual([]);
      await page.keyboard.press('Escape');
    }
    await page.getByRole('button', { name: 'Forget' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });

  it('is worked with the keyboard alone', async () => {
    const { page, desk } = await show();
    await page.getByRole('textbox', { name: 'Message from' }).focus();
    await page.keyboard.type('hi');
    await page.keyboard.press('Enter');
    await page.getByText('How many people?').waitFor();
    await page.keyboard.type('4');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Tomorrow', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Booked for tomorrow.').waitFor();

    await page.keyboard.press('Alt+ArrowLeft');
    expect(await page.locator('.standing code').textContent()).toBe('when');
    await page.keyboard.press('Escape');
    expect(await page.locator('.standing code').textContent()).toBe('booked');
    await page.getByRole('listbox', { name: 'Turns' }).focus();
    await page.keyboard.press('Home');
    expect(await page.locator('.standing code').textContent()).toBe('people');
    const chosen = await page.getByRole('listbox').getAttribute('aria-activedescendant');
    expect(await page.locator(`[id="${chosen}"]`).getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('.standing code').textContent()).toBe('when');

    await page.getByRole('searchbox', { name: 'Find a state' }).focus();
    await page.keyboard.type('book');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'State booked' }).waitFor();
    await page.locator('svg.canvas').focus();
    const before = await page.locator('.ground').getAttribute('transform');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('+');
    expect(await page.locator('.ground').getAttribute('transform')).not.toBe(before);
    expect(desk.requests.filter(([name]) => name === 'say')).toHaveLength(3);
  });

  it('says replies to a screen reader while they arrive, and not while it looks back', async () => {
    const { page } = await show();
    await say(page, 'hi');
    expect(await page.getByRole('log').getAttribute('aria-live')).toBe('polite');
    await page.locator('.turn').first().click();
    await expect.poll(() => page.getByRole('log').getAttribute('aria-live')).toBe('off');
  });

  it('changes its language and its colours, and remembers both', async () => {
    const { page } = await show(await talked());
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('button', { name: '中文' }).click();
    await page.getByRole('button', { name: '深色' }).click();
    const colour = (): Promise<string> =>
      page.evaluate(`getComputedStyle(document.querySelector('.panel.chat')).backgroundColor`);
    await expect.poll(colour).toBe('rgb(24, 27, 31)');
    await page.reload();
    await page.getByRole('button', { name: '撤销' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    expect(await colour()).toBe('rgb(24, 27, 31)');
  });
});
