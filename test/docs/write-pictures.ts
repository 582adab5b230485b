import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildPages } from '../../tsup.config.ts';
import { launchBrowser } from '../support/browser.ts';
import { copyOfExample, root, startStudio } from '../studio/studio-process.ts';

/** `npm run docs:pictures`: takes the pictures of the pages anew, from the page of Studio over an example. */

const MAX_BYTES = 200_000;

const folder = join(root, 'docs/pictures');
await mkdir(folder, { recursive: true });
await buildPages(join(root, 'dist'));
const example = await copyOfExample('web-chat');
const studio = await startStudio(example.folder);
const browser = await launchBrowser();
try {
  const context = await browser.newContext({
    locale: 'en-US',
    colorScheme: 'light',
    viewport: { width: 1280, height: 800 },
  });
  const page = await context.newPage();
  await page.goto(studio.url);
  await page.locator('.box').first().waitFor({ timeout: 60_000 });
  const field = page.getByRole('textbox', { name: 'Message from you' });
  for (const [index, text] of ['a table for 4 tomorrow at 7pm', 'Ann', '+65 6123 4567'].entries()) {
    await field.fill(text);
    await field.press('Enter');
    await page.locator('.exchange').nth(index).waitFor();
  }
  await page.getByRole('button', { name: /^Next due/u }).click();
  await page.locator('.turn.timer').waitFor();
  await page.locator('.turn').nth(2).click();
  await page.locator('.arrow.taken').first().waitFor();
  await page.evaluate('Promise.all(document.getAnimations().map((each) => each.finished))');
  const path = join(folder, 'studio.png');
  await page.screenshot({ path });
  const { size } = await stat(path);
  if (size > MAX_BYTES) throw new Error(`${path} has ${size} bytes; the maximum is ${MAX_BYTES}.`);
  process.stdout.write(`docs/pictures/studio.png: ${size} bytes\n`);
} finally {
  await browser.close();
  await studio.stop();
  await example.remove();
}
