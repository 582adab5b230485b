import { converse, fails, hangs } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { desk, echo, weather } from './dialogues.ts';

/** What is thrown, with the number of its line as `LINE`. */
async function failing(work: () => unknown): Promise<Error & Record<string, unknown>> {
  try {
    await work();
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('nothing was thrown');
}

async function textOf(work: () => unknown): Promise<string[]> {
  const { message } = await failing(work);
  return message.replace(/test.testing.converse.failing\.test\.ts:\d+:\d+/, 'LINE').split('\n');
}

async function talked() {
  const chat = converse(weather);
  await chat.say('hi');
  await chat.say('Oslo');
  return chat;
}

const soFar = [
  '',
  'The conversation so far:',
  '',
  '    > hi',
  '    < Which city?',
  '    > Oslo',
  '    < How many days?',
  '    = days.waiting',
  '',
  'at LINE',
];

describe('an expectation that is not met', () => {
  type Talked = Awaited<ReturnType<typeof talked>>;
  it.each<[string, (chat: Talked) => unknown, string]>([
    [
      'a reply',
      (chat) => chat.expectReply('How many?'),
      'Expected the reply "How many?", but "How many days?" was said.',
    ],
    [
      'a pattern',
      (chat) => chat.expectReply(/weeks/),
      'Expected the reply /weeks/, but "How many days?" was said.',
    ],
    [
      'replies',
      (chat) => chat.expectReplies('How many days?', 'Well?'),
      'Expected the replies "How many days?", "Well?", but "How many days?" was said.',
    ],
    ['silence', (chat) => chat.expectSilence(), 'Expected silence, but "How many days?" was said.'],
    [
      'a state',
      (chat) => chat.expectState('city'),
      "Expected the state 'city', but it is 'days.waiting'.",
    ],
    [
      'a context',
      (chat) => chat.expectContext({ city: 'Rome', days: undefined }),
      "Expected the context to hold 'Rome' under 'city', but it is 'Oslo'.",
    ],
    [
      'a timer',
      (chat) => chat.expectTimer({ minutes: 90 }),
      'Expected a timer in 1h30m, but none is set.',
    ],
    [
      'an outcome',
      (chat) => chat.expectOutcome('silent'),
      "Expected the outcome to be 'silent', but it is 'replied'.",
    ],
    [
      'an expiry',
      (chat) => chat.expectExpiryIn({ hours: 3 }),
      'Expected the conversation to expire in 3h, but it does so in 2h.',
    ],
    [
      'that it expired',
      (chat) => chat.expectExpired(),
      'Expected `expired` to be true, but it is false.',
    ],
    ['the end', (chat) => chat.expectDone(), 'Expected `done` to be true, but it is false.'],
    [
      'a choice',
      (chat) => chat.choose('red'),
      'There is nothing to choose "red" from: no choices were offered.',
    ],
    [
      'a state that it does not reach',
      (chat) => chat.until('told', { within: 0 }),
      "Expected to reach 'told' within 0s, but it is 'days.waiting'.",
    ],
  ])(
    'of %s says what came instead, after which conversation, and where',
    async (_, work, problem) => {
      const chat = await talked();
      expect(await textOf(() => work(chat))).toEqual([problem, ...soFar]);
    },
  );

  it('says what else there is', async () => {
    const chat = await talked();
    await chat.advance(0);
    expect((await textOf(() => chat.expectReply('Hm')))[0]).toBe(
      'Expected the reply "Hm", but nothing was said.',
    );
    await chat.say('3');
    expect((await textOf(() => chat.choose('Perhaps')))[0]).toBe(
      'There is no choice "Perhaps"; there are Yes, please, No.',
    );
    await chat.choose(2);
    expect((await textOf(() => chat.expectDone('sun')))[0]).toBe(
      "Expected the output to be 'sun', but it is undefined.",
    );
    const waiting = converse(weather);
    expect((await textOf(() => waiting.expectExpiryIn(1)))[0]).toBe(
      'Expected the conversation to expire in 1ms, but there is nothing that could expire.',
    );
    await waiting.say('hi');
    expect((await textOf(() => waiting.expectExpiryIn(1)))[0]).toBe(
      'Expected the conversation to expire in 1ms, but it does not as long as a timer is set.',
    );
    expect((await textOf(() => waiting.expectNoTimer()))[0]).toBe(
      'Expected no timer, but there is one in 10m (after 10m in weather.city).',
    );
    expect((await textOf(() => waiting.expectTimer(1)))[0]).toBe(
      'Expected a timer in 1ms, but there is one in 10m (after 10m in weather.city).',
    );
  });

  it('carries what was expected and what came, for a test runner to show', async () => {
    const chat = await talked();
    expect(await failing(() => chat.expectReply('Well?'))).toMatchObject({
      name: 'ConversationError',
      expected: ['Well?'],
      actual: ['How many days?'],
    });
  });

  it('names the line of the test, and shows no line of the kit', async () => {
    const chat = await talked();
    const { message, stack } = await failing(() => chat.expectState('city'));
    const here = Number(/failing\.test\.ts:(\d+):/.exec(new Error('here').stack ?? '')?.[1]);
    expect(message).toContain(`failing.test.ts:${here - 1}:`);
    expect(stack?.split('\n').filter((line) => line.startsWith('    at '))[0]).toContain(
      `failing.test.ts:${here - 1}:`,
    );
  });

  it('shows the last of a long conversation', async () => {
    const chat = converse(echo);
    for (let count = 0; count < 40; count += 1) await chat.say(String(count));
    const lines = await textOf(() => chat.expectState('closed'));
    expect(lines.slice(4, 6)).toEqual(['    # 20 lines before it', '    > 10']);
  });
});

describe('a dialogue that throws', () => {
  it('fails what is said, with what was thrown', async () => {
    const chat = converse(echo);
    expect(await textOf(() => chat.say('throw'))).toEqual([
      "Dialogue 'echo' threw in state 'open' while it took 'message.text', so the turn changed nothing; see the cause.",
      'Error: thrown',
      '',
      'The conversation so far:',
      '',
      '    > throw',
      '    ! failed: step_failed: thrown',
      '    = (none)',
      '',
      'at LINE',
    ]);
  });

  it('says what to do where the dialogue changed its context in place', async () => {
    const chat = converse(echo);
    await chat.say('hi');
    const [, thrown, remedy] = await textOf(() => chat.say('push'));
    expect(thrown).toBe('TypeError: Cannot add property 0, object is not extensible');
    expect(remedy).toBe(
      'A context is frozen: an assign returns what is new, as { list: [...context.list, item] }, and never changes what is there.',
    );
  });

  it('fails the time in which it does', async () => {
    const chat = converse(desk);
    await chat.say('break');
    expect((await textOf(() => chat.advance({ days: 2 }))).slice(0, 2)).toEqual([
      "Dialogue 'desk' threw in state 'open' while it took 'xstate.after.86400000.desk.open', so the turn changed nothing; see the cause.",
      'Error: broken',
    ]);
  });

  it('is an outcome of what is sent', async () => {
    const chat = converse(echo);
    expect(await chat.send('throw')).toMatchObject({
      outcome: 'failed',
      replies: [],
      error: { code: 'step_failed' },
    });
    chat.expectOutcome('failed');
    expect(chat.errors).toMatchObject([{ code: 'step_failed' }]);
  });
});

describe('a stub', () => {
  it('hangs, until its state is left', async () => {
    const signals: AbortSignal[] = [];
    const never = hangs();
    const chat = converse(weather, {
      services: {
        forecast: (input, call) => {
          signals.push(call.signal);
          return never(input, call);
        },
      },
    });
    await chat.seed('asking', { city: 'Oslo' });
    await chat.advance({ hours: 1 });
    chat.expectState('asking');
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    await chat.send({ type: 'event.unfollow' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('fails a number of times, and then does what its stub says', async () => {
    const chat = converse(weather, {
      services: { forecast: fails(2, ({ city }) => `sun in ${city}`) },
    });
    for (const said of ['I do not know.', 'I do not know.', 'There will be sun in Rome.']) {
      expect(await chat.seed('asking', { city: 'Rome' })).toContain(said);
    }
    const broken = converse(weather, { services: { forecast: fails(Infinity) } });
    expect(await broken.seed('asking')).toContain('I do not know.');
  });

  it('is typed, and has to be of a service that there is', () => {
    // @ts-expect-error a forecast is a string
    converse(weather, { services: { forecast: async () => 3 } });
    // @ts-expect-error a forecast is of a city
    converse(weather, { services: { forecast: async ({ town }) => String(town) } });
    // @ts-expect-error there is no such service
    expect(() => converse(weather, { services: { foreCast: async () => 'sun' } })).toThrow(
      "The dialogue has no service 'foreCast'; it has 'forecast', 'log'.",
    );
    const notAStub = { forecast: 'sun' } as never;
    expect(() => converse(weather, { services: notAStub })).toThrow(
      "The stub of the service 'forecast' is not a function.",
    );
  });
});
