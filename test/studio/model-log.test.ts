import { fromPromise } from 'xstate';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type DraftEvent, createRunner, draft, setupDialogue } from 'colloquy';
import { type Model, type ModelRequest, type ModelResponse, observed } from 'colloquy/model';
import { createManualClock, scripted } from 'colloquy/testing';
import { CallRing } from '../../src/studio/observe/call-ring.ts';
import { ModelCallView } from '../../src/studio/observe/model-call-view.ts';
import { NOTHING_HIDDEN, hidingRedaction } from '../../src/studio/observe/redaction.ts';
import { RunnerWatch, type WatchOptions } from '../../src/studio/observe/runner-watch.ts';
import { TurnRing } from '../../src/studio/observe/turn-ring.ts';
import type { StudioEvent } from '../../src/studio/server/desk.ts';
import type { DraftView, ModelCallEntry } from '../../src/studio/wire.ts';

/** A dialogue with one service, which does what the test says. */
function working(work: (emit: (event: DraftEvent) => void) => Promise<string>) {
  const { createDialogue, reply } = setupDialogue({
    types: {} as { context: object },
    actors: { work: fromPromise<string, undefined, DraftEvent>(({ emit }) => work(emit)) },
  });
  return createDialogue({
    id: 'working',
    context: {},
    initial: 'ready',
    states: {
      ready: { on: { 'message.text': 'busy' } },
      busy: {
        invoke: {
          src: 'work',
          onDone: { target: 'ready', actions: reply(({ event }) => event.output) },
          onError: { target: 'ready', actions: reply('It failed.') },
        },
      },
    },
  });
}

function watched(work: Parameters<typeof working>[0], options: WatchOptions = {}) {
  const clock = createManualClock();
  const runner = createRunner(working(work));
  const watch = new RunnerWatch(runner, { clock, ...options });
  const events: StudioEvent[] = [];
  watch.subscribe((event) => events.push(event));
  onTestFinished(async () => {
    watch.close();
    await runner.stop();
  });
  const drafts = (): DraftView[] =>
    events.flatMap((event) => (event.name === 'draft' ? [event.data] : []));
  return { clock, runner, watch, events, drafts };
}

const SECRETS: ModelRequest = {
  messages: [
    { role: 'system', text: 'secret instructions' },
    { role: 'user', text: 'secret question' },
    {
      role: 'assistant',
      text: 'secret words',
      calls: [{ id: 'secret-id', name: 'price_of', input: { fruit: 'secret fruit' } }],
    },
    { role: 'tool', call: 'secret-id', name: 'price_of', text: 'secret result' },
  ],
  tools: [
    {
      name: 'price_of',
      description: 'secret description',
      parameters: { type: 'object', secret: true },
    },
  ],
  schema: { type: 'object', enum: ['secret'] },
  key: 'secret-key',
};

const SECRET_ANSWER: ModelResponse = {
  text: 'secret answer',
  value: { secret: true },
  calls: [
    { id: 'secret-id', name: 'price_of', input: { fruit: 'secret pear' } },
    { id: 'secret-id', name: 'secret tool', input: 'secret' },
  ],
  finish: 'calls',
  usage: { inputTokens: 12, outputTokens: 3 },
};

