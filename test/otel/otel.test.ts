import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { type RunnerOptions, createContextStore, createRunner, setupDialogue } from 'colloquy';
import { type ObserveOptions, observe } from 'colloquy/otel';
import { createManualClock } from '../../src/testing/clock.ts';
import { channels } from '../../src/runner/reporting/trace.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fromPromise } from 'xstate';

const words = setupDialogue({
  types: {} as { context: { name?: string } },
  actors: {
    lookUp: fromPromise(async () => {
      active.push(trace.getSpan(context.active())?.spanContext().spanId);
      return 'found';
    }),
  },
});

/** The ids of the spans that were active when the service started. */
let active: (string | undefined)[] = [];

const survey = words.createDialogue({
  id: 'survey',
  version: '7',
  context: {},
  initial: 'idle',
  states: {
    idle: {
      on: { 'message.text': { target: 'form', actions: words.reply('What is your name?') } },
    },
    form: {
      initial: 'name',
      states: {
        name: {
          after: { 60_000: { actions: words.reply('Are you there?') } },
          on: {
            'message.text': [
              { guard: ({ event }) => event.text === 'look', target: '#survey.looking' },
              { guard: ({ event }) => broken(event.text), target: '#survey.idle' },
              { target: '#survey.idle', actions: words.reply('Thank you.') },
            ],
          },
        },
      },
    },
    looking: {
      invoke: { src: 'lookUp', onDone: { target: 'idle', actions: words.reply('Found.') } },
    },
  },
});

function broken(text: string): boolean {
  if (text === 'break') throw new Error(`a secret: ${text}`);
  return false;
}

const spans = new InMemorySpanExporter();
const tracer = new BasicTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(spans)],
}).getTracer('test');

/** Ends what a test observes. */
const observing: (() => void)[] = [];

beforeEach(() => {
  active = [];
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});

afterEach(() => {
  for (const off of observing.splice(0)) off();
  context.disable();
  spans.reset();
});

function start(options: ObserveOptions = {}, runnerOptions: Partial<RunnerOptions> = {}) {
  const clock = createManualClock({ now: 1_000_000 });
  const store = createContextStore({ clock });
  const runner = createRunner(survey, { store, ...runnerOptions });
  runner.on('error', () => {});
  runner.on('reply', () => {});
  let milliseconds = 5000;
  const now = (): number => (milliseconds += 1);
  const off = observe(runner, { tracer, meter: false, now, ...options });
  observing.push(off);
  return { clock, store, runner, off };
}

function last(): ReadableSpan {
  const span = spans.getFinishedSpans().at(-1);
  if (span === undefined) throw new Error('No span has ended.');
  return span;
}

/** A gate that one side waits for and the other opens. */
function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

async function read(
  meters: MeterProvider,
  exporter: InMemoryMetricExporter,
): Promise<Record<string, unknown>> {
  await meters.forceFlush();
  const scopes = exporter.getMetrics().at(-1)?.scopeMetrics ?? [];
  return Object.fromEntries(
    scopes.flatMap(({ metrics }) =>
      metrics.map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.map(({ attributes, value }) => [
          attributes,
          typeof value === 'object' ? (value as { count: number }).count : value,
        ]),
      ]),
    ),
  );
}

