import { once } from 'node:events';
import { type IncomingMessage, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { toNodeListener } from 'colloquy/channels/node';

/** A body that is written from outside, and what its reader asked of it. */
function openBody() {
  const encoder = new TextEncoder();
  const cancelled = vi.fn<() => void>();
  const pulled = vi.fn<() => void>();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (given) => void (controller = given),
      pull: () => pulled(),
      cancel: () => cancelled(),
    },
    { highWaterMark: 0 },
  );
  return {
    stream,
    cancelled,
    pulled,
    write: (text: string) => controller?.enqueue(encoder.encode(text)),
    fail: (error: Error) => controller?.error(error),
    close: () => controller?.close(),
  };
}

async function serve(handler: (incoming: Request) => Response) {
  const errors: unknown[] = [];
  const server = createServer(
    toNodeListener(async (incoming) => handler(incoming), {
      onError: (error) => errors.push(error),
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, errors };
}

async function open(port: number, method = 'GET'): Promise<IncomingMessage> {
  const sending = request({ host: '127.0.0.1', port, method });
  onTestFinished(() => void sending.destroy());
  sending.on('error', () => {}).end();
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  return response.on('error', () => {});
}

const ofEvents = { headers: { 'content-type': 'text/event-stream' } };

test('the head of a stream is sent before its first event, and each event before the next', async () => {
  const body = openBody();
  const { port } = await serve(() => new Response(body.stream, ofEvents));
  const response = await open(port);
  expect(response.headers).toMatchObject({ 'content-type': 'text/event-stream' });
  expect(response.headers['content-length']).toBeUndefined();
  for (const event of ['data: one\n\n', 'data: two\n\n']) {
    body.write(event);
    const [chunk] = (await once(response, 'data')) as [Buffer];
    expect(chunk.toString()).toBe(event);
  }
  body.close();
  await once(response, 'end');
});

test('a client that hangs up cancels the stream and aborts the signal, and that is no error', async () => {
  const body = openBody();
  const aborted = vi.fn<() => void>();
  const { port, errors } = await serve(({ signal }) => {
    signal.addEventListener('abort', () => {
      aborted();
      body.fail(new Error('The client has left.'));
    });
    return new Response(body.stream, ofEvents);
  });
  const response = await open(port);
  response.destroy();
  await vi.waitFor(() => expect(aborted).toHaveBeenCalledOnce());
  expect(errors).toEqual([]);

  const quiet = openBody();
  const other = await serve(() => new Response(quiet.stream, ofEvents));
  (await open(other.port)).destroy();
  await vi.waitFor(() => expect(quiet.cancelled).toHaveBeenCalledOnce());
  expect(other.errors).toEqual([]);
});

test('a client that does not read stops the stream, and is sent the rest when it does', async () => {
  const chunk = new Uint8Array(65_536);
  const total = 1024;
  let made = 0;
  const { port } = await serve(() => {
    const pull = async (to: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      if (made === total) return to.close();
      made += 1;
      to.enqueue(chunk);
    };
    return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
  });
  const response = await open(port);
  response.pause();
  let before = -1;
  await vi.waitFor(() => {
    const isStill = made === before && made > 0;
    before = made;
    expect(isStill).toBe(true);
  });
  // What the sockets and their buffers took, of 64 MiB.
  expect(made).toBeLessThan(total / 2);
  let size = 0;
  for await (const bytes of response as AsyncIterable<Buffer>) size += bytes.byteLength;
  expect(size).toBe(total * chunk.byteLength);
});

test('a stream that breaks is cut off, so that no reader takes a part for the whole', async () => {
  const body = openBody();
  const { port, errors } = await serve(() => new Response(body.stream, ofEvents));
  const response = await open(port);
  body.write('data: one\n\n');
  await once(response, 'data');
  const fault = new Error('secret');
  body.fail(fault);
  await once(response, 'error');
  expect(response.complete).toBe(false);
  expect(errors).toEqual([fault]);
});

test('a HEAD gets no body of a stream, which is cancelled', async () => {
  const body = openBody();
  const { port } = await serve(() => new Response(body.stream, ofEvents));
  const response = await open(port, 'HEAD');
  response.resume();
  await once(response, 'end');
  expect(body.cancelled).toHaveBeenCalledOnce();
});

test('a body that is there at once is sent with its length, as before', async () => {
  const { port } = await serve(() => new Response('all of it'));
  const response = await open(port);
  expect(response.headers).toMatchObject({ 'content-length': '9' });
  expect(response.headers['transfer-encoding']).toBeUndefined();
});
