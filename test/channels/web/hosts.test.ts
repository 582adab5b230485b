import { createContextStore, createRunner } from 'colloquy';
import { createWebChat } from 'colloquy/channels/web';
import { describe, expect, it } from 'vitest';
import { HOST, SECRET } from './browser-page.ts';
import { holdService, talk } from './world.ts';

const request = (text: string): Request =>
  new Request(`${HOST}/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'message', id: 'm1', message: { type: 'message.text', text } }),
  });

const started = () => {
  const store = createContextStore();
  const runner = createRunner(talk, { store });
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  return { chat: createWebChat(runner, { getUser: () => 'ann', answerMs: 20, onError }), errors };
};

describe('the handler of a web chat', () => {
  it('takes what hosts give to their handlers', async () => {
    const { chat } = started();
    for (const given of [
      request('hi'),
      { request: request('hi') },
      { req: { raw: request('hi') } },
    ]) {
      expect((await chat(given)).status).toBe(200);
    }
    await expect(chat('hi' as never)).rejects.toMatchObject({ code: 'not_a_request' });
  });

  it('gives the host the work that goes on after the answer', async () => {
    const { chat, errors } = started();
    const release = holdService();
    const works: Promise<unknown>[] = [];
    const response = await chat(request('look'), { waitUntil: (work) => void works.push(work) });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ outcome: 'pending', replies: [{ id: 'm1/0' }] });
    let isDone = false;
    const done = Promise.all(works).then(() => (isDone = true));
    expect([works.length, isDone]).toEqual([1, false]);
    release();
    await done;
    expect(errors).toEqual([]);
  });

  it('answers, though the host takes no work', async () => {
    const { chat, errors } = started();
    const refusal = new Error('too late');
    const waitUntil = (): never => {
      throw refusal;
    };
    expect((await chat(request('hi'), {}, { waitUntil })).status).toBe(200);
    expect(errors).toEqual([refusal]);
  });

  it('needs no runner of ours', async () => {
    expect(() => createWebChat({} as never, { secret: SECRET })).toThrow(
      expect.objectContaining({ code: 'bad_option' }),
    );
  });
});