describe('the span of a turn', () => {
  it('holds the outcome, the states before and after, and the duration of each phase', async () => {
    const { runner } = start();
    await runner.handle('ann', 'hi');
    await runner.handle('ann', 'Ann');
    expect(spans.getFinishedSpans().map(({ name }) => name)).toEqual(['turn', 'turn']);
    expect(last().attributes).toEqual({
      'colloquy.dialogue.id': 'survey',
      'colloquy.dialogue.version': '7',
      'colloquy.cause': 'message',
      'colloquy.message.type': 'message.text',
      'colloquy.outcome': 'replied',
      'colloquy.state.before': 'form.name',
      'colloquy.state.after': 'idle',
      'colloquy.replies': 1,
      'colloquy.conflicts': 0,
      'colloquy.lane_ms': 1,
      'colloquy.load_ms': 1,
      'colloquy.step_ms': 1,
      'colloquy.commit_ms': 1,
      'colloquy.release_ms': 1,
      'colloquy.services_ms': 1,
    });
    expect(last().duration).toEqual([0, 6_000_000]);
  });

  it('holds neither the user nor their words unless an option asks for it', async () => {
    const { runner, off } = start();
    await runner.handle('ann-openid', 'my own words');
    const told = (): string => JSON.stringify([last().attributes, last().events, last().status]);
    expect(told()).not.toMatch(/ann-openid|my own words/);
    off();
    observing.push(observe(runner, { tracer, meter: false, openid: true, text: true }));
    await runner.handle('ann-openid', 'my own words');
    expect(last().attributes).toMatchObject({
      'enduser.id': 'ann-openid',
      'colloquy.message.text': 'my own words',
    });
  });

  it('names a user by the given function, and leaves the name out if that throws', async () => {
    const { runner, off } = start({ openid: (openid) => `#${openid.length}` });
    await runner.handle('ann', 'hi');
    expect(last().attributes['enduser.id']).toBe('#3');
    off();
    const fails = (): string => {
      throw new Error('no key');
    };
    observing.push(observe(runner, { tracer, meter: false, openid: fails }));
    expect((await runner.handle('ann', 'Ann')).outcome).toBe('replied');
    expect(last().attributes).not.toHaveProperty('enduser.id');
  });

  it('has the states before and after the whole turn, also with a service in it', async () => {
    const { runner } = start();
    await runner.handle('ann', 'hi');
    await runner.handle('ann', 'look');
    expect(last().attributes).toMatchObject({
      'colloquy.state.before': 'form.name',
      'colloquy.state.after': 'idle',
    });
  });

  it('has the status error if the turn failed, with the code and not the text', async () => {
    const { runner } = start();
    await runner.handle('ann', 'hi');
    expect((await runner.handle('ann', 'break')).outcome).toBe('failed');
    expect(last().status).toEqual({ code: 2 });
    expect(last().attributes).toMatchObject({
      'colloquy.outcome': 'failed',
      'error.type': 'step_failed',
      'colloquy.state.before': 'form.name',
    });
    expect(last().attributes).not.toHaveProperty('colloquy.state.after');
    expect(JSON.stringify([last().attributes, last().events])).not.toContain('secret');
  });

  it('marks a duplicate, and a timer has a separate span', async () => {
    const { runner, clock } = start();
    await runner.handle('ann', 'hi', { id: 'm1' });
    await runner.handle('ann', 'hi', { id: 'm1' });
    expect(last().attributes['colloquy.outcome']).toBe('duplicate');
    await clock.advance({ minutes: 1 });
    expect(last().attributes).toMatchObject({
      'colloquy.cause': 'timer',
      'colloquy.outcome': 'replied',
      'colloquy.state.before': 'form.name',
    });
    expect(last().attributes).not.toHaveProperty('colloquy.message.type');
  });

  it('is the parent of the spans that a service starts, and the child of the span of the caller', async () => {
    const { runner } = start();
    await runner.handle('ann', 'hi');
    const parent = tracer.startSpan('request');
    await context.with(trace.setSpan(context.active(), parent), () => runner.handle('ann', 'look'));
    expect(last().parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
    expect(active).toEqual([last().spanContext().spanId]);
    expect(last().attributes).toMatchObject({ 'colloquy.state.after': 'idle' });
  });

  it('includes the wait for the lane', async () => {
    let milliseconds = 0;
    const { runner, store } = start({ now: () => milliseconds });
    const { passed, open } = gate();
    const running = store.update('ann', () => passed);
    const turn = runner.handle('ann', 'hi');
    expect(spans.getFinishedSpans()).toEqual([]);
    milliseconds = 250;
    open();
    await Promise.all([running, turn]);
    expect(last().attributes).toMatchObject({ 'colloquy.lane_ms': 250, 'colloquy.load_ms': 0 });
    expect(last().duration).toEqual([0, 250_000_000]);
  });
});

describe('metrics', () => {
  function startMeters() {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
    const meters = new MeterProvider({ readers: [reader] });
    const measured = () => read(meters, exporter);
    return { meters, measured, ...start({ tracer: false, meter: meters.getMeter('test') }) };
  }

  it('count turns by outcome and cause, errors by code, and expiries', async () => {
    const { runner, clock, meters, measured } = startMeters();
    await runner.handle('ann', 'hi');
    await runner.handle('bob', 'hi');
    await runner.handle('bob', 'break');
    await clock.advance({ minutes: 1 });
    await clock.advance({ hours: 3 });
    expect(await measured()).toMatchObject({
      'colloquy.turns': [
        [{ outcome: 'replied', cause: 'message' }, 2],
        [{ outcome: 'failed', cause: 'message' }, 1],
        [{ outcome: 'replied', cause: 'timer' }, 2],
      ],
      'colloquy.errors': [[{ 'error.type': 'step_failed' }, 1]],
      'colloquy.expiries': [[{}, 2]],
      'colloquy.turn.duration': [
        [{ outcome: 'replied', cause: 'message' }, 2],
        [{ outcome: 'failed', cause: 'message' }, 1],
        [{ outcome: 'replied', cause: 'timer' }, 2],
      ],
    });
    expect(spans.getFinishedSpans()).toEqual([]);
    await meters.shutdown();
  });

  it('gauge lanes, messages in flight, records and due times', async () => {
    const { runner, store, meters, measured } = startMeters();
    await runner.handle('ann', 'hi');
    const { passed, open } = gate();
    const running = store.update('bob', () => passed);
    const turns = [runner.handle('bob', 'hi'), runner.handle('bob', 'Bob')];
    expect(await measured()).toMatchObject({
      'colloquy.lanes.busy': [[{}, 1]],
      'colloquy.lanes.waiting': [[{}, 2]],
      'colloquy.messages.in_flight': [[{}, 2]],
      'colloquy.services.running': [[{}, 0]],
      'colloquy.replies.unsent': [[{}, 0]],
      'colloquy.memory.records': [[{}, 1]],
      'colloquy.memory.due': [[{}, 1]],
    });
    open();
    await Promise.all([running, ...turns]);
    await meters.shutdown();
  });
});

describe('observing', () => {
  it('is refused for a value that is no runner', () => {
    expect(() => observe({} as never)).toThrow(expect.objectContaining({ code: 'bad_option' }));
  });

  it('lets two observers see each turn of a runner, and none of another runner', async () => {
    const { runner, off } = start();
    const offSecond = observe(runner, { tracer, meter: false });
    await start().runner.handle('ann', 'hi');
    expect(spans.getFinishedSpans().length).toBe(1);
    await runner.handle('ann', 'hi');
    expect(spans.getFinishedSpans().length).toBe(3);
    off();
    await runner.handle('ann', 'Ann');
    expect(spans.getFinishedSpans().length).toBe(4);
    offSecond();
    await runner.handle('ann', 'hi');
    expect(spans.getFinishedSpans().length).toBe(4);
  });

  it('costs nothing without an observer: no channel has a subscriber, and none is called', async () => {
    const publish = vi.spyOn(Object.getPrototypeOf(channels.start), 'publish');
    const { runner, off } = start();
    off();
    expect(channels.isObserved).toBe(false);
    await runner.handle('ann', 'hi');
    await runner.handle('ann', 'break');
    expect(publish).not.toHaveBeenCalled();
    publish.mockRestore();
  });

  it('ends when the program calls the returned function', async () => {
    const { runner, off } = start();
    off();
    off();
    await runner.handle('ann', 'hi');
    expect(spans.getFinishedSpans()).toEqual([]);
  });

  it('does not count as a listener for errors', async () => {
    const store = createContextStore({ clock: createManualClock({ now: 1 }) });
    const runner = createRunner(survey, { store });
    observing.push(observe(runner, { tracer }));
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    await runner.handle('ann', 'hi');
    await runner.handle('ann', 'break');
    expect(await warned).toMatchObject({ code: 'unheard_error' });
  });
});
