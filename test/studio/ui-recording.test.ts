import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { StudioRecording } from '../../src/studio/wire.ts';
import { canShowPages } from '../support/browser.ts';
import { ScriptedDesk } from './ui-desk.ts';
import { usePages } from './ui-pages.ts';
import { serveFiles } from './ui-server.ts';

const { show, open, folder } = usePages();

async function record(): Promise<StudioRecording> {
  const desk = new ScriptedDesk();
  for (const message of ['hi', '4', 'tomorrow']) {
    await desk.request('say', { openid: 'ann', message });
  }
  const events = desk.backlog();
  return {
    colloquy: 'recording',
    wire: 1,
    recordedAt: 0,
    hello: desk.hello,
    turns: events.flatMap((event) => (event.name === 'turn' ? [event.data] : [])),
    dropped: 0,
    conversations: events.flatMap((event) => (event.name === 'conversation' ? [event.data] : [])),
  };
}

const asFile = (name: string, content: unknown) => ({
  name,
  mimeType: 'application/json',
  buffer: Buffer.from(JSON.stringify(content)),
});

const openFromDisk = (): Promise<Page> => open(pathToFileURL(join(folder(), 'index.html')).href);

describe.skipIf(!canShowPages)('a recording in the page of Studio', () => {
  it('opens without any server, and can only be looked at', async () => {
    const page = await openFromDisk();
    await page.getByText('Drop a recording').waitFor();
    await page
      .getByLabel('Open a recording')
      .last()
      .setInputFiles(asFile('a.json', await record()));
    await page.getByText('Booked for tomorrow.').waitFor();
    expect(await page.locator('.turn').count()).toBe(3);
    await page.getByRole('slider', { name: 'Turn to look at' }).fill('1');
    await expect.poll(() => page.locator('.standing code').textContent()).toBe('people');
    await page.getByRole('button', { name: 'To the end' }).click();
    for (const name of ['Undo', 'Faults', 'Fork here', 'Edit', 'Send', 'Fire']) {
      expect(await page.getByRole('button', { name, exact: true }).count()).toBe(0);
    }
    expect(await page.getByRole('button', { name: 'Tomorrow' }).isDisabled()).toBe(true);
  });

  it('of a process that was killed while it wrote opens up to there', async () => {
    const { turns, conversations, ...rest } = await record();
    const lines = [
      { ...rest, turns: [], conversations: [] },
      ...turns.map((data) => ({ name: 'turn', data })),
      ...conversations.map((data) => ({ name: 'conversation', data })),
      { name: 'turn', data: { ...turns[0], turn: 4 } },
    ].map((line) => JSON.stringify(line));
    const text = lines.join('\n').slice(0, -100);
    const page = await openFromDisk();
    const file = { name: 'a.json', mimeType: 'application/json', buffer: Buffer.from(text) };
    await page.getByLabel('Open a recording').last().setInputFiles(file);
    await page.getByText('Booked for tomorrow.').waitFor();
    expect(await page.locator('.turn').count()).toBe(3);
    expect(await page.locator('.standing code').textContent()).toBe('booked');
  });

  it('is dropped onto the page', async () => {
    const page = await openFromDisk();
    await page.getByText('Drop a recording').waitFor();
    const text = JSON.stringify(await record());
    const dataTransfer = await page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      data.items.add(new File([${JSON.stringify(text)}], 'a.colloquy.json'));
      return data;
    })()`);
    await page.dispatchEvent('main', 'drop', { dataTransfer });
    await page.getByText('Booked for tomorrow.').waitFor();
    expect(await page.locator('.turn').count()).toBe(3);
  });

  it('that is none, or of a later version, is refused with the reason', async () => {
    const page = await openFromDisk();
    const field = page.getByLabel('Open a recording').last();
    await field.setInputFiles(asFile('list.json', [1]));
    await page.getByText('list.json is not a recording of Colloquy.').waitFor();
    await field.setInputFiles(asFile('later.json', { ...(await record()), wire: 2 }));
    await page.getByText('later.json is a recording of another version').waitFor();
    expect(await page.locator('.turn').count()).toBe(0);
  });

  it('takes the place of the conversation that the page showed', async () => {
    const { page, desk } = await show();
    await desk.request('say', { openid: 'you', message: 'hi' });
    await page.getByText('How many people?').waitFor();
    await page
      .getByLabel('Open a recording')
      .last()
      .setInputFiles(asFile('a.json', await record()));
    await page.getByText('Booked for tomorrow.').waitFor();
    await page.locator('.badge', { hasText: 'Recording' }).waitFor();
    await desk.request('say', { openid: 'you', message: '5' });
    expect(await page.locator('.turn').count()).toBe(3);
    expect(await page.locator('.composer').count()).toBe(0);
  });

  it('lies beside a page on a server', async () => {
    await writeFile(join(folder(), 'recording.colloquy.json'), JSON.stringify(await record()));
    const server = await serveFiles(folder());
    onTestFinished(() => server.close());
    const page = await open(server.url, {}, /404/u);
    await page.getByText('Booked for tomorrow.').waitFor();
    expect(await page.locator('.composer').count()).toBe(0);
  });
});
