import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, expect, onTestFinished } from 'vitest';
import { launchBrowser, problemsOf } from '../support/browser.ts';
import { ChatPage } from './chat-page.ts';
import { chatScript } from './chat-script.ts';

export interface Person {
  /** Opens another tab of the same person. */
  open(url: string): Promise<ChatPage>;
  /** No request gets through until it is false again. */
  offline(isOffline: boolean): Promise<void>;
}

export interface People {
  /** Somebody with a browser of their own. A test fails if a page of theirs has a problem that `expected` does not match. */
  person(options?: BrowserContextOptions, expected?: RegExp): Promise<Person>;
}

/** A browser for the tests of a file. */
export function people(): People {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
    return () => browser.close();
  });
  return {
    async person(options = {}, expected) {
      const context = await browser.newContext(options);
      // The script as it is now, where a server would give the one that was built last, or none.
      await context.route('**/chat/chat.js', async (route) =>
        route.fulfill({ contentType: 'text/javascript', body: await chatScript() }),
      );
      const problems: (readonly string[])[] = [];
      onTestFinished(async () => {
        await context.close();
        const unexpected = problems.flat().filter((line) => expected?.test(line) !== true);
        expect(unexpected).toEqual([]);
      });
      return {
        async open(url) {
          const page = await context.newPage();
          problems.push(problemsOf(page));
          await page.goto(url);
          return new ChatPage(page);
        },
        offline: (isOffline) => context.setOffline(isOffline),
      };
    },
  };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds in a page, each with the elements that it is about. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // Playwright evaluates it past the content security policy.
  await page.evaluate(axe);
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
    violations: {
      id: string;
      help: string;
      nodes: { target: unknown[]; failureSummary?: string }[];
    }[];
  };
  return found.violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help} ${nodes.map((node) => `${JSON.stringify(node.target)} ${node.failureSummary ?? ''}`).join('; ')}`,
  );
}
