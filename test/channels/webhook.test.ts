import { afterEach, describe, expect, test, vi } from 'vitest';
import { createWebhook } from 'colloquy/channels/webhook';
import { ColloquyError, MessageError, PersistError } from '../../src/errors.ts';
import { echoTexts, post, stubClock, stubRunner, textChannel } from './stubs.ts';

const MiB = 1024 * 1024;

function setUp(channel = textChannel(), runner = stubRunner(echoTexts)) {
  const errors: unknown[] = [];
  const clock = stubClock();
  const handler = createWebhook(runner, channel, { clock, onError: (error) => errors.push(error) });
  return { handler, runner, errors, clock };
}

/** A body that gives `chunks`, counts what was taken, and then continues forever or ends. */
function bodyOf(chunks: Iterable<Uint8Array>, end: 'ends' | 'hangs' | 'breaks' = 'ends') {
  const taken = { chunks: 0, isCancelled: false };
  const iterator = chunks[Symbol.iterator]();
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = iterator.next();
        if (!next.done) {
          taken.chunks += 1;
          controller.enqueue(next.value);
        } else if (end === 'ends') {
          controller.close();
        } else if (end === 'breaks') {
          controller.error(new Error('hung up'));
        } else {
          return new Promise(() => {});
        }
      },
      cancel: () => void (taken.isCancelled = true),
    },
    { highWaterMark: 0 },
  );
  return { stream, taken };
}

test('a message that is not committed yet is not acknowledged, so that it is delivered again', async () => {
  for (const [uncommitted, status] of [
    [true, 503],
    [undefined, 200],
  ] as const) {
    const { handler } = setUp(textChannel(), {
      ...stubRunner(),
      handle: async () => ({
        outcome: 'pending',
        replies: [],
        ...(uncommitted && { uncommitted }),
      }),
    });
    expect((await handler(post('hi'))).status).toBe(status);
  }
});

test.each<[what: string, runner: unknown, channel: unknown, place: string]>([
  ['swapped parts', textChannel(), stubRunner(), 'The first argument'],
  ['no runner', undefined, textChannel(), 'The first argument'],
  ['a dialogue for a runner', { id: 'd', config: {} }, textChannel(), 'The first argument'],
  ['a channel that was not called', stubRunner(), textChannel, 'The second argument'],
  ['no channel', stubRunner(), undefined, 'The second argument'],
])('%s are refused, with what belongs there', (_what, runner, channel, place) => {
  const act = (): unknown => createWebhook(runner as never, channel as never);
  expect(act).toThrow(expect.objectContaining({ name: 'UsageError', code: 'bad_option' }));
  expect(act).toThrow(`${place} of createWebhook()`);
});

