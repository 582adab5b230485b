import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { canShowPages, launchBrowser, problemsOf } from '../support/browser.ts';
import { ScriptedDesk } from './ui-desk.ts';
import { type PageServer, buildForTest, servePage } from './ui-server.ts';

export interface Shown {
  readonly page: Page;
  readonly desk: ScriptedDesk;
  readonly server: PageServer;
}

export interface Pages {
  /** Opens the page over a desk. At the end of the test, nothing may have gone wrong in it. */
  show(desk?: ScriptedDesk, options?: BrowserContextOptions, expected?: RegExp): Promise<Shown>;
  /**
   * Opens an address in a browser of its own.
   * @param expected what may go wrong
   */
  open(address: string, options?: BrowserContextOptions, expected?: RegExp): Promise<Page>;
  /** The folder of the built page. */
  folder(): string;
}

/** Builds the page and starts a browser for the tests of a file. */
export function usePages(): Pages {
  let browser: Browser;
  let built: Awaited<ReturnType<typeof buildForTest>>;
  beforeAll(async () => {
    if (canShowPages) [browser, built] = await Promise.all([launchBrowser(), buildForTest()]);
  });
  afterAll(async () => {
    await browser?.close();
    await built?.remove();
  });

  const open: Pages['open'] = async (address, options = {}, expected = /^$/u) => {
    const context = await browser.newContext({
      locale: 'en-US',
      viewport: { width: 1440, height: 900 },
      ...options,
    });
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    const problems = problemsOf(page);
    onTestFinished(async () => {
      await context.close();
      expect(problems.filter((problem) => !expected.test(problem))).toEqual([]);
    });
    await page.goto(address);
    return page;
  };
  return {
    open,
    folder: () => built.folder,
    async show(desk = new ScriptedDesk(), options, expected) {
      const server = await servePage(built.folder, desk);
      onTestFinished(() => server.close());
      const page = await open(server.url, options, expected);
      await page.locator('.bar h1 b').waitFor({ state: 'attached' });
      return { page, desk, server };
    },
  };
}

/** Says this as the first user that is shown, one after the other. */
export async function say(page: Page, ...texts: readonly string[]): Promise<void> {
  const field = page.getByRole('textbox', { name: 'Message from' }).first();
  for (const text of texts) {
    const count = await page.locator('.column.focus .exchange').count();
    await field.fill(text);
    await field.press('Enter');
    await page.locator('.column.focus .exchange').nth(count).waitFor();
  }
}
