import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Recognizer, createRunner, formatReply } from 'colloquy';
import { type Chat, converse, createManualClock, fails, playTranscript } from 'colloquy/testing';
import { LLMock } from '@copilotkit/aimock';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AnyStateMachine, InputFrom, OutputFrom } from 'xstate';
import { address } from '../../examples/support-desk/address.ts';
import { bank } from '../../examples/support-desk/bank.ts';
import desk from '../../examples/support-desk/dialogue.ts';
import { model, recognizerOf } from '../../examples/support-desk/model.ts';
import { refund } from '../../examples/support-desk/refund.ts';
import { createShop } from '../../examples/support-desk/shop.ts';
import { cli } from '../cli/program.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}examples/support-desk/`;

async function sayAll(
  chat: Pick<Chat, 'say'>,
  ...messages: readonly string[]
): Promise<readonly string[]> {
  let said: readonly string[] = [];
  for (const message of messages) said = await chat.say(message);
  return said;
}

/** The desk on virtual time, on a channel that can push: the result of a service is said later. */
function createDesk(recognize: Recognizer = model) {
  const clock = createManualClock();
  const dialogue = desk.provide({ actors: createShop(clock) });
  return { dialogue, options: { clock, recognize, deadlineMs: 1000 } };
}

function chatWithDesk(recognize?: Recognizer) {
  const { dialogue, options } = createDesk(recognize);
  return converse(dialogue, options);
}

describe('the transcripts', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.chat'));

  test('are there', () => expect(names).not.toEqual([]));

  test.each(names)('%s is what happens', async (name) => {
    const transcript = readFileSync(folder + name, 'utf8');
    const { dialogue, options } = createDesk();
    expect((await playTranscript(transcript, dialogue, options)).text).toBe(transcript);
  });
});

describe('a model that the environment names', () => {
  async function startServer(): Promise<LLMock> {
    const server = new LLMock({ port: 0, auth: { apiKeys: ['sk-desk'] } });
    await server.start();
    onTestFinished(() => server.stop());
    return server;
  }
  const environmentOf = (server: LLMock) => ({
    MODEL_URL: `${server.url}/v1`,
    MODEL_NAME: 'a-model',
    MODEL_KEY: 'sk-desk',
  });

  test('finds what the customer wants, of what the desk can do here', async () => {
    const server = await startServer();
    server.on(
      { userMessage: 'in a thousand pieces' },
      { content: { intents: [{ intent: 'refund', score: 0.9 }] } },
    );
    const runner = createRunner(createDesk().dialogue, {
      recognize: recognizerOf(environmentOf(server)),
    });
    const { replies } = await runner.handle('ann', 'my lamp 1043 came in a thousand pieces');
    expect(replies.map(formatReply).join('\n')).toContain('1043');
    const body = server.getLastRequest()?.body as object;
    const request = JSON.stringify(body);
    // Which not every server has.
    expect(body).not.toHaveProperty('response_format');
    for (const intent of ['refund', 'delivery', 'human'])
      expect(request).toContain(`- ${intent}: `);
    await runner.stop();
  });

  test('leaves the message to the words of the desk where it fails', async () => {
    const server = await startServer();
    const recognize = recognizerOf({ ...environmentOf(server), MODEL_KEY: 'sk-wrong' });
    const runner = createRunner(createDesk().dialogue, { recognize });
    const codes: unknown[] = [];
    runner.on('error', ({ error }) => codes.push((error as { code?: unknown }).code));
    const { replies } = await runner.handle('ann', 'a refund of 1043, please');
    expect(replies.map(formatReply).join('\n')).toContain('1043');
    expect(codes).toEqual(['recognizer_failed']);
    await runner.stop();
  });

  test.each([{}, { MODEL_URL: 'http://127.0.0.1:9/v1' }, { MODEL_NAME: 'a-model' }])(
    'is the stand-in without both variables: %j',
    (environment) => {
      expect(recognizerOf(environment)).toBe(model);
    },
  );
});