describe('a delivery', () => {
  test('becomes a turn, and its replies become the answer', async () => {
    const { handler, runner, clock } = setUp();
    const response = await handler(post('hi'));
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('hi');
    expect(runner.calls).toEqual([
      {
        openid: 'user',
        message: { type: 'message.text', text: 'hi' },
        options: { id: 'id', receivedAt: clock.now() },
      },
    ]);
  });

  test('counts from the arrival of the request, however long its body takes', async () => {
    const { handler, runner, clock } = setUp();
    const startedAt = clock.now();
    let release = (): void => {};
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) =>
        new Promise((resolve) => {
          release = () => {
            controller.enqueue(Buffer.from('hi'));
            controller.close();
            resolve();
          };
        }),
    });
    const answering = handler(post(body));
    await vi.waitUntil(() => body.locked);
    clock.advance(2999);
    release();
    expect(await (await answering).text()).toBe('hi');
    expect(runner.calls[0]?.options.receivedAt).toBe(startedAt);
  });

  test('with nothing to say is acknowledged', async () => {
    const { handler } = setUp(
      textChannel(),
      stubRunner(() => []),
    );
    expect(await (await handler(post('hi'))).text()).toBe('ok');
  });

  test('without an id has none for the runner', async () => {
    const { receive } = textChannel();
    const { handler, runner } = setUp(
      textChannel({
        async receive(request) {
          const reception = await receive(request);
          if (reception.type !== 'messages') return reception;
          return {
            ...reception,
            messages: reception.messages.map(({ openid, message }) => ({ openid, message })),
          };
        },
      }),
    );
    await handler(post('hi'));
    expect(runner.calls[0]?.options).not.toHaveProperty('id');
  });

  test('may carry several messages or none, and has no place for replies then', async () => {
    const texts = (names: readonly string[]) =>
      textChannel({
        async receive() {
          return {
            type: 'messages',
            messages: names.map((name) => ({
              openid: name,
              message: { type: 'message.text', text: `to ${name}` },
            })),
            acknowledge: { status: 204, body: '' },
          };
        },
      });
    const none = setUp(texts([]));
    expect((await none.handler(post(null))).status).toBe(204);
    expect(none.runner.calls).toEqual([]);

    const two = setUp(texts(['a', 'b']));
    expect((await two.handler(post(null))).status).toBe(204);
    expect(two.runner.calls.map(({ openid }) => openid)).toEqual(['a', 'b']);
    expect(two.errors).toMatchObject([
      { code: 'reply_not_sent', openid: 'a', details: { channel: 'test', index: 0 } },
      { code: 'reply_not_sent', openid: 'b', details: { channel: 'test', index: 0 } },
    ]);
  });

  test('continues when the client hangs up', async () => {
    let finish = (): void => {};
    const runner = stubRunner(
      () => new Promise((resolve) => (finish = () => resolve(['still here']))),
    );
    const { handler, errors } = setUp(textChannel(), runner);
    const client = new AbortController();
    const answering = handler(post('hi', { signal: client.signal }));
    await vi.waitUntil(() => runner.calls.length === 1);
    expect(Object.keys(runner.calls[0]?.options ?? {}).toSorted()).toEqual(['id', 'receivedAt']);
    client.abort();
    finish();
    expect(await (await answering).text()).toBe('still here');
    expect(errors).toEqual([]);
  });
});

test('a handshake is answered as the channel says, without a turn', async () => {
  const { handler, runner } = setUp(
    textChannel({
      receive: async () => ({
        type: 'handshake',
        answer: { status: 201, headers: { 'x-a': 'b' }, body: 'hello' },
      }),
    }),
  );
  const response = await handler(post('hi'));
  expect(response.status).toBe(201);
  expect(response.headers.get('x-a')).toBe('b');
  expect(await response.text()).toBe('hello');
  expect(runner.calls).toEqual([]);
});

test('a rejection has an empty body, and its error is reported', async () => {
  const error = new MessageError('bad_body', 'bad');
  const { handler, runner, errors } = setUp(
    textChannel({
      receive: async () => ({ type: 'reject', status: 401, headers: { 'x-a': 'b' }, error }),
    }),
  );
  const response = await handler(post('hi'));
  expect([response.status, response.headers.get('x-a'), await response.text()]).toEqual([
    401,
    'b',
    '',
  ]);
  expect(errors).toEqual([error]);
  expect(runner.calls).toEqual([]);
});

const retryable = (value: boolean): PersistError =>
  new PersistError('unavailable', 'secret', { retryable: value });

