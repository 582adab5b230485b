import { ColloquyError, createContextStore, createRunner, setupDialogue } from 'colloquy';
import { slack } from 'colloquy/channels/slack';
import { createSource } from 'colloquy/channels/source';
import { createWebhook } from 'colloquy/channels/webhook';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { TurnTaker } from '../../../src/channels/turn-taker.ts';
import { type SlackServer, startSlackServer } from '../../support/slack-server.ts';
import { stubRunner } from '../stubs.ts';

const APP_TOKEN = 'xapp-canary';
const TOKEN = 'xoxb-canary';

const { assign, choose, createDialogue, done, reply } = setupDialogue({
  types: {} as { context: { heard: readonly string[]; drink?: string } },
});

/** Says back what it hears, and counts it; it has a question, too. */
const echo = createDialogue({
  id: 'echo',
  context: { heard: [] },
  initial: 'open',
  states: {
    open: {
      on: {
        'message.text': [
          { guard: ({ event }) => event.text === 'tea', target: 'asking' },
          {
            actions: [
              assign({ heard: ({ context, event }) => [...context.heard, event.text] }),
              reply(({ event }) => event.text),
            ],
          },
        ],
      },
    },
    asking: choose({
      question: 'Which?',
      options: [{ value: 'green' }, { value: 'black' }],
      assign: 'drink',
      target: 'served',
    }),
    served: done('Here you are.'),
  },
});

async function createWorld() {
  const server = await startSlackServer(APP_TOKEN);
  onTestFinished(() => server.close());
  const clock = createManualClock();
  const disk = createDisk();

  function until(check: () => void, stepMs = 0): Promise<void> {
    const once = async (): Promise<void> => {
      await clock.advance(stepMs);
      check();
    };
    return vi.waitFor(once, { interval: 2, timeout: 8000 });
  }

  function begin(runner: TurnTaker, appToken = APP_TOKEN) {
    const errors: unknown[] = [];
    const channel = slack({ token: TOKEN, appToken, baseUrl: server.url, WebSocket });
    const source = createSource(runner, channel, { clock, onError: (error) => errors.push(error) });
    onTestFinished(() => source.stop());
    const codes = () =>
      errors.map((error) => (ColloquyError.is(error) ? error.code : String(error)));
    return { source, errors, codes };
  }

  function start() {
    const store = createContextStore({ persister: memory(disk), clock });
    const runner = createRunner(echo, { store });
    const begun = begin(runner);
    const stop = async (): Promise<void> => {
      await begun.source.stop();
      await runner.stop();
      await store.close();
    };
    onTestFinished(stop);
    return { ...begun, runner, stop };
  }
  return { server, clock, until, begin, start };
}

const textsOf = ({ shown }: SlackServer) => shown.map(({ text }) => text);

describe('an app in Socket Mode', () => {
  it('answers what users say, and acknowledges it', async () => {
    const { server, until, start } = await createWorld();
    const { errors } = start();
    await until(() => expect(server.connections).toBe(1));
    server.say('one');
    server.say('two', 'U2');
    await until(() => expect(server.waiting).toEqual([]));
    await until(() => expect(new Set(textsOf(server))).toEqual(new Set(['one', 'two'])));
    expect(errors).toEqual([]);
  });

  it('hears slash commands and buttons', async () => {
    const { server, until, start } = await createWorld();
    start();
    await until(() => expect(server.connections).toBe(1));
    server.say('tea');
    await until(() => expect(textsOf(server)).toEqual(['Which?']));
    const blocks = (server.shown[0]?.['blocks'] ?? []) as readonly {
      readonly block_id: string;
      readonly elements?: readonly object[];
    }[];
    const buttons = blocks.find(({ elements }) => elements !== undefined);
    server.give('interactive', {
      type: 'block_actions',
      team: { id: 'T1' },
      user: { id: 'U1', team_id: 'T1' },
      channel: { id: 'DU1' },
      container: { type: 'message', message_ts: '1.1', channel_id: 'DU1' },
      message: { ts: '1.1' },
      trigger_id: '1.2.3',
      actions: [
        {
          ...buttons?.elements?.[0],
          type: 'button',
          block_id: buttons?.block_id,
          action_ts: '1.2',
        },
      ],
    });
    await until(() => expect(textsOf(server)).toEqual(['Which?', 'Here you are.']));
    server.give('slash_commands', {
      team_id: 'T1',
      channel_id: 'C1',
      user_id: 'U2',
      command: '/order',
      text: 'now',
      trigger_id: '4.5.6',
    });
    await until(() =>
      expect(server.calls.at(-1)).toMatchObject({ text: '/order now', user: 'U2' }),
    );
  });

  it('acknowledges nothing that is not committed, and holds up no other user by it', async () => {
    const { server, until, begin } = await createWorld();
    let finish = (): void => {};
    const runner = stubRunner(async ({ openid }) => {
      if (openid.endsWith(':U1')) await new Promise<void>((resolve) => (finish = resolve));
      return [];
    });
    begin(runner);
    await until(() => expect(server.connections).toBe(1));
    server.say('slow');
    const [slow] = server.waiting;
    await until(() => expect(runner.calls).toHaveLength(1));
    server.say('quick', 'U2');
    await until(() => expect(server.waiting).toEqual([slow]));
    finish();
    await until(() => expect(server.waiting).toEqual([]));
  });

  it('counts once what Slack gives again', async () => {
    const { server, until, start } = await createWorld();
    const { runner } = start();
    await until(() => expect(server.connections).toBe(1));
    server.say('one');
    server.repeat();
    server.repeat();
    await until(() => expect(server.waiting).toEqual([]));
    await until(() => expect(textsOf(server)).toEqual(['one']));
    const { context } = (await runner.inspect('slack:T1:U1:U1')) ?? {};
    expect(context).toEqual({ heard: ['one'] });
  });

  it('has the next connection before it leaves one that Slack wants to end', async () => {
    const { server, until, start } = await createWorld();
    const { errors } = start();
    await until(() => expect(server.connections).toBe(1));
    server.disconnect('warning');
    await until(() => expect(server.opened).toBe(2));
    await until(() => expect(server.connections).toBe(1));
    expect(server.mostConnections).toBe(2);
    server.say('one');
    await until(() => expect(textsOf(server)).toEqual(['one']));
    expect(errors).toEqual([]);
  });

  it('replaces a connection after five minutes, since no event reports a dead one', async () => {
    const { server, clock, until, start } = await createWorld();
    start();
    await until(() => expect(server.connections).toBe(1));
    await clock.advance({ minutes: 5 });
    await until(() => expect(server.opened).toBe(2));
    await until(() => expect(server.connections).toBe(1));
    expect(server.mostConnections).toBe(2);
  });

  it('acknowledges at its end what it has taken, and takes nothing more', async () => {
    const { server, until, begin } = await createWorld();
    let finish = (): void => {};
    const runner = stubRunner(async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      return [];
    });
    const { source } = begin(runner);
    await until(() => expect(server.connections).toBe(1));
    server.say('one');
    await until(() => expect(runner.calls).toHaveLength(1));
    const stopping = source.stop();
    server.say('two');
    const [, two] = server.waiting;
    finish();
    await stopping;
    await until(() => expect(server.waiting).toEqual([two]));
    await until(() => expect(server.connections).toBe(0));
    expect(runner.calls).toHaveLength(1);
  });
});

