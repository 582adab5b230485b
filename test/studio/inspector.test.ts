import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import { Hono } from 'hono';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { fromPromise } from 'xstate';
import { createContextStore, createRunner, jsonCodec, sealed, setupDialogue } from 'colloquy';
import { toNodeListener } from 'colloquy/channels/node';
import { memory } from 'colloquy/persist/memory';
import { type InspectorOptions, createInspector, recordConversations } from 'colloquy/studio';
import { scripted } from 'colloquy/testing';
import { createRestaurant } from '../../examples/web-chat/dialogue.ts';
import { createTables } from '../../examples/web-chat/tables.ts';
import { drawingsOf } from '../../src/graph/drawings.ts';
import type { Hello } from '../../src/studio/wire.ts';

const restaurant = createRestaurant(createTables(), { locale: 'en' });
const ADMIN = { authorization: 'Bearer admin' };

// The first layout takes seconds; here it is one of the second kind.
beforeAll(() => drawingsOf(restaurant).then(() => undefined));

/** The runner of the examples, with a user in the middle of a booking. */
function booking(options: InspectorOptions = {}) {
  const persister = memory();
  const store = createContextStore({ persister });
  const runner = createRunner(restaurant, { store, due: 'elsewhere' });
  const inspector = createInspector(runner, {
    authorize: (request) => request.headers.get('authorization') === ADMIN.authorization,
    ...options,
  });
  onTestFinished(async () => {
    inspector.close();
    await runner.stop();
    await store.close();
  });
  const talk = async (): Promise<void> => {
    await runner.handle('openid-of-ann', 'book a table', { id: 'id-of-the-message' });
    await runner.handle('openid-of-ann', 'for 4 people');
  };
  return { runner, inspector, persister, store, talk };
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Reads a stream until its text holds something. */
async function readUntil(response: Response, part: string): Promise<string> {
  const chunks = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes(part)) {
    const read = await chunks?.read();
    if (read === undefined || read.done) break;
    text += read.value;
  }
  await chunks?.cancel();
  return text;
}

const hosts: readonly [
  string,
  (inspector: ReturnType<typeof createInspector>) => RequestListener,
][] = [
  [
    'Express',
    (inspector) => {
      const app = express();
      app.use('/inspect', toNodeListener(inspector));
      return app;
    },
  ],
  [
    'Hono',
    (inspector) => {
      const app = new Hono();
      app.all('/inspect/*', ({ req }) => inspector(req.raw));
      const listener = getRequestListener(app.fetch);
      return (req, res) => void listener(req, res);
    },
  ],
];

describe.each(hosts)('an inspector that is mounted in %s', (_, mount) => {
  test('refuses who is not authorized, and says nothing', async () => {
    const { inspector, talk } = booking();
    await talk();
    const url = await listen(mount(inspector));
    for (const path of ['', 'events', 'recording.colloquy.json', 'studio.js', 'api/say']) {
      const response = await fetch(`${url}/inspect/${path}`, {
        method: path.startsWith('api') ? 'POST' : 'GET',
      });
      expect(response.status).toBe(401);
      expect(await response.text()).not.toMatch(/restaurant|ann|booking|people/u);
    }
  });

  test('streams what happens, without a text, a context or an openid', async () => {
    const { inspector, talk, runner } = booking();
    await talk();
    const url = await listen(mount(inspector));
    const response = await fetch(`${url}/inspect/events`, { headers: ADMIN });
    expect(response.status).toBe(200);
    const reading = readUntil(response, '"turn":3');
    await runner.handle('openid-of-ann', 'tomorrow evening');
    const text = await reading;
    expect(text).toContain('event: hello');
    expect(text).toContain('restaurant:booking');
    expect(text).not.toMatch(/openid-of-ann|id-of-the-message|for 4|tomorrow|"context"/u);
  });
});

test('an inspector only looks: it writes nothing, and does nothing that it is asked', async () => {
  const { inspector, talk, persister } = booking();
  await talk();
  const before = await persister.load('openid-of-ann');
  await readUntil(
    await inspector(new Request('https://bot.example/events', { headers: ADMIN })),
    'hello',
  );
  const asked = await inspector(
    new Request('https://bot.example/api/say', {
      method: 'POST',
      body: JSON.stringify({ openid: 'openid-of-ann', message: 'cancel' }),
      headers: { ...ADMIN, 'content-type': 'application/json', 'x-colloquy-csrf': '1' },
    }),
  );
  expect([asked.status, await asked.json()]).toMatchObject([
    400,
    { error: { code: 'not_allowed' } },
  ]);
  expect(await persister.load('openid-of-ann')).toEqual(before);
});

