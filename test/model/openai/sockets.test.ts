import { type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openAiCompatible } from 'colloquy/model';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asksPrice, failureOf, streamed } from '../requests.ts';

/** A server on this machine that behaves badly. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

const modelAt = (baseUrl: string, options: object = {}) =>
  openAiCompatible({ baseUrl, apiKey: 'sk-socket', model: 'm', retries: 0, ...options });

describe('over a socket', () => {
  it('the key follows no redirect', async () => {
    const reached: unknown[] = [];
    const elsewhere = await serve((request, response) => {
      reached.push(request.headers);
      response.end('{"choices":[{"message":{"content":"stolen"}}]}');
    });
    const baseUrl = await serve((_request, response) => {
      response.writeHead(307, { location: `${elsewhere}/chat/completions` }).end();
    });
    for (const call of [
      modelAt(baseUrl).generate(asksPrice),
      streamed(modelAt(baseUrl), asksPrice),
    ]) {
      expect(await failureOf(call)).toMatchObject({
        code: 'model_failed',
        retryable: false,
        details: { reason: 'bad_request', status: 307, problem: 'redirect' },
      });
    }
    expect(reached).toEqual([]);
  });

  it('an answer that breaks off is a failure, and is asked for again', async () => {
    let asked = 0;
    const baseUrl = await serve((_request, response) => {
      asked += 1;
      const body = '{"choices":[{"message":{"content":"whole"}}]}';
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': body.length,
      });
      if (asked > 1) response.end(body);
      else response.write(body.slice(0, 20), () => response.destroy());
    });
    expect(await failureOf(modelAt(baseUrl).generate(asksPrice))).toMatchObject({
      details: { reason: 'bad_answer', problem: 'cut_off' },
    });
    asked = 0;
    expect(await modelAt(baseUrl, { retries: 1 }).generate(asksPrice)).toMatchObject({
      text: 'whole',
    });
  });

  it('a stream that breaks off is a failure behind its parts', async () => {
    const baseUrl = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"delta":{"content":"One"}}]}\n\n', () =>
        setImmediate(() => response.destroy()),
      );
    });
    expect(await failureOf(streamed(modelAt(baseUrl), asksPrice))).toMatchObject({
      details: { reason: 'bad_answer', problem: 'cut_off' },
    });
  });

  it('a flood is not read to its end', async () => {
    let written = 0;
    const baseUrl = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const part = Buffer.alloc(65_536, 'a');
      const flood = (): void => {
        while (!response.destroyed && response.write(part)) written += part.length;
        if (!response.destroyed) response.once('drain', flood);
      };
      response.write('data: ');
      flood();
    });
    for (const call of [
      modelAt(baseUrl).generate(asksPrice),
      streamed(modelAt(baseUrl), asksPrice),
    ]) {
      expect(await failureOf(call)).toMatchObject({
        details: { reason: 'bad_answer', problem: 'too_large', maxBytes: 8 * 1024 * 1024 },
      });
    }
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });

  it('a long text of an error is cut', async () => {
    const baseUrl = await serve((_request, response) => {
      response.writeHead(400);
      response.end('x'.repeat(1_000_000));
    });
    const error = (await failureOf(modelAt(baseUrl).generate(asksPrice))) as Error;
    expect(error).toMatchObject({ details: { reason: 'bad_request', status: 400 } });
    expect((error.cause as Error).message.length).toBeLessThanOrEqual(2000);
  });

  it('a port without a server is a failure that says so', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(
      await failureOf(modelAt(`http://127.0.0.1:${port}/v1`).generate(asksPrice)),
    ).toMatchObject({
      retryable: true,
      details: { reason: 'unavailable', network: 'ECONNREFUSED' },
    });
  });
});
