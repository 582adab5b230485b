import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildPages } from '../../tsup.config.ts';
import { canShowPages } from '../support/browser.ts';
import { copyOfExample, root, runCli, startStudio } from './studio-process.ts';
import { say, usePages } from './ui-pages.ts';

/** `colloquy studio` over the examples, as somebody works with it. */

const { open } = usePages();

beforeAll(async () => {
  // The process serves the page of the build.
  if (canShowPages) await buildPages(join(root, 'dist'));
});

async function openDialogue(file: string): Promise<Page> {
  const { url, stop } = await startStudio(root, file);
  onTestFinished(stop);
  const page = await open(url);
  await page.locator('.box').first().waitFor({ timeout: 60_000 });
  return page;
}

async function openExample(
  name: string,
): Promise<{ readonly page: Page; readonly folder: string }> {
  const { folder, remove } = await copyOfExample(name);
  onTestFinished(remove);
  const { url, stop } = await startStudio(folder);
  onTestFinished(stop);
  const page = await open(url);
  await page.locator('.box').first().waitFor({ timeout: 60_000 });
  return { page, folder };
}

const active = (page: Page, box: string): Promise<void> =>
  page.locator(`.box.active[data-box="${box}"]`).waitFor();

describe.skipIf(!canShowPages)('colloquy studio', () => {
  it('books a table, and takes the conversation apart', async () => {
    const { page, folder } = await openExample('web-chat');
    await say(page, 'a table for 4 tomorrow at 7pm');
    await active(page, 'restaurant:booking.name');
    await say(page, 'Ann', '+65 6123 4567');
    await page.getByText('Is that right?').waitFor();
    await active(page, 'restaurant:booking.confirm');
    expect(await page.locator('.tree .added').textContent()).toContain('+6561234567');

    await page.getByRole('button', { name: 'Next due (10 min)' }).click();
    await page.locator('.turn.timer').waitFor();
    await page.getByText('reminder of confirm').first().waitFor();

    await page.getByLabel('How findTable behaves').selectOption('fail');
    await page.getByRole('button', { name: 'Yes', exact: true }).last().click();
    await active(page, 'restaurant:failed');
    await page.getByRole('button', { name: 'Undo' }).click();
    await active(page, 'restaurant:booking.confirm');

    await page.getByLabel('How findTable behaves').selectOption('stub');
    await page.locator('.turn').nth(2).click();
    await page.getByRole('button', { name: 'Fork here' }).click();
    await expect.poll(() => page.locator('.turn').count()).toBe(3);
    await page.getByRole('button', { name: 'Yes', exact: true }).last().click();
    await active(page, 'restaurant:booked');

    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Transcript' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    await (await download).saveAs(join(folder, 'saved.chat'));
    expect(await readFile(join(folder, 'saved.chat'), 'utf8')).toContain('> Ann\n');
    const { status, printed } = await runCli(folder, ['test', 'saved.chat']);
    expect(printed).toContain('saved.chat');
    expect(status).toBe(0);
  });

  it('takes over a conversation as its operator, and gives it back', async () => {
    const { page } = await openExample('takeover');
    await say(page, 'hi', 'human', 'Ann');
    const inbox = page.getByLabel('Conversations for an operator');
    await inbox.getByText('you waits for an operator').waitFor();
    const operator = page.getByRole('form', { name: 'Operator' });
    await operator.getByRole('button', { name: 'Take' }).click();
    await operator.getByText('With op').waitFor();
    await operator.getByLabel('Say something as the operator').fill('Hello, this is Bob.');
    await operator.getByLabel('Say something as the operator').press('Enter');
    await page.locator('.log').getByText('Hello, this is Bob.').first().waitFor();
    await operator.getByRole('button', { name: 'Leave' }).click();
    await operator.getByText('Waits for an operator').waitFor();
    await operator.getByLabel('Say something as the operator').fill('solved');
    await operator.getByRole('button', { name: 'Give back' }).click();
    await operator.waitFor({ state: 'detached' });
    expect(await inbox.count()).toBe(0);
  });

  it('shows what a model is asked and answers, its draft and its tokens, and asks it once', async () => {
    const page = await openDialogue('test/studio/advisor-dialogue.ts');
    const field = page.getByRole('textbox', { name: 'Message from' });
    await field.fill('What is a pear?');
    await field.press('Enter');
    await page.locator('.bubble.draft').getByText('A pear').waitFor();
    await page.locator('.record .model-call').nth(1).getByText('running').waitFor();
    expect(await page.locator('.turn').count()).toBe(0);

    await page.getByRole('button', { name: '+ user' }).click();
    await field.nth(1).fill('go on');
    await field.nth(1).press('Enter');
    await page.locator('.bubble').getByText('A pear is 3.').waitFor();
    await page.locator('.bubble').getByText('Anything else?').waitFor();
    expect(await page.locator('.bubble.draft').count()).toBe(0);
    const models = page.locator('.record').getByRole('region', { name: 'Models' });
    expect(await models.textContent()).toContain('2 calls100 → 14 tokens');

    const calls = page.locator('.timeline .model-call');
    expect(await calls.locator('summary').allTextContents()).toEqual([
      expect.stringMatching(/^fruit-model agent helper → price_of40 → 8 tokens/u),
      expect.stringMatching(/^fruit-model agent helper answered60 → 6 tokens/u),
    ]);
    await calls.nth(1).locator('summary').click();
    expect(await calls.nth(1).locator('.part').allTextContents()).toEqual([
      'systemYou sell fruit.',
      'userWhat is a pear?',
      'model→ price_of {"fruit":"pear"}',
      'tool price_of{"price":3}',
      expect.stringContaining('price_of The price of a fruit.'),
      'answerA pear is 3.',
    ]);

    // The script of the model has no third answer.
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => page.locator('.turn').count()).toBe(1);
    await page.locator('.bubble').getByText('A pear is 3.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => page.locator('.turn').count()).toBe(0);
    await say(page, 'What is a pear?');
    await page.locator('.bubble').getByText('A pear is 3.').waitFor();
    await page.locator('.turn').first().click();
    await page.getByRole('button', { name: 'Fork here' }).click();
    await page.locator('.bubble').getByText('Anything else?').waitFor();
    expect(await page.locator('.model-call').count()).toBe(0);
  });

  it('loads a changed file again, and the conversation stands', async () => {
    const { page, folder } = await openExample('telegram');
    await say(page, 'hi', 'yes');
    await page.locator('.bubble').getByText('How old are you?').waitFor();
    const path = join(folder, 'dialogue.ts');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('How old are you?', 'What is your age?'));
    await page.locator('.badge.reload').waitFor();
    await active(page, 'survey:age');
    expect(await page.locator('.column .exchange').count()).toBe(2);
    await say(page, 'help');
    await page.locator('.bubble').getByText('What is your age?').waitFor();
    await page.locator('.canvas').getByText('What is your age?').waitFor();
    expect(await page.locator('.standing code').textContent()).toBe('age');
  });

  it('shows both regions and the sub-dialogue, and plays the nearest way to a state', async () => {
    const { page } = await openExample('support-desk');
    await say(page, 'refund 1043');
    await page.getByText('What is the matter with order 1043?').waitFor();
    await active(page, 'desk:talk.refund');
    await active(page, 'desk:aside');
    await active(page, 'refund:');
    const search = page.getByRole('searchbox', { name: 'Find a state' });
    await search.fill('desk:talk.delivery');
    await search.press('Enter');
    await page.getByRole('button', { name: 'How to get there' }).click();
    await page.getByRole('button', { name: 'Play as a new user' }).click({ timeout: 60_000 });
    await active(page, 'desk:talk.delivery');
    expect(await page.locator('.standing b').textContent()).not.toBe('you');
  });
});