test('an inspector that may say something says it as the user behind a hash', async () => {
  const { inspector, talk, runner } = booking({ allow: ['say'] });
  await talk();
  const recording = await inspector(
    new Request('https://bot.example/recording.colloquy.json', { headers: ADMIN }),
  );
  const { conversations } = (await recording.json()) as { conversations: { openid: string }[] };
  const said = await inspector(
    new Request('https://bot.example/api/say', {
      method: 'POST',
      body: JSON.stringify({ openid: conversations[0]?.openid, message: 'cancel' }),
      headers: { ...ADMIN, 'content-type': 'application/json', 'x-colloquy-csrf': '1' },
    }),
  );
  expect(await said.json()).toMatchObject({ outcome: 'replied' });
  expect((await runner.inspect('openid-of-ann'))?.dialogue?.value).toBe('over');
});

test('an inspector without `authorize` opens on its machine, with its token', async () => {
  const { inspector } = booking({ authorize: undefined });
  const { token = '' } = inspector;
  expect(token.length).toBeGreaterThan(20);
  const open = (url: string) => inspector(new Request(`${url}/?token=${token}`));
  expect((await open('http://localhost:3000')).status).toBe(303);
  expect((await open('https://bot.example')).status).toBe(401);
});

test('an inspector that hides nothing shows texts, contexts and sources, also of what is wrong', async () => {
  const { inspector, talk } = booking({ redact: false });
  await talk();
  const text = await readUntil(
    await inspector(new Request('https://bot.example/events', { headers: ADMIN })),
    'event: conversation',
  );
  expect(text).toMatch(/openid-of-ann/u);
  expect(text).toMatch(/for 4 people/u);
  const [, hello = '{}'] = /^data: (.*)$/mu.exec(text) ?? [];
  expect(JSON.parse(hello) as Hello).toMatchObject({
    kind: 'inspector',
    isRedacted: false,
    powers: [],
  });
});

describe('what models are asked and answer', () => {
  const recorded = async (redact: boolean): Promise<string> => {
    const model = scripted([
      { text: 'secret answer', usage: { inputTokens: 12, outputTokens: 2 } },
    ]);
    const { createDialogue, reply } = setupDialogue({
      types: {} as { context: object },
      actors: {
        answer: fromPromise<string>(async () => {
          const { text } = await model.generate({
            messages: [{ role: 'system', text: 'secret prompt' }],
          });
          return text;
        }),
      },
    });
    const desk = createDialogue({
      id: 'desk',
      context: {},
      initial: 'ready',
      states: {
        ready: { on: { 'message.text': 'answering' } },
        answering: {
          invoke: {
            src: 'answer',
            onDone: { target: 'ready', actions: reply(({ event }) => event.output) },
            onError: 'ready',
          },
        },
      },
    });
    const runner = createRunner(desk);
    const inspector = createInspector(runner, { authorize: () => true, redact });
    onTestFinished(async () => {
      inspector.close();
      await runner.stop();
    });
    await runner.handle('ann', 'hi');
    const request = new Request('https://bot.example/recording.colloquy.json');
    return (await inspector(request)).text();
  };

  test('is hidden by default, but for lengths and tokens', async () => {
    const text = await recorded(true);
    expect(text).toContain('"messages":[{"role":"system","length":13}]');
    expect(text).toContain('"usage":{"inputTokens":12,"outputTokens":2}');
    expect(text).not.toContain('secret');
  });

  test('is shown where nothing is hidden', async () => {
    expect(await recorded(false)).toMatch(/"secret prompt".*"secret answer"/u);
  });
});

describe('over encrypted records', () => {
  const setUp = () => {
    const key = { id: 'k', secret: 'a'.repeat(32) };
    const codec = sealed(jsonCodec, { keys: [key], mode: 'encrypt' });
    const store = createContextStore({ persister: memory(), codec });
    const runner = createRunner(restaurant, { store, due: 'elsewhere' });
    onTestFinished(async () => {
      await runner.stop();
      await store.close();
    });
    return runner;
  };

  test('only people that `authorize` lets in see texts', () => {
    expect(() => createInspector(setUp(), { redact: false })).toThrow(/authorize/u);
    createInspector(setUp(), { redact: false, authorize: () => true }).close();
    createInspector(setUp()).close();
  });

  test('a recording never has them', () => {
    const file = '/nowhere/bot.colloquy.json';
    expect(() => recordConversations(setUp(), { file, redact: false })).toThrow(/encrypted/u);
  });
});

test.each<[string, object]>([
  ['an unknown option', { authorise: () => true }],
  ['a power that is none', { allow: ['time'] }],
  ['an `authorize` that is no function', { authorize: 'admin' }],
  ['a limit that is none', { maxTurns: 0 }],
])('%s is refused', (_, options) => {
  const runner = createRunner(restaurant);
  onTestFinished(() => runner.stop());
  expect(() => createInspector(runner, options)).toThrow(
    expect.objectContaining({ code: 'bad_option' }),
  );
});
