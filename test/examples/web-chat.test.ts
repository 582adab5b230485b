import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startBot } from '../../examples/web-chat/server.ts';
import { createTables } from '../../examples/web-chat/tables.ts';
import { canShowPages } from '../support/browser.ts';
import { startProgram } from '../support/program.ts';
import { playOverWire } from '../support/wire.ts';
import { accessibilityProblems, people } from '../web/browser-pages.ts';
import type { ChatPage } from '../web/chat-page.ts';

/** The buttons that the transcript presses, by their values. */
const LABELS: Readonly<Record<string, string>> = { book: 'Book a table', yes: 'Yes' };

const SECRET = 'a secret of the test';

function environment(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'colloquy-web-chat-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { DATA: folder, PORT: '0', SECRET };
}

/** What the bot has said on a page, as a transcript has it: the buttons in a list below the text. */
async function shownOn({ page }: ChatPage): Promise<string[]> {
  return page.locator('.line.reply').evaluateAll((lines) =>
    lines.map((line) => {
      const text = (line.firstElementChild?.textContent ?? '').replace('Answer: ', '');
      const labels = Array.from<{ readonly textContent: string }>(
        line.querySelectorAll('.option'),
      ).map((option) => option.textContent);
      return [text, ...labels.map((label, index) => `${index + 1}. ${label}`)].join('\n');
    }),
  );
}

describe.skipIf(!canShowPages)('the website', () => {
  const { person } = people();

  test('has the conversation of the transcript', async () => {
    // A Thursday, eight in the morning in Shanghai.
    const clock = createManualClock({ now: Date.UTC(2026, 0, 1) });
    const tables = createTables({ fails: () => false, pause: async () => {} });
    const bot = await startBot(environment(), { clock, tables });
    onTestFinished(() => bot.close());
    const somebody = await person();
    let ann: ChatPage | undefined;
    let shown: readonly string[] = [];
    await playOverWire('examples/web-chat/booking.chat', {
      clock: {
        ...clock,
        async advance(by) {
          await clock.advance(by);
          shown = ann === undefined ? [] : await shownOn(ann);
        },
      },
      async send(message) {
        if (typeof message !== 'string' && message.type === 'event.follow') {
          ann = await somebody.open(bot.url);
        } else if (typeof message === 'string') await ann?.say(message);
        else if (message.type === 'message.action') {
          await ann?.button(LABELS[message.value] ?? '').click();
        } else throw new Error(`Nobody sends ${message.type} here.`);
      },
      shown: () => shown,
    });
    expect(ann && (await accessibilityProblems(ann.page))).toEqual([]);
  });
});

test('the program serves its page, and ends', async () => {
  const program = await startProgram('web-chat', { env: environment() });
  const url = await program.listening();
  expect(await (await fetch(url)).text()).toContain('<colloquy-chat endpoint="/chat"');
  expect(await program.end('SIGTERM')).toBe(0);
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});
