import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** What a person sees and does on a page with the element. Playwright looks through its shadow root. */
export class ChatPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get input(): Locator {
    return this.page.getByRole('textbox');
  }

  get log(): Locator {
    return this.page.getByRole('log');
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  async say(text: string): Promise<void> {
    await this.input.fill(text);
    await this.input.press('Enter');
  }

  /** What was said, as it is read to those who do not see it: `You: hi`, `Answer: Hello.` */
  lines(): Promise<string[]> {
    return this.page.locator('.bubble').allTextContents();
  }

  /** Waits until exactly this was said. */
  async sees(...lines: readonly string[]): Promise<void> {
    await expect.poll(() => this.lines(), { timeout: 15_000 }).toEqual(lines);
  }

  async seesNotice(text: string): Promise<void> {
    await expect
      .poll(() => this.page.locator('.notice').textContent(), { timeout: 15_000 })
      .toBe(text);
  }
}
