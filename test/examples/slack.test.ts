import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManualClock } from 'colloquy/testing';
import { expect, onTestFinished, test } from 'vitest';
import { startBot } from '../../examples/slack/server.ts';
import { startProgram } from '../support/program.ts';

const SECRET = 'canary-signing-secret';
const TOKEN = 'xoxb-canary';

interface Posted {
  readonly channel: string;
  readonly text: string;
}

/** Slack's Web API, which refuses the first calls if a test says so. */
async function startSlack(): Promise<{ url: string; posts: Posted[]; refuses: number }> {
  const slack = { url: '', posts: [] as Posted[], refuses: 0 };
  const server = createServer((req, res) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Posted;
      const isKnown = req.headers.authorization === `Bearer ${TOKEN}`;
      const isTaken = isKnown && !(body.channel === 'C-team' && (slack.refuses -= 1) >= 0);
      if (isTaken) slack.posts.push(body);
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify(isTaken ? { ok: true } : { ok: false, error: 'fatal_error' }));
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  slack.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return slack;
}

function environment(api = ''): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'colloquy-slack-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return {
    SLACK_SIGNING_SECRET: SECRET,
    SLACK_TOKEN: TOKEN,
    SLACK_CHANNEL: 'C-team',
    SLACK_API: api,
    DATA: folder,
    PORT: '0',
  };
}

async function boot() {
  const slack = await startSlack();
  const clock = createManualClock({ now: Date.UTC(2026, 0, 1) });
  const bot = await startBot(environment(slack.url), { clock });
  onTestFinished(() => bot.close());
  let count = 0;
  /** A direct message of a user, as Slack sends it. */
  const say = async (text: string, secret = SECRET): Promise<number> => {
    count += 1;
    const event = { type: 'message', channel_type: 'im', channel: 'D1', user: 'U1', text };
    const body = JSON.stringify({
      type: 'event_callback',
      team_id: 'T1',
      event_id: `Ev${count}`,
      authorizations: [{ team_id: 'T1', user_id: 'UBOT', is_bot: true }],
      event: { ...event, ts: `${1_700_000_000 + count}.000100` },
    });
    const timestamp = String(Math.floor(clock.now() / 1000));
    const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
    const headers = {
      'content-type': 'application/json',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    };
    return (await fetch(bot.url, { method: 'POST', headers, body })).status;
  };
  const last = (): Promise<Posted | undefined> => clock.advance(0).then(() => slack.posts.at(-1));
  return { slack, clock, say, last };
}

/** Says what a stand-up needs, up to its posting. */
async function talk({ say, last }: Awaited<ReturnType<typeof boot>>): Promise<void> {
  for (const [text, answer] of [
    ['standup', 'What did you do yesterday?'],
    ['<&amp;lt;!channel> slept', 'And what will you do today?'],
    ['Tests', 'Does anything block you?'],
    ['no', 'Shall I post it?'],
  ] as const) {
    expect(await say(text)).toBe(200);
    await expect.poll(async () => (await last())?.text).toContain(answer);
  }
  await say('yes');
}

const POSTED = '<@U1>\nYesterday: ';

test('a stand-up is posted for the team, and what a person wrote mentions no other person', async () => {
  const bot = await boot();
  await talk(bot);
  await expect.poll(async () => (await bot.last())?.text).toBe('Your team can read it.');
  const [posted, ...others] = bot.slack.posts.filter(({ channel }) => channel === 'C-team');
  expect(others).toEqual([]);
  expect(posted?.text.startsWith(POSTED)).toBe(true);
  expect(posted?.text.slice(POSTED.length)).not.toMatch(/[<>]/u);
});

test('a channel that Slack does not take at first is tried again', async () => {
  const bot = await boot();
  bot.slack.refuses = 2;
  await talk(bot);
  await expect
    .poll(() => bot.clock.advance({ seconds: 1 }).then(() => bot.slack.posts.at(-1)?.text))
    .toBe('Your team can read it.');
  expect(bot.slack.posts.filter(({ text }) => text.startsWith(POSTED))).toHaveLength(1);
});

test('a request without the signature is refused', async () => {
  const { say, slack } = await boot();
  expect(await say('standup', 'another')).toBe(401);
  expect(slack.posts).toEqual([]);
});

test('the program names all missing settings at once, and has them in its README', async () => {
  const program = await startProgram('slack');
  expect(await program.exit).toBe(1);
  const readme = readFileSync(new URL('../../examples/slack/README.md', import.meta.url), 'utf8');
  const names = Object.keys(environment());
  expect(program.output().match(/^ {2}\w+(?=: .)/gm)).toEqual(
    names.slice(0, 3).map((name) => `  ${name}`),
  );
  for (const name of names) expect(readme).toContain(`\`${name}\``);
});
