import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { playTranscript } from 'colloquy/testing';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Caller, call, sign } from '../../examples/two-nodes/client.ts';
import tea from '../../examples/two-nodes/dialogue.ts';
import { problemsOf } from '../../examples/two-nodes/guests.ts';
import { startBot } from '../../examples/two-nodes/server.ts';
import { startProgram } from '../support/program.ts';
import { openRedis } from '../support/redis.ts';

const JSON_SECRET = 'canary-json-secret';
const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = new URL('../../examples/two-nodes/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');

const server = await openRedis();
afterAll(() => server?.stop());

test('the transcript is what the dialogue says', async () => {
  const transcript = read('tea.chat');
  expect((await playTranscript(transcript, tea)).text).toBe(transcript);
});

test('the script would find a message that was lost, or that counted twice', () => {
  const heard = [
    'How long shall cup no. 1 steep?',
    'I will call you.',
    'Cup no. 1 is ready.',
    'How long shall cup no. 2 steep?',
    'I will call you.',
    'Cup no. 2 is ready.',
  ];
  const guest = { name: 'ann', heard };
  expect(problemsOf(guest, 2)).toEqual([]);
  for (const index of heard.keys()) {
    const lost = { ...guest, heard: heard.toSpliced(index, 1) };
    expect(problemsOf(lost, 2)).toHaveLength(1);
    const twice = { ...guest, heard: heard.toSpliced(index, 0, heard[index] ?? '') };
    expect(problemsOf(twice, 2)).toHaveLength(1);
  }
});

test('compose.yaml and the README name the settings of a node', () => {
  for (const name of ['REDIS_URL', 'JSON_SECRET', 'JSON_PUSH_URL', 'HOST']) {
    expect(read('compose.yaml')).toContain(`${name}:`);
    expect(read('README.md')).toContain(`\`${name}\``);
  }
});

test.runIf(server === undefined)('skips its tests, because there is no server', () => {
  expect(process.env['CI'], 'what CI runs has Redis').not.toBe('true');
});

describe.runIf(server !== undefined)('on Redis', () => {
  /** The settings of the nodes of one test, under its own prefix. */
  function environment(): Record<string, string> {
    const REDIS_URL = server?.url ?? '';
    const REDIS_PREFIX = `colloquy-tea-${process.pid}-${crypto.randomUUID()}`;
    onTestFinished(async () => {
      const client = new Redis(REDIS_URL);
      const keys = await client.keys(`${REDIS_PREFIX}:*`);
      if (keys.length > 0) await client.del(keys);
      client.disconnect();
    });
    return { REDIS_URL, REDIS_PREFIX, JSON_SECRET, PORT: '0' };
  }

  async function boot(env: Readonly<Record<string, string>>) {
    const bot = await startBot(env);
    onTestFinished(() => bot.close());
    const caller: Caller = { url: `${bot.url}/json`, secret: JSON_SECRET };
    return { bot, caller };
  }

  test(
    'the script kills a node in the middle, and no message is lost or counts twice',
    {
      timeout: 240_000,
    },
    async () => {
      const { REDIS_URL } = environment();
      const program = await startProgram('two-nodes', {
        env: { REDIS_URL, TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') },
        entry: 'failover.ts',
      });
      expect(await program.exit).toBe(0);
      const [started = '', , killed = '', again = '', end = ''] = program.output().split('\n');
      const [first = '', second = ''] = started.match(/http:\S+\d/gu) ?? [];
      expect(killed).toMatch(new RegExp(`^After \\d+ replies, ${first} is killed\\.$`, 'u'));
      expect(again).toMatch(
        new RegExp(`^The guests sent [1-9]\\d* messages again, to ${second}`, 'u'),
      );
      expect(end).toBe('60 cups: no message was lost, and none counted twice.');
    },
  );

  test('the nodes share a conversation, and a message that reaches both counts once', async () => {
    const env = environment();
    const [one, two] = await Promise.all([boot(env), boot(env)]);
    const say = (caller: Caller, id: string, text: string): Promise<readonly string[]> =>
      call(caller, { user: 'ann', id, text });
    const asked = ['How long shall cup no. 1 steep?'];
    expect(await say(one.caller, '1', 'hi')).toEqual(asked);
    expect(await say(two.caller, '1', 'hi')).toEqual(asked);
    expect(await say(two.caller, '2', '3 min')).toEqual(['I will call you.']);
    expect(await say(one.caller, '3', 'ready?')).toEqual(['Not yet.']);
  });

  test('a request without a valid signature is refused', async () => {
    const { caller } = await boot(environment());
    const message = { user: 'ann', id: '1', text: 'hi' };
    const forged = call({ ...caller, secret: 'another' }, message);
    await expect(forged).rejects.toThrow('401');
    await expect(call(caller, message, Date.now() - 600_000)).rejects.toThrow('401');
  });

  test('a node answers the requests that have arrived before it ends', async () => {
    const { bot, caller } = await boot(environment());
    const body = JSON.stringify({ user: 'ann', id: '1', text: 'hi' });
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const sent = request(caller.url, {
      agent,
      method: 'POST',
      headers: {
        'content-length': Buffer.byteLength(body),
        'x-colloquy-signature': sign(JSON_SECRET, body, Date.now()),
      },
    });
    const answer = new Promise<string>((resolve, reject) => {
      sent.once('error', reject).once('response', (response) => {
        let text = `${response.statusCode} `;
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('end', () => resolve(text));
      });
    });
    await new Promise((resolve) => sent.write(body.slice(0, 9), resolve));
    // Its first half is there when another request, sent after it, has been answered.
    expect(await (await fetch(`${bot.url}/health`)).json()).toEqual({ redis: 'ready' });
    const closed = bot.close();
    sent.end(body.slice(9));
    expect(await answer).toContain('200 {"replies":[{"type":"text","text":"How long shall cup');
    await closed;
    await expect(fetch(`${bot.url}/health`)).rejects.toThrow();
  });
});

describe('the program', () => {
  test('names all missing settings at once', async () => {
    const program = await startProgram('two-nodes');
    expect(await program.exit).toBe(1);
    expect(program.output().match(/^ {2}\w+(?=: .)/gm)).toEqual(['  REDIS_URL', '  JSON_SECRET']);
  });

  test('says that Redis does not answer, without its address', async () => {
    const program = await startProgram('two-nodes', {
      env: { REDIS_URL: 'redis://:canary@127.0.0.1:1', JSON_SECRET, PORT: '0' },
    });
    expect(await program.exit).toBe(1);
    expect(program.errors()).toContain('Redis does not answer at the address of REDIS_URL.\n');
    expect(program.output()).not.toMatch(/canary| {4}at /);
  });
});