describe('no error reaches the platform', () => {
  const fault = new Error('secret');

  test('a turn that throws is acknowledged and reported', async () => {
    const { handler, errors } = setUp(
      textChannel(),
      stubRunner(() => Promise.reject(fault)),
    );
    const response = await handler(post('hi'));
    expect([response.status, await response.text()]).toEqual([200, 'ok']);
    expect(errors).toEqual([fault]);
  });

  test('a runner that throws at once is, too', async () => {
    const runner = {
      ...stubRunner(),
      handle: () => {
        throw fault;
      },
    };
    const { handler, errors } = setUp(textChannel(), runner);
    expect(await (await handler(post('hi'))).text()).toBe('ok');
    expect(errors).toEqual([fault]);
  });

  test.each([
    ['was shed', { outcome: 'shed' }, 503],
    ['failed for now', { outcome: 'failed', error: retryable(true) }, 503],
    ['failed for good', { outcome: 'failed', error: retryable(false) }, 200],
    ['failed, with an apology', { outcome: 'failed', error: retryable(true), text: 'Sorry.' }, 200],
    ['was rejected by a stopped runner', retryable(true), 503],
  ])(
    'a turn that %s has the message delivered again only where it left no trace',
    async (_, turn, status) => {
      const runner = {
        async handle() {
          if (turn instanceof Error) throw turn;
          const { text, ...rest } = { text: undefined, ...turn };
          return { ...rest, replies: text === undefined ? [] : [{ type: 'text' as const, text }] };
        },
      };
      const { handler } = setUp(textChannel(), { ...stubRunner(), ...runner });
      const response = await handler(post('hi'));
      expect([response.status, await response.text()]).toEqual([
        status,
        status === 503 ? '' : expect.any(String),
      ]);
    },
  );

  test.each<[string, object]>([
    ['a status that is none', { status: 99 }],
    ['a status that has no body, and a body', { status: 204 }],
    ['a header of two lines', { headers: { 'x-a': 'b\r\nc: d' } }],
    ['a header whose name is none', { headers: { 'x a': 'b' } }],
    ['no text', { body: undefined }],
  ])('an answer with %s is acknowledged instead, and reported', async (_, bad) => {
    const { receive } = textChannel();
    const { handler, errors } = setUp(
      textChannel({
        async receive(request) {
          return {
            ...(await receive(request)),
            render: () => ({ answer: { status: 200, body: 'hi', ...bad }, unsent: [] }),
          } as Awaited<ReturnType<typeof receive>>;
        },
      }),
    );
    expect(await (await handler(post('hi'))).text()).toBe('ok');
    expect(errors).toEqual([expect.objectContaining({ code: 'bad_answer' })]);
  });

  test('replies that cannot be rendered are acknowledged and reported', async () => {
    const { receive } = textChannel();
    const { handler, errors } = setUp(
      textChannel({
        async receive(request) {
          return {
            ...(await receive(request)),
            render: () => {
              throw fault;
            },
          } as Awaited<ReturnType<typeof receive>>;
        },
      }),
    );
    expect(await (await handler(post('hi'))).text()).toBe('ok');
    expect(errors).toEqual([fault, expect.objectContaining({ code: 'reply_not_sent' })]);
  });

  test('a channel that throws gets an empty 500, as nothing is proven', async () => {
    const { handler, errors } = setUp(
      textChannel({
        receive: async () => {
          throw fault;
        },
      }),
    );
    const response = await handler(post('hi'));
    expect([response.status, await response.text()]).toEqual([500, '']);
    expect(errors).toEqual([fault]);
  });
});

describe('without a working onError', () => {
  afterEach(() => void vi.restoreAllMocks());

  const cases: readonly [string, ((error: unknown) => void) | undefined, number][] = [
    ['there is none', undefined, 1],
    [
      'it throws',
      () => {
        throw new Error('secret');
      },
      2,
    ],
    ['it rejects', (() => Promise.reject(new Error('secret'))) as () => void, 2],
  ];

  test.each(cases)('a warning holds the code and no text: %s', async (_, onError, count) => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const runner = stubRunner(() =>
      Promise.reject(new MessageError('bad_message', 'secret', { openid: 'secret' })),
    );
    const handler = createWebhook(runner, textChannel(), onError ? { onError } : {});
    expect(await (await handler(post('hi'))).text()).toBe('ok');
    await vi.waitUntil(() => emitWarning.mock.calls.length === count);
    const [text, options] = emitWarning.mock.calls[0] ?? [];
    expect(text).toContain("MessageError 'bad_message'");
    expect(options).toMatchObject({ code: 'bad_message' });
    expect(JSON.stringify(emitWarning.mock.calls)).not.toContain('secret');
  });

  test.each([null, 'secret', { code: 'secret text, not a code' }])(
    'a warning holds nothing of a thrown %j',
    async (thrown) => {
      const emitWarning = vi.spyOn(process, 'emitWarning').mockReturnValue();
      const runner = stubRunner(() => Promise.reject(thrown));
      await createWebhook(runner, textChannel())(post('hi'));
      expect(emitWarning).toHaveBeenCalledOnce();
      expect(JSON.stringify(emitWarning.mock.calls)).not.toContain('secret');
    },
  );
});