describe('a call of a model that is redacted', () => {
  test('shows roles, tools, sizes and tokens, and not a word', async () => {
    const model = observed({ name: 'mine', generate: async () => SECRET_ANSWER });
    const { watch, runner, events } = watched(async () => (await model.generate(SECRETS)).finish, {
      redaction: hidingRedaction(),
    });
    await runner.handle('openid-of-ann', 'secret message');
    const [call] = watch.ring.calls.entries;
    expect(call).toMatchObject({
      by: { kind: 'service', name: 'work' },
      model: 'mine',
      messages: [
        { role: 'system', length: 19 },
        { role: 'user', length: 15 },
        { role: 'assistant', length: 12, calls: [{ name: 'price_of' }] },
        { role: 'tool', tool: 'price_of', length: 13 },
      ],
      tools: [{ name: 'price_of' }],
      wantsValue: true,
      end: {
        how: 'answered',
        words: { length: 13 },
        calls: [{ name: 'price_of' }, { name: '?' }],
        finish: 'calls',
        usage: { inputTokens: 12, outputTokens: 3 },
      },
    });
    expect(JSON.stringify([events, watch.backlog()])).not.toMatch(/secret|openid-of-ann/u);
  });

  test('that failed has the reason, and no text of the error', async () => {
    const model = scripted([{ fails: 'rate_limited' }], { name: 'mine' });
    const { watch, runner } = watched(async () => (await model.generate(SECRETS)).text, {
      redaction: hidingRedaction(),
    });
    await runner.handle('ann', 'hi');
    expect(watch.ring.calls.entries[0]?.end?.error).toEqual({
      code: 'model_failed',
      reason: 'rate_limited',
      text: 'ColloquyError',
    });
  });

  test('has drafts of which only the length is seen', async () => {
    const { runner, drafts, events } = watched(
      async (emit) => {
        emit(draft('secret words'));
        return 'done';
      },
      { redaction: hidingRedaction() },
    );
    await runner.handle('openid-of-ann', 'hi');
    expect(drafts()).toMatchObject([{ length: 12 }, { length: 0 }]);
    expect(JSON.stringify(events)).not.toMatch(/secret|openid-of-ann/u);
  });
});

describe('calls of models', () => {
  test('of no conversation, or of that of another runner, are not shown', async () => {
    const model = scripted(['one', 'two', 'three']);
    const ask = async (): Promise<string> => (await model.generate(SECRETS)).text;
    const { watch, runner } = watched(ask);
    const other = createRunner(working(ask));
    onTestFinished(() => other.stop());
    await ask();
    await other.handle('bob', 'hi');
    expect(watch.ring.calls.entries).toEqual([]);
    await runner.handle('ann', 'hi');
    expect(watch.ring.calls.entries).toMatchObject([{ openid: 'ann', turn: 1 }]);
  });

  test('that go on when the watch ends are broken off', async () => {
    let answer = (): void => {};
    const answering = new Promise<ModelResponse>((resolve) => {
      answer = () => resolve(SECRET_ANSWER);
    });
    const model = observed({ name: 'slow', generate: () => answering });
    const { watch, runner, events } = watched(async (emit) => {
      emit(draft('Once'));
      return (await model.generate(SECRETS)).text;
    });
    const turn = runner.handle('ann', 'hi');
    await expect.poll(() => watch.ring.calls.entries).toHaveLength(1);
    watch.close();
    expect(watch.ring.calls.entries).toMatchObject([{ end: { how: 'broken' } }]);
    expect(events.slice(-2)).toMatchObject([
      { name: 'model', data: { end: { how: 'broken' } } },
      { name: 'draft', data: { length: 0 } },
    ]);
    answer();
    await turn;
    expect(watch.ring.calls.entries).toMatchObject([{ end: { how: 'broken' } }]);
  });

  test('with a nonsense request or answer break nothing', async () => {
    const nonsense = [undefined, { text: 1, calls: [null] }, { calls: 'no', value: 1n }] as never[];
    const model: Model = observed({
      name: 'mad',
      generate: async () => nonsense.shift() as never,
    });
    const requests = [SECRETS, SECRETS, SECRETS, {} as ModelRequest];
    const { watch, runner } = watched(async () => {
      for (const request of requests) await model.generate(request);
      return 'done';
    });
    expect((await runner.handle('ann', 'hi')).replies).toEqual([{ type: 'text', text: 'done' }]);
    expect(watch.ring.calls.entries.map(({ end }) => end?.finish)).toEqual(['?', '?', '?']);
  });
});

