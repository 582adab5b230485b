import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { canShowPages } from '../support/browser.ts';
import { ScriptedDesk } from './ui-desk.ts';
import { say, usePages } from './ui-pages.ts';

const { show } = usePages();

const activeBoxes = (page: Page): Promise<string[]> =>
  page
    .locator('.box.active')
    .evaluateAll((boxes) => boxes.map((box) => box.getAttribute('data-box') ?? ''));

describe.skipIf(!canShowPages)('the page of Studio', () => {
  it('books by typing and by a button, and the states light up', async () => {
    const { page, desk } = await show();
    await say(page, 'hi');
    await page.getByText('How many people?').waitFor();
    expect(await activeBoxes(page)).toEqual(['table:', 'table:people']);
    await say(page, '4');
    expect(await activeBoxes(page)).toEqual(['table:', 'table:when', 'calendar:', 'calendar:day']);
    await page.getByRole('button', { name: 'Tomorrow', exact: true }).click();
    await page.getByText('Booked for tomorrow.').waitFor();
    expect(desk.requests.findLast(([name]) => name === 'say')?.[1]).toEqual({
      openid: 'you',
      message: { type: 'message.action', value: 'tomorrow', asking: 'a1' },
    });
    await expect.poll(() => activeBoxes(page)).toEqual(['table:', 'table:booked']);
  });

  it('says in its language which package charts need, in the middle of their room', async () => {
    const need = { charts: [], noCharts: 'It is not installed.', chartsNeed: 'elkjs' } as const;
    const told = { en: 'Charts need the package elkjs.', zh: '绘制状态图需要 elkjs 包。' };
    for (const [locale, text] of Object.entries(told)) {
      const { page } = await show(new ScriptedDesk(need), { locale });
      const empty = page.locator('.panel.chart > .empty');
      await empty.getByText(text).waitFor();
      expect(await empty.locator('code').textContent()).toBe('npm install --save-dev elkjs');
      const panel = await page.locator('.panel.chart').boundingBox();
      const room = await empty.boundingBox();
      expect(panel && room && room.y - panel.y).toBeGreaterThan(100);
    }
    const { page } = await show(new ScriptedDesk({ charts: [], noCharts: 'They are late.' }));
    await page.locator('.panel.chart > .empty', { hasText: /^They are late\.$/u }).waitFor();
  });

  it('paints the way of a turn, and says which guards held', async () => {
    const { page } = await show();
    await say(page, 'hi', '4', 'tomorrow');
    expect(await page.locator('.arrow.taken').getAttribute('data-arrow')).toBe('when>booked');
    const why = page.locator('.timeline .steps');
    expect(await why.locator('li.taken').textContent()).toMatch(/isOpen.*✓/u);
    expect(await why.locator('.guard.fails').textContent()).toBe('✗ isClosed');
  });

  it('looks at any turn without changing anything, and comes back to now', async () => {
    const { page, desk } = await show();
    await say(page, 'hi', '4', 'tomorrow');
    const asked = desk.requests.filter(([name]) => name !== 'next').length;
    await page.locator('.turn').first().click();
    expect(await activeBoxes(page)).toEqual(['table:', 'table:people']);
    expect(await page.locator('.column .exchange').count()).toBe(1);
    expect(await page.locator('.standing code').textContent()).toBe('people');
    const slider = page.getByRole('slider', { name: 'Turn to look at' });
    await slider.press('ArrowRight');
    expect(await page.locator('.standing code').textContent()).toBe('when');
    expect(await page.locator('.tree li.added').first().textContent()).toContain('people');
    await slider.press('Home');
    expect(await page.locator('.scrubber output').textContent()).toBe('0 of 3');
    expect(await activeBoxes(page)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await page.locator('.standing code').textContent()).toBe('booked');
    expect(desk.requests.filter(([name]) => name !== 'next')).toHaveLength(asked);
  });

  it('forks from a turn, undoes one, and changes the context', async () => {
    const { page } = await show();
    await say(page, 'hi', '4', 'tomorrow');
    await page.locator('.turn').nth(1).click();
    await page.getByRole('button', { name: 'Fork here' }).click();
    await expect.poll(() => page.locator('.turn').count()).toBe(2);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => page.locator('.turn').count()).toBe(1);
    await expect.poll(() => page.locator('.standing code').textContent()).toBe('people');
    await page.getByRole('button', { name: 'Edit' }).click();
    const field = page.getByRole('textbox', { name: 'Context as JSON' });
    await field.fill('{ "people":');
    expect(await page.getByRole('button', { name: 'Save', exact: true }).last().isDisabled()).toBe(
      true,
    );
    await field.fill('{ "people": 12 }');
    await page.locator('.editor').getByRole('button', { name: 'Save' }).click();
    await page.locator('.tree').getByText('12').waitFor();
  });

  it('sets the clock forward to what is due, and fires a timer', async () => {
    const { page } = await show();
    await say(page, 'hi', '4');
    const timers = page.getByRole('region', { name: 'Timers' });
    expect(await timers.textContent()).toContain('reminder of when');
    expect(await timers.textContent()).toContain('in 10 min');
    await page.getByRole('button', { name: 'Next due (10 min)' }).click();
    await page.getByText('Are you still there?').waitFor();
    expect(await page.locator('.turn.timer').count()).toBe(1);
    expect(await page.locator('.bar .clock').getAttribute('datetime')).toBe(
      '2026-03-02T09:10:00.000Z',
    );
  });

  it('plays the shortest way to a state as a new user', async () => {
    const { page, desk } = await show();
    await say(page, 'hi');
    await page.locator('[data-box="table:when"]').click();
    const details = page.getByRole('complementary', { name: 'State when' });
    expect(await details.textContent()).toContain('nobody asks again');
    expect(await details.textContent()).toContain("on: { 'message.text': … }");
    await details.getByRole('button', { name: 'How to get there' }).click();
    await details.getByText('you: 2').waitFor();
    await details.getByRole('button', { name: 'Play as a new user' }).click();
    await page.getByText('When?').waitFor();
    expect(desk.requests.some(([name]) => name === 'path')).toBe(true);
    await expect.poll(() => activeBoxes(page)).toContain('table:when');
  });

  it('shows several users side by side, and brings earlier messages back with ↑', async () => {
    const { page } = await show();
    await say(page, 'hi', '4');
    await page.getByRole('button', { name: '+ user' }).click();
    const field = page.getByRole('textbox', { name: 'Message from user-2' });
    await field.fill('hello');
    await field.press('Enter');
    await page.getByRole('log', { name: 'Chat of user-2' }).getByText('How many people?').waitFor();
    expect(await page.locator('.standing b').textContent()).toBe('you');
    const first = page.getByRole('textbox', { name: 'Message from you' });
    await first.press('ArrowUp');
    expect(await first.inputValue()).toBe('4');
    await first.press('ArrowUp');
    expect(await first.inputValue()).toBe('hi');
    await first.press('ArrowDown');
    expect(await first.inputValue()).toBe('4');
  });

  it('sends pictures, places and events as what they are', async () => {
    const { page, desk } = await show();
    const sent = (): unknown => desk.requests.findLast(([name]) => name !== 'next');
    await say(page, '[image]');
    expect(sent()).toEqual([
      'say',
      { openid: 'you', message: { type: 'message.image', mediaId: 'image' } },
    ]);
    await say(page, '[location 31.2,121.5 here]');
    expect(sent()).toMatchObject([
      'say',
      { message: { latitude: 31.2, longitude: 121.5, label: 'here' } },
    ]);
    const field = page.getByRole('textbox', { name: 'Message from you' });
    await field.fill('{"type": "event.paid", "amount": 3}');
    await page.getByLabel('Reported by another program').check();
    await field.press('Enter');
    await expect
      .poll(sent)
      .toEqual(['send', { openid: 'you', event: { type: 'event.paid', amount: 3 } }]);
    await field.fill('{"type": ');
    expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true);
  });

  it('switches a service, breaks what may break, and saves', async () => {
    const { page, desk } = await show();
    await say(page, 'hi');
    await page.getByLabel('How findTable behaves').selectOption('fail');
    await page.getByRole('button', { name: 'Faults' }).click();
    await page.getByRole('button', { name: 'Crash and restart' }).click();
    await page.getByRole('button', { name: 'Break saving' }).click();
    await page.getByRole('button', { name: 'Redeliver the last message' }).click();
    await page.getByPlaceholder('Sent first').fill('one');
    await page.getByPlaceholder('Sent second').fill('two');
    await page.getByRole('button', { name: 'Arrive swapped' }).click();
    await page.getByRole('button', { name: 'Next one is late' }).click();
    await expect
      .poll(() => desk.requests.filter(([name]) => name !== 'next' && name !== 'say'))
      .toEqual([
        ['service', { name: 'findTable', mode: 'fail' }],
        ['crash', {}],
        ['break', { what: 'save', times: 1 }],
        ['redeliver', { turn: 1 }],
        ['reorder', { openid: 'you', messages: ['two', 'one'] }],
        ['recognize', { lateMs: 10_000 }],
      ]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Transcript' }).click();
    await page.getByText('# saved as chat').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    expect((await download).suggestedFilename()).toBe('table.chat');
  });

  it('saves the chart as a picture', async () => {
    const { page } = await show();
    await say(page, 'hi');
    for (const format of ['SVG', 'PNG']) {
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: `Chart as ${format}` }).click();
      expect((await download).suggestedFilename()).toBe(`table.${format.toLowerCase()}`);
      await page.keyboard.press('Escape');
    }
  });

  it('shows problems, and what happened while the connection was lost', async () => {
    const { page, desk, server } = await show(new ScriptedDesk(), {}, /ERR_INCOMPLETE_CHUNKED/u);
    await say(page, 'hi');
    await desk.request('say', { openid: 'you', message: 'break' });
    await page.getByRole('alert').getByText('The persister failed.').waitFor();
    await page.getByRole('alert').getByRole('button', { name: 'Close' }).click();
    server.breakConnections();
    await page.getByText('Connection lost').waitFor();
    await desk.request('say', { openid: 'you', message: 'tomorrow' });
    await page.locator('.exchange').nth(2).waitFor();
    await expect.poll(() => page.getByText('Connection lost').count()).toBe(0);
    expect(await page.getByText('How many people?').count()).toBe(1);
  });

  it('offers nothing that the server does not allow, and says what is hidden', async () => {
    const desk = new ScriptedDesk({ kind: 'inspector', powers: [], isRedacted: true });
    await desk.request('say', { openid: 'ann', message: 'hi' });
    const { page } = await show(desk);
    await page.locator('.turn').first().waitFor();
    expect(await page.getByRole('button').allTextContents()).not.toEqual(
      expect.arrayContaining([
        expect.stringMatching(/Send|Undo|Fork|Faults|Edit|Forget|Fire|\+10/u),
      ]),
    );
    expect(await page.locator('.composer').count()).toBe(0);
    await page.getByText('Redacted').waitFor();
    expect(await page.getByRole('region', { name: 'Context' }).textContent()).toContain('hidden');
  });
});