describe('a sub-dialogue alone', () => {
  const iban = 'GB82WEST12345698765432';

  /** Plays a dialogue with an input of its type, and returns the last replies and the output. */
  async function play<Dialogue extends AnyStateMachine>(
    dialogue: Dialogue,
    input: InputFrom<Dialogue>,
    ...messages: readonly string[]
  ): Promise<{ said: readonly string[]; output: OutputFrom<Dialogue> | undefined }> {
    const chat = converse(dialogue, { input: () => input });
    const said = await sayAll(chat, ...messages);
    return { said, output: chat.output as OutputFrom<Dialogue> | undefined };
  }

  test('asks for an address, except the parts that its input has', async () => {
    const input = { purpose: 'for the flowers', name: 'Ann' };
    const { said } = await play(address, input, 'hi');
    expect(said).toEqual(['Street and number, for the flowers?']);
    const { output } = await play(address, input, 'hi', '1 A St', '12345', 'Oslo', 'yes');
    expect(output).toEqual({ name: 'Ann', street: '1 A St', postcode: '12345', city: 'Oslo' });
  });

  test('asks for a bank account, and returns none if the customer cannot spell it', async () => {
    const { output } = await play(bank, { amount: 10 }, 'hi', 'gb82 west 1234 5698 7654 32', 'Ann');
    expect(output).toEqual({ holder: 'Ann', iban });
    const { output: none } = await play(bank, { amount: 10 }, 'hi', '1', '2', '3');
    expect(none).toBeUndefined();
  });

  test('agrees on a refund, or does not', async () => {
    const input = { order: '1042', total: 35 };
    const way = ['hi', 'broken', 'money', iban, 'Ann'];
    const { said } = await play(refund, input, ...way);
    expect(said).toEqual([`35.00 € to Ann, ${iban}. Shall I?\n1. Yes\n2. No`]);
    const { output } = await play(refund, input, ...way, 'yes');
    expect(output).toEqual({
      order: '1042',
      reason: 'broken',
      by: 'money',
      account: { holder: 'Ann', iban },
    });
    const { output: none } = await play(refund, input, 'hi', '?', '?', '?');
    expect(none).toBeUndefined();
  });

  test('takes an input of its type only', () => {
    // @ts-expect-error a total is missing
    createRunner(refund, { input: () => ({ order: '1042' }) });
    expect(() => createRunner(refund, { input: () => ({ order: '1', total: 1 }) })).not.toThrow();
  });
});

describe('the desk', () => {
  const untilPaid = ['refund 1043', 'broken', 'money', 'GB82WEST12345698765432', 'Ann', 'yes'];

  test('emits that it is typing while a service runs', async () => {
    const chat = chatWithDesk();
    await sayAll(chat, ...untilPaid);
    const seen = [...chat.emitted];
    await chat.advance({ seconds: 1 });
    seen.push(...chat.emitted);
    chat.expectOutcome('pending').expectSilence();
    expect(seen).toEqual([{ type: 'typing', on: true }]);
    expect(await chat.advance({ seconds: 1 })).toEqual(['One moment …']);
    await chat.advance({ seconds: 4 });
    expect(chat.emitted).toEqual([{ type: 'typing', on: false }]);
    chat.expectReplies('It is done, under the number R-1043.', 'Is there anything else?');
  });

  test('does not mention a service that is quick', async () => {
    const chat = chatWithDesk();
    await sayAll(chat, 'refund 1043');
    expect(await chat.advance({ minutes: 1 })).toEqual([]);
  });

  test('hands over if a service fails', async () => {
    const { dialogue, options } = createDesk();
    const chat = converse(dialogue, { ...options, services: { payBack: fails(1) } });
    expect((await sayAll(chat, ...untilPaid)).at(-1)).toBe('[handoff]');
    chat.expectState('talk.human, typing.idle');
  });

  test('continues without a model that is late', async () => {
    const chat = chatWithDesk(() => new Promise(() => {}));
    await chat.say('refund 1043, it is broken');
    await chat.advance({ seconds: 1 });
    chat.expectReply(/^What is the matter with order 1043/);
    await chat.say('the handle came off');
    await chat.advance({ seconds: 1 });
    // An option in exactly these words is an answer, and no model is asked.
    await chat.say('it is broken');
    const codes = chat.errors.map((error) => (error as { code?: string }).code);
    expect(codes).toEqual(['recognizer_timeout', 'recognizer_timeout']);
  });

  test('continues without a model that fails', async () => {
    const chat = chatWithDesk(async () => {
      throw new Error('quota');
    });
    expect((await sayAll(chat, 'my lamp 1043 is broken'))[0]).toMatch(/^What can I do for you/);
    expect((await sayAll(chat, 'return it'))[0]).toBe('What is the number of the order?');
    expect(chat.errors).toHaveLength(2);
    expect(chat.errors[0]).toMatchObject({ code: 'recognizer_failed' });
  });

  test('asks the model with the names of all intents', async () => {
    let known: readonly string[] = [];
    const chat = chatWithDesk(async (_, { intents }) => {
      known = intents;
      return [{ intent: 'delivery', score: 0.9, values: {} }];
    });
    expect(await chat.say('42')).toEqual(['What is the number of the order?']);
    expect(known).toEqual(expect.arrayContaining(['refund', 'delivery', 'status', 'cancel']));
  });
});

test('it talks in the terminal', async () => {
  const input = 'my lamp 1043 is broken\nbroken\nhelp\n';
  const { code, out } = await cli(['chat'], { cwd: folder, input });
  expect(code).toBe(0);
  expect(out).toContain('> help\n< Answer the question, or say');
});