describe('when Slack', () => {
  it('ends the connection, it opens another one, and takes what it did not acknowledge', async () => {
    const { server, until, start } = await createWorld();
    const { errors } = start();
    await until(() => expect(server.connections).toBe(1));
    server.cut();
    server.say('one');
    await until(() => expect(textsOf(server)).toEqual(['one']), 200);
    expect(errors).toMatchObject([{ code: 'source_failed', details: { reason: 'closed' } }]);
  });

  it('does not greet, it tries again', async () => {
    const { server, until, start } = await createWorld();
    server.greets = false;
    const { codes } = start();
    await until(() => expect(codes()).toEqual(['source_failed']), 500);
    server.greets = true;
    server.say('one');
    await until(() => expect(textsOf(server)).toEqual(['one']), 200);
  });

  it('refuses the token, it ends and says so without the token', async () => {
    const { begin } = await createWorld();
    const { source, errors } = begin(stubRunner(), 'xapp-canary-other');
    await expect(source.ended).rejects.toMatchObject({ code: 'source_refused' });
    expect(String((errors[0] as Error).stack)).not.toContain('canary');
  });

  it('has Socket Mode off, it ends and says so', async () => {
    const { server, until, start } = await createWorld();
    const { source } = start();
    await until(() => expect(server.connections).toBe(1));
    server.disconnect('link_disabled');
    await expect(source.ended).rejects.toThrow('Socket Mode of the app is off');
  });

  it('asks for a pause, it makes one of that length', async () => {
    const { server, clock, until, start } = await createWorld();
    server.faults.push({
      status: 429,
      body: { ok: false, error: 'ratelimited' },
      retryAfter: '30',
    });
    const { codes } = start();
    await until(() => expect(codes()).toEqual(['source_failed']));
    await clock.advance(29_999);
    expect(server.connections).toBe(0);
    await clock.advance(1);
    await until(() => expect(server.connections).toBe(1));
  });

  it('gives what cannot be read, it says so and goes on', async () => {
    const { server, until, start } = await createWorld();
    const { codes } = start();
    await until(() => expect(server.connections).toBe(1));
    const deep = JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) as object;
    server.give('events_api', deep);
    server.give('a kind that is new', {});
    server.say('one');
    await until(() => expect(textsOf(server)).toEqual(['one']));
    expect(codes()).toEqual(['bad_body']);
  });
});

describe('slack()', () => {
  it('without a signing secret takes no requests', () => {
    const channel = slack({ token: TOKEN, appToken: APP_TOKEN, WebSocket });
    // @ts-expect-error it takes no requests
    expect(() => createWebhook(stubRunner(), channel)).toThrow(
      expect.objectContaining({ code: 'bad_option' }),
    );
  });

  it('refuses an app token of another kind, and a runtime without WebSockets', () => {
    expect(() => slack({ token: TOKEN, appToken: TOKEN, WebSocket })).toThrow(
      expect.objectContaining({ code: 'bad_token' }),
    );
    const given = vi.stubGlobal('WebSocket', undefined);
    onTestFinished(() => void given.unstubAllGlobals());
    expect(() => slack({ token: TOKEN, appToken: APP_TOKEN })).toThrow('package ws');
  });
});