describe('what is kept of a call', () => {
  const view = (request: ModelRequest) => new ModelCallView({ request }, NOTHING_HIDDEN).prompt;

  test('are the first 20 000 characters of each text', () => {
    const { messages } = view({ messages: [{ role: 'user', text: 'x'.repeat(20_001) }] });
    expect(messages[0]).toMatchObject({ length: 20_001, text: 'x'.repeat(20_000) });
  });

  test('are the first message and the last ones, 200 at most', () => {
    const messages = Array.from({ length: 203 }, (_, index) => ({
      role: 'user' as const,
      text: String(index),
    }));
    const { messages: shown, omitted } = view({ messages });
    expect([shown.length, omitted]).toEqual([200, 3]);
    expect([0, 1, 199].map((index) => shown[index]?.text)).toEqual(['0', '4', '202']);
  });

  const call = (text: string): Omit<ModelCallEntry, 'call'> => ({
    openid: 'ann',
    by: { kind: 'service', name: 'work' },
    model: 'mine',
    at: 0,
    isStreamed: false,
    messages: [{ role: 'user', length: text.length, text }],
    tools: [],
    wantsValue: false,
  });

  test('has a maximum of calls and of bytes, and the oldest leave first', () => {
    const ring = new CallRing({ maxCalls: 3, maxBytes: 4000, onGrow: () => {} });
    for (const text of ['a', 'b', 'c', 'd']) ring.add(call(text));
    expect(ring.entries.map((each) => each.call)).toEqual([2, 3, 4]);
    ring.add(call('e'.repeat(3500)));
    expect(ring.entries.map((each) => each.call)).toEqual([4, 5]);
    expect(ring.change(2, { turn: 1 })).toBeUndefined();
  });

  test('shares the bytes of the turns, and takes half of them at most', () => {
    const ring = new TurnRing({ maxBytes: 10_000 });
    const turn = { openid: 'ann', at: 0, cause: 'message', outcome: 'silent' } as const;
    const rest = { replies: [], phases: [], way: [], label: 'x'.repeat(1000) };
    for (let count = 0; count < 20; count += 1) {
      ring.calls.add(call('y'.repeat(1000)));
      ring.calls.turnEnded('ann', ring.add({ ...turn, ...rest }).turn);
    }
    expect(ring.calls.bytes).toBeGreaterThan(3000);
    expect(ring.calls.bytes).toBeLessThanOrEqual(5000);
    expect(JSON.stringify([ring.turns, ring.calls.entries]).length).toBeLessThan(10_100);
    expect(ring.turns.at(-1)?.turn).toBe(20);
    expect(ring.calls.entries.at(-1)?.turn).toBe(20);
    ring.add({ ...turn, ...rest, label: 'x'.repeat(8000) });
    expect(ring.turns.map((each) => each.turn)).toEqual([21]);
    expect(ring.calls.entries).toEqual([]);
  });

  test('is gone with the turns that never happened', () => {
    const ring = new TurnRing();
    for (let turn = 1; turn <= 3; turn += 1) {
      ring.calls.add(call('a'));
      ring.calls.turnEnded('ann', turn);
    }
    ring.calls.add(call('open'));
    ring.rewind(2);
    expect(ring.calls.entries.map(({ turn }) => turn)).toEqual([1, 2]);
    expect(ring.calls.add(call('next')).call).toBe(5);
  });
});

describe('drafts', () => {
  test('are sent at once, then the newest after a pause, and their end at once', async () => {
    let go = (): void => {};
    const { clock, runner, drafts, watch } = watched(async (emit) => {
      for (const text of ['Once', 'Once upon', 'Once upon a']) emit(draft(text));
      await new Promise<void>((resolve) => (go = resolve));
      emit(draft('Once upon a time'));
      return 'The end.';
    });
    const answering = runner.handle('ann', 'hi');
    await expect.poll(() => drafts().length).toBe(1);
    expect(drafts()).toMatchObject([{ openid: 'ann', text: 'Once', length: 4 }]);
    await clock.advance(100);
    expect(drafts().map(({ text }) => text)).toEqual(['Once', 'Once upon a']);
    expect(watch.backlog()).toContainEqual({ name: 'draft', data: drafts()[1] });
    go();
    await answering;
    expect(drafts().map(({ text }) => text)).toEqual(['Once', 'Once upon a', '']);
    await clock.advance(1000);
    expect(drafts()).toHaveLength(3);
    expect(watch.backlog().some(({ name }) => name === 'draft')).toBe(false);
  });
});