describe('a body', () => {
  const zeros = (bytes: number) => new Uint8Array(bytes).fill(0x61);

  test('of the limit is taken', async () => {
    const { handler, runner } = setUp();
    expect((await handler(post(zeros(MiB)))).status).toBe(200);
    expect(runner.calls).toHaveLength(1);
  });

  test('of a byte more is not', async () => {
    const { handler, runner, errors } = setUp();
    const response = await handler(post(zeros(MiB + 1)));
    expect([response.status, await response.text()]).toEqual([413, '']);
    expect(runner.calls).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('has the limit that the channel declares', async () => {
    const { handler } = setUp(textChannel({ limits: { maxBodyBytes: 3 } }));
    expect((await handler(post('abc'))).status).toBe(200);
    expect((await handler(post('abcd'))).status).toBe(413);
    expect((await handler(post(null))).status).toBe(200);
  });

  test('without an end is not read beyond the limit', async () => {
    const { handler, runner } = setUp();
    const { stream, taken } = bodyOf(
      (function* () {
        for (;;) yield zeros(MiB / 4);
      })(),
    );
    expect((await handler(post(stream))).status).toBe(413);
    expect(taken).toEqual({ chunks: 5, isCancelled: true });
    expect(runner.calls).toEqual([]);
  });

  test.each(['1', '999999999999'])('is as long as it is, not as %s claims', async (length) => {
    const { handler } = setUp(textChannel({ limits: { maxBodyBytes: 10 } }));
    const headers = { 'content-length': length };
    expect(await (await handler(post('0123456789', { headers }))).text()).toBe('0123456789');
    expect((await handler(post('0123456789x', { headers }))).status).toBe(413);
  });

  test('may come in any pieces, also inside a character', async () => {
    const { handler } = setUp();
    const bytes = Buffer.from('你好，😀'.repeat(3000));
    const { stream } = bodyOf(Array.from(bytes, (byte) => Uint8Array.of(byte)));
    expect(await (await handler(post(stream))).text()).toBe(bytes.toString());
  });

  test('that does not come in time gets 408', async () => {
    const { handler, runner, clock, errors } = setUp();
    const { stream, taken } = bodyOf([Buffer.from('half')], 'hangs');
    const answering = handler(post(stream));
    await vi.waitUntil(() => taken.chunks === 1);
    clock.advance(3000);
    const response = await answering;
    expect([response.status, await response.text()]).toEqual([408, '']);
    expect(taken.isCancelled).toBe(true);
    expect(runner.calls).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('has the time that the channel declares', async () => {
    const { handler, clock } = setUp(textChannel({ limits: { bodyTimeoutMs: 10 } }));
    const { stream, taken } = bodyOf([Buffer.from('half')], 'hangs');
    const answering = handler(post(stream));
    await vi.waitUntil(() => taken.chunks === 1);
    clock.advance(10);
    expect((await answering).status).toBe(408);
  });

  test('that breaks off is no message', async () => {
    const { handler, runner, errors } = setUp();
    const { stream } = bodyOf([Buffer.from('half')], 'breaks');
    expect((await handler(post(stream))).status).toBe(400);
    expect(runner.calls).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('that is not bytes is no message', async () => {
    const { handler, runner } = setUp();
    const stream = new ReadableStream({ start: (controller) => controller.enqueue('text') });
    expect((await handler(post(stream))).status).toBe(400);
    expect(runner.calls).toEqual([]);
  });

  test('that other code has read is an error of the program', async () => {
    const { handler, runner, errors } = setUp();
    const request = post('hi');
    await request.text();
    const response = await handler(request);
    expect([response.status, await response.text()]).toEqual([500, '']);
    expect(ColloquyError.is(errors[0], 'body_already_read')).toBe(true);
    expect(runner.calls).toEqual([]);
  });

  test('is the same one each time the channel asks', async () => {
    const { receive } = textChannel();
    const { handler } = setUp(
      textChannel({
        async receive(request) {
          await request.readBody();
          return receive(request);
        },
      }),
    );
    expect(await (await handler(post('hi'))).text()).toBe('hi');
  });

  test('that a channel does not wait for cannot end the process', async () => {
    const { handler } = setUp(
      textChannel({
        async receive(request) {
          void request.readBody();
          return { type: 'reject', status: 401 };
        },
      }),
    );
    const { stream } = bodyOf([], 'breaks');
    // An unhandled rejection fails the run.
    expect((await handler(post(stream))).status).toBe(401);
  });
});
