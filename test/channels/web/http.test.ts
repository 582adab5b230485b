import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeListener } from 'colloquy/channels/node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Jar } from './browser-page.ts';
import { createChatWorld, openidOf } from './world.ts';

async function serve(world = createChatWorld()) {
  const server = createServer(toNodeListener(world.chat)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const jar = new Jar();
  const url = `http://127.0.0.1:${port}/chat`;
  const post = async (body: unknown): Promise<Response> => {
    const headers = {
      'content-type': 'application/json',
      cookie: jar.header,
      origin: new URL(url).origin,
    };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    jar.take(response);
    return response;
  };
  const connect = async (): Promise<AsyncIterator<string>> => {
    const headers = { accept: 'text/event-stream', cookie: jar.header };
    const response = await fetch(url, { headers });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const texts = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream());
    return texts[Symbol.asyncIterator]();
  };
  return { ...world, server, url, jar, post, connect };
}

/** Reads on until something was sent. */
async function until(stream: AsyncIterator<string>, part: string): Promise<string> {
  let text = '';
  while (!text.includes(part)) {
    const { done, value } = await stream.next();
    if (done === true) throw new Error(`The stream ended before ${part}.`);
    text += value;
  }
  return text;
}

describe('a web chat on a server of Node.js', () => {
  it('sends events as they happen, on a connection that stays open', async () => {
    const { post, connect, runner, jar } = await serve();
    await post({ type: 'hello' });
    const stream = await connect();
    await until(stream, '"type":"open"');
    await runner.say(openidOf({ jar }), 'By the way: <b>\u2028 你好');
    const event = await until(stream, '"type":"reply"');
    expect(event).toContain('"text":"By the way: <b>\u2028 你好"');
    const { id } = JSON.parse(event.slice(event.indexOf('{'))) as { id: string };
    expect((await post({ type: 'ack', shown: [id] })).status).toBe(204);
    const message = { type: 'message.text', text: 'hi' };
    const answer = await post({ type: 'message', id: 'm1', message });
    expect(await answer.json()).toMatchObject({ pushed: [], replies: [{ id: 'm1/0' }] });
    await until(stream, '"type":"answer"');
  });

  it('notices that a page is gone, and keeps what is said then', async () => {
    const { post, connect, runner, jar } = await serve();
    await post({ type: 'hello' });
    const stream = await connect();
    await until(stream, '"type":"open"');
    await stream.return?.();
    const openid = openidOf({ jar });
    await runner.say(openid, 'Gone?');
    // It waits for an acknowledgement until the server notices.
    await runner.idle(openid);
    const next = await connect();
    expect(await until(next, 'Gone?')).toContain('"type":"reply"');
  });

  it('closes with its server: pages are disconnected first', async () => {
    const { post, connect, server, chat } = await serve();
    await post({ type: 'hello' });
    const stream = await connect();
    await until(stream, '"type":"open"');
    const closed = new Promise((resolve) => server.close(resolve));
    chat.close();
    expect((await stream.next()).done).toBe(true);
    server.closeIdleConnections();
    await closed;
  });

  it('has no script of the page where the package is not built', async () => {
    const { url } = await serve();
    for (const address of [`${url}/chat.js`, `${url}?script`]) {
      expect([200, 404]).toContain((await fetch(address)).status);
    }
  });
});
