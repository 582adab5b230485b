import { ColloquyError, type DraftEvent, setupDialogue } from 'colloquy';
import { type Model, generateWithDrafts } from 'colloquy/model';
import { converse, scripted } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { fromPromise } from 'xstate';

const request = { messages: [{ role: 'user', text: 'Which time is it?' }] } as const;

/** The answer of a model, and the drafts before it. */
async function answerOf(model: Model, asked: Parameters<Model['generate']>[0] = request) {
  const drafts: string[] = [];
  const answer = await generateWithDrafts(model, asked, ({ text }) => drafts.push(text)).catch(
    (error: unknown) => error,
  );
  return { drafts, answer };
}

describe('an answer with drafts', () => {
  it('is that of the model, and each draft has the whole text so far', async () => {
    const model = scripted([{ parts: ['It is', ' half past', ' nine.'] }]);
    const { drafts, answer } = await answerOf(model);
    expect(drafts).toEqual(['It is', 'It is half past', 'It is half past nine.']);
    expect(answer).toMatchObject({ text: 'It is half past nine.', finish: 'stop' });
  });

  it('shows nothing as long as there is nothing to read', async () => {
    const model = scripted([{ parts: ['\n', ' ', 'Nine.'] }]);
    expect((await answerOf(model)).drafts).toEqual(['\n Nine.']);
  });

  it.each([
    ['does not stream', { ...scripted(['Nine.']), stream: undefined } as unknown as Model, request],
    ['answers by a schema', scripted([{ value: 9 }]), { ...request, schema: { type: 'number' } }],
  ])('shows nothing of a model that %s', async (_what, model, asked) => {
    const { drafts, answer } = await answerOf(model, asked);
    expect(drafts).toEqual([]);
    expect(answer).toMatchObject({ finish: 'stop' });
  });

  it('fails where the stream breaks, or ends without an end', async () => {
    const silent: Model = {
      ...scripted([]),
      name: 'mine',
      async *stream() {
        yield { type: 'text', text: 'It is' };
      },
    };
    for (const model of [scripted([{ cutOff: 'It is' }]), silent]) {
      const { drafts, answer } = await answerOf(model);
      expect(drafts.at(-1)).toContain('It');
      expect(ColloquyError.is(answer, 'model_failed')).toBe(true);
    }
  });
});

const { createDialogue, reply } = setupDialogue({
  types: {} as { context: object },
  actors: {
    answer: fromPromise<string, { question: string }, DraftEvent>(async ({ input, emit }) => {
      const messages = [{ role: 'user', text: input.question }] as const;
      return (await generateWithDrafts(scripted(['It is late.']), { messages }, emit)).text;
    }),
  },
});

const asker = createDialogue({
  id: 'asker',
  context: {},
  initial: 'ready',
  states: {
    ready: { on: { 'message.text': 'asking' } },
    asking: {
      invoke: {
        src: 'answer',
        input: { question: 'Which time is it?' },
        onDone: { target: 'ready', actions: reply(({ event }) => event.output) },
        onError: { target: 'ready', actions: reply('I do not know.') },
      },
    },
  },
});

describe('a conversation of the testing kit', () => {
  it('has the drafts of the last step, and its transcript the replies alone', async () => {
    const chat = converse(asker);
    expect(await chat.say('hi')).toEqual(['It is late.']);
    expect(chat.drafts).toEqual(['It ', 'It is ', 'It is late.']);
    expect(chat.emitted).toEqual([]);
    expect(chat.transcript).toBe('> hi\n< It is late.\n');
    await chat.advance({ seconds: 1 });
    expect(chat.drafts).toEqual([]);
  });

  it('keeps the drafts of each user apart, and a stub emits them as the service does', async () => {
    const chat = converse(asker, {
      services: {
        answer: async (_input, { emit }) => {
          emit({ type: 'draft', text: 'Now' } as DraftEvent);
          return 'Now.';
        },
      },
    });
    const bob = chat.user('bob');
    await bob.say('hi');
    expect([bob.drafts, chat.drafts]).toEqual([['Now'], []]);
  });
});
