import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatReply } from 'colloquy';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Call, startTelegram } from './support/telegram.ts';
import { startBot } from '../../examples/telegram/server.ts';
import { startTelegramServer } from '../support/telegram-server.ts';
import { startProgram } from '../support/program.ts';
import { playOverWire } from '../support/wire.ts';

const TOKEN = '110201543:canary-token';
const SECRET = 'canary-secret';

/** The settings that the example needs, with a new folder, and its platform. */
async function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'colloquy-telegram-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const telegram = await startTelegram(TOKEN);
  onTestFinished(() => telegram.close());
  const env = {
    TELEGRAM_TOKEN: TOKEN,
    TELEGRAM_SECRET: SECRET,
    TELEGRAM_API: telegram.url,
    DATA: folder,
    PORT: '0',
  };
  return { env, telegram };
}

/** A message as the user reads it: the buttons in a list below the text. */
function toText({ text = '', reply_markup: markup }: Call): string {
  const buttons = (markup?.inline_keyboard ?? []).flat();
  const options = buttons.map(({ text, callback_data: value }) => ({ value, label: text }));
  return formatReply(
    options.length > 0 ? { type: 'choices', text, options } : { type: 'text', text },
  );
}

async function boot() {
  const { env, telegram } = await setUp();
  const clock = createManualClock({ now: Date.UTC(2026, 0, 1) });
  const bot = await startBot(env, { clock });
  onTestFinished(() => bot.close());
  return { telegram, clock, address: { url: bot.url, secret: SECRET } };
}

test('the transcript is what a user in Telegram sees', async () => {
  const { telegram, clock, address } = await boot();
  let again = async (): Promise<unknown> => undefined;
  await playOverWire('examples/telegram/survey.chat', {
    clock,
    async send(message) {
      if (typeof message === 'string') {
        const id = await telegram.say(address, message);
        again = () => telegram.say(address, message, id);
      } else if (message.type === 'message.action') {
        const id = await telegram.press(address, message.value);
        again = () => telegram.press(address, message.value, id);
      } else throw new Error(`No user sends ${message.type} here.`);
    },
    shown: () => telegram.shown.map(toText),
  });
  expect(new Set(telegram.shown.map((call) => call.chat_id))).toEqual(new Set([101]));
  // Telegram sends an update again if it did not get the answer; it counts once.
  const { length } = telegram.shown;
  await again();
  await telegram.say(address, 'hi');
  expect(telegram.shown.slice(length).map(toText)[0]).toMatch(/^Welcome to round 2/u);
});

describe('the route', () => {
  test('refuses a request without the secret', async () => {
    const { telegram, address } = await boot();
    await expect(telegram.say({ ...address, secret: 'another' }, 'hi')).rejects.toThrow('401');
    expect(telegram.shown).toEqual([]);
  });

  test('leaves the rest of the app to the app', async () => {
    const { telegram, address } = await boot();
    await telegram.say(address, 'hi');
    const health = await fetch(new URL('/health', address.url));
    expect(await health.json()).toEqual({ records: 1 });
    expect((await fetch(new URL('/', address.url))).status).toBe(404);
  });
});

describe('the program', () => {
  test('continues a conversation after a clean end and a new start', async () => {
    const { env, telegram } = await setUp();
    const first = await startProgram('telegram', { env });
    const address = { url: await first.listening(), secret: SECRET };
    await telegram.say(address, 'hi');
    expect(telegram.shown.map(toText)).toEqual([
      'May we ask how you get around? It takes a minute.\n1. Yes\n2. No',
    ]);
    expect(await first.end('SIGTERM')).toBe(0);
    await expect(fetch(address.url)).rejects.toThrow();

    const second = await startProgram('telegram', { env });
    address.url = await second.listening();
    await telegram.press(address, 'yes');
    await expect.poll(() => telegram.shown.at(-1)?.text).toBe('How old are you?');
    expect(await second.end('SIGTERM')).toBe(0);
    for (const { output } of [first, second]) {
      expect(output()).toMatch(/^listening on \S+\/telegram\nstopped\n$/);
    }
  });

  test('asks Telegram for updates where it has no secret, also after a clean end and a new start', async () => {
    const { env } = await setUp();
    const server = await startTelegramServer(TOKEN);
    onTestFinished(() => server.close());
    const { TELEGRAM_SECRET: _, ...asking } = { ...env, TELEGRAM_API: server.url };
    const first = await startProgram('telegram', { env: asking });
    server.say('hi');
    await expect.poll(() => server.shown.length, { timeout: 20_000 }).toBe(1);
    expect(await first.end('SIGTERM')).toBe(0);
    expect(server.waiting).toEqual([]);

    const second = await startProgram('telegram', { env: asking });
    server.press('yes');
    await expect
      .poll(() => server.shown.at(-1)?.text, { timeout: 20_000 })
      .toBe('How old are you?');
    expect(await second.end('SIGTERM')).toBe(0);
    expect([first.errors(), second.errors()]).toEqual(['', '']);
  });

  test('reports a push that Telegram refuses, without its token', async () => {
    const { env, telegram } = await setUp();
    const program = await startProgram('telegram', {
      env: { ...env, TELEGRAM_TOKEN: '1:canary-other' },
    });
    const address = { url: await program.listening(), secret: SECRET };
    await telegram.say(address, 'hi');
    await telegram.press(address, 'yes');
    await expect.poll(program.output, { timeout: 30_000 }).toMatch(/\w+: .*[Tt]elegram/);
    await program.end('SIGTERM');
    expect(program.output()).not.toContain('canary');
  });

  test('names all missing settings at once', async () => {
    const program = await startProgram('telegram');
    expect(await program.exit).toBe(1);
    expect(program.output()).toMatch(/^Missing in the environment:\n {2}TELEGRAM_TOKEN: .+\n$/);
  });

  test('refuses an invalid token, without quoting it', async () => {
    const { env } = await setUp();
    const program = await startProgram('telegram', {
      env: { ...env, TELEGRAM_TOKEN: 'canary' },
    });
    expect(await program.exit).toBe(1);
    expect(program.output()).toMatch(/token of the bot as BotFather gives it/);
    expect(program.output()).not.toMatch(/canary| {4}at /);
  });

  test('has its settings in its README', async () => {
    const readme = readFileSync(
      new URL('../../examples/telegram/README.md', import.meta.url),
      'utf8',
    );
    const { env } = await setUp();
    for (const name of Object.keys(env)) expect(readme).toContain(`\`${name}\``);
  });
});
