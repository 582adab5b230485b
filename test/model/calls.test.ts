import {
  type Model,
  type ModelPart,
  type ModelRequest,
  generateWithDrafts,
  observed,
} from 'colloquy/model';
import { scripted } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ModelTrace, modelChannels } from '../../src/model/calls.ts';

const request: ModelRequest = { messages: [{ role: 'user', text: 'Which time is it?' }] };

/** What is announced from now on: the ends, and how many calls began. */
function listen() {
  const begun: ModelTrace[] = [];
  const ended: ModelTrace[] = [];
  const start = (trace: ModelTrace): void => void begun.push(trace);
  const end = (trace: ModelTrace): void => void ended.push(trace);
  modelChannels.start.subscribe(start);
  modelChannels.end.subscribe(end);
  const off = (): void => {
    modelChannels.start.unsubscribe(start);
    modelChannels.end.unsubscribe(end);
  };
  onTestFinished(off);
  return { begun, ended, off };
}

/** A model of a program, which knows nothing of observers. */
const plain = (model: Model = scripted(['It is late.'])): Model => ({
  name: 'plain',
  generate: (asked) => model.generate({ ...asked }),
});

describe('a call of a model', () => {
  it('is announced when it begins, and with its response when it ends', async () => {
    const { begun, ended } = listen();
    const answering = scripted(['It is late.']).generate(request);
    expect(begun).toMatchObject([{ model: 'scripted', request, isStreamed: false }]);
    expect(ended).toEqual([]);
    const response = await answering;
    expect(ended).toMatchObject([{ end: { response } }]);
    expect(ended[0]).toBe(begun[0]);
  });

  it('has the error where it fails', async () => {
    const { ended } = listen();
    const failing = scripted([{ fails: 'timeout' }]).generate(request);
    const error: unknown = await failing.catch((thrown: unknown) => thrown);
    expect(ended).toMatchObject([{ end: { error } }]);
  });

  it('is one, where a model asks another one for the answer', async () => {
    const { begun, ended } = listen();
    await observed(plain()).generate(request);
    expect([begun, ended].map((traces) => traces.map(({ model }) => model))).toEqual([
      ['plain'],
      ['plain'],
    ]);
    await scripted(['And again.']).generate(request);
    expect(begun).toHaveLength(2);
  });

  it('of a model of a program is announced where it is asked for drafts', async () => {
    const { ended } = listen();
    await generateWithDrafts(plain(), request, () => {});
    expect(ended).toMatchObject([{ model: 'plain' }]);
  });

  it('that is streamed has the text so far, and the response at its end', async () => {
    const { begun, ended } = listen();
    const texts: (string | undefined)[] = [];
    for await (const part of scripted(['It is late.']).stream(request)) {
      if (part.type === 'text') texts.push(begun[0]?.text);
    }
    expect(texts).toEqual(['It ', 'It is ', 'It is late.']);
    expect(ended).toMatchObject([
      { isStreamed: true, text: 'It is late.', end: { response: { finish: 'stop' } } },
    ]);
  });

  it('is broken where its caller leaves or its stream has no end, and aborts the signal of the model', async () => {
    const { ended } = listen();
    const left: string[] = [];
    const endless: Model = {
      ...plain(),
      async *stream(): AsyncGenerator<ModelPart, void, undefined> {
        try {
          yield { type: 'text', text: 'It' };
          yield { type: 'text', text: ' is' };
        } finally {
          left.push('left');
        }
      },
    };
    for await (const part of observed(endless).stream?.(request) ?? []) {
      expect(part).toEqual({ type: 'text', text: 'It' });
      break;
    }
    expect(ended).toMatchObject([{ text: 'It', end: 'broken' }]);
    for await (const _ of observed(endless).stream?.(request) ?? []) continue;
    expect(ended).toMatchObject([{ text: 'It' }, { text: 'It is', end: 'broken' }]);
    expect(left).toEqual(['left', 'left']);
  });

  it('that fails before its stream begins has the error', async () => {
    const { ended } = listen();
    const broken: Model = {
      ...plain(),
      stream() {
        throw new Error('No stream today.');
      },
    };
    await expect(generateWithDrafts(broken, request, () => {})).rejects.toThrow('No stream');
    expect(ended).toMatchObject([{ end: { error: { message: 'No stream today.' } } }]);
  });

  it('is that of the model itself while no listener is there', async () => {
    const asked: ModelRequest[] = [];
    const { off, begun } = listen();
    off();
    const response = { text: 'Late.', calls: [], finish: 'stop' } as const;
    const model = observed({
      name: 'mine',
      async generate(given: ModelRequest) {
        asked.push(given);
        return response;
      },
    });
    expect(await model.generate(request)).toBe(response);
    expect(asked[0]).toBe(request);
    expect(begun).toEqual([]);
    expect(model.stream).toBeUndefined();
  });
});

it('observed() refuses what is no model', () => {
  expect(() => observed(undefined as never)).toThrow(
    expect.objectContaining({ code: 'bad_option' }),
  );
});
