import { type KeysOf, checkOptions, keyTable } from './internal/closed.ts';
import {
  type Meter,
  type Tracer,
  metrics as metricsApi,
  trace as traceApi,
} from '@opentelemetry/api';
import { UsageError } from './errors.ts';
import { elapsed } from './internal/stopwatch.ts';
import type { TraceChannel } from './internal/tracing.ts';
import { type TurnTrace, channels } from './runner/reporting/trace.ts';
import type { Runner } from './runner/runner.ts';
import { type SpanOptions, TurnSpan, errorType } from './otel/span.ts';

/** Options of `observe()`: where spans and metrics go, and what they may say of users. */
export interface ObserveOptions {
  /** Default: that of the global provider, named `colloquy`. `false` for no spans. */
  readonly tracer?: Tracer | false | undefined;
  /** The same for metrics. */
  readonly meter?: Meter | false | undefined;
  /**
   * Whether spans name their user, in `enduser.id`; a function may give something else to name them by, such as a keyed
   * hash. Default: they do not. Metrics never do.
   */
  readonly openid?: (boolean | ((openid: string) => string)) | undefined;
  /** Whether spans hold the text of the message, in `colloquy.message.text`. Default: they do not. */
  readonly text?: boolean | undefined;
  /** Epoch milliseconds, with fractions, by which phases are measured. Default: the time of the machine. */
  readonly now?: (() => number) | undefined;
}

const KEYS = keyTable('tracer meter openid text now') satisfies KeysOf<ObserveOptions>;

/** Ends the observation. */
export type Unobserve = () => void;

/**
 * Reports to OpenTelemetry what a runner does: a span for each turn, and metrics.
 *
 *     const off = observe(runner);
 *
 * A span `turn` begins when the runner accepts the message and ends with the turn, also if its caller has left. It is a
 * child of the span that is active in `handle()`, and is active itself while actions run and services start.
 *
 * | attribute | |
 * | --- | --- |
 * | `colloquy.dialogue.id`, `.version` | of the runner |
 * | `colloquy.cause` | `message`, `timer` or `service` |
 * | `colloquy.message.type` | as `message.text` |
 * | `colloquy.outcome` | as of the turn, or `stale` for a timer or service that was out of date |
 * | `colloquy.state.before`, `.after` | as `form.name`; parallel states are separated by commas |
 * | `colloquy.replies`, `.conflicts` | their number |
 * | `colloquy.lane_ms`, `.load_ms`, `.recognize_ms`, `.step_ms`, `.commit_ms`, `.release_ms`, `.services_ms` | time spent in each phase that it entered |
 *
 * A failed turn has the status of an error with its code in `error.type`; no message of an error is recorded, as it may
 * quote a user.
 *
 * Counters: `colloquy.turns` (by `outcome` and `cause`), `colloquy.expiries`, `colloquy.conflicts`, `colloquy.errors`
 * (by `error.type`, the code of the error; `undelivered` is a reply that was given up). Histogram:
 * `colloquy.turn.duration` in seconds, of the turns that have a span, lane included. Gauges: `colloquy.lanes.busy`,
 * `colloquy.lanes.waiting`, `colloquy.messages.in_flight`, `colloquy.services.running`,
 * `colloquy.replies.unsent` (conversations whose replies are being handed over), `colloquy.memory.records`,
 * `colloquy.memory.due`.
 *
 * Any number of observers may watch one runner. A runner without an observer pays nothing for it.
 *
 * @example
 * const off = observe(runner);
 * off();
 * @returns a function that ends it
 * @throws UsageError `bad_option`
 */
export function observe(runner: Runner, options: ObserveOptions = {}): Unobserve {
  checkOptions('observe()', options, KEYS);
  if (typeof (runner as Partial<Runner> | undefined)?.stats !== 'function') {
    throw new UsageError('bad_option', '`runner` must be what createRunner() returned.');
  }
  const tracer = options.tracer ?? traceApi.getTracer('colloquy');
  const meter = options.meter ?? metricsApi.getMeter('colloquy');
  const duration =
    meter === false
      ? undefined
      : meter.createHistogram('colloquy.turn.duration', {
          unit: 's',
          description: 'From the arrival of the message to the end of its turn.',
          advice: { explicitBucketBoundaries: [...BOUNDARIES] },
        });
  const offs: Unobserve[] = [];
  if (tracer !== false || duration !== undefined) {
    const span: SpanOptions = {
      tracer: tracer === false ? undefined : tracer,
      duration,
      now: options.now ?? elapsed,
      userOf: userOf(options.openid),
      text: options.text ?? false,
    };
    offs.push(...trace(runner, span));
  }
  if (meter !== false) offs.push(...count(runner, meter));
  return () => {
    for (const off of offs.splice(0)) off();
  };
}

/** Makes a span of each turn of the runner. */
function trace(runner: Runner, options: SpanOptions): Unobserve[] {
  const spans = new WeakMap<TurnTrace, TurnSpan>();
  return [
    subscribe(runner, channels.start, (turn) => void spans.set(turn, new TurnSpan(turn, options))),
    subscribe(runner, channels.phase, (turn) => spans.get(turn)?.enter(turn.phase)),
    subscribe(runner, channels.end, (turn) => spans.get(turn)?.end()),
  ];
}

/** Channels are for all runners of the process. */
function subscribe<Message extends { readonly runner: object }>(
  runner: Runner,
  channel: TraceChannel<Message>,
  subscriber: (message: Message) => void,
): Unobserve {
  const own = (message: Message): void => {
    if (message.runner === runner) subscriber(message);
  };
  channel.subscribe(own);
  return () => void channel.unsubscribe(own);
}

/** Seconds: a turn in memory takes microseconds, one that waits for a service as long as its deadline. */
const BOUNDARIES = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10];

function userOf(openid: ObserveOptions['openid']): ((openid: string) => string) | undefined {
  if (typeof openid === 'function') return openid;
  return openid === true ? (plain) => plain : undefined;
}

function count(runner: Runner, meter: Meter): Unobserve[] {
  const turns = meter.createCounter('colloquy.turns', { description: 'Turns that ended.' });
  const expiries = meter.createCounter('colloquy.expiries');
  const conflicts = meter.createCounter('colloquy.conflicts');
  const errors = meter.createCounter('colloquy.errors');
  const load = {
    'colloquy.lanes.busy': 'busyLanes',
    'colloquy.lanes.waiting': 'waiting',
    'colloquy.messages.in_flight': 'inFlight',
    'colloquy.services.running': 'services',
    'colloquy.replies.unsent': 'unsent',
    'colloquy.memory.records': 'records',
    'colloquy.memory.due': 'due',
  } as const;
  const gauges = Object.entries(load).map(([name, field]) => ({
    gauge: meter.createObservableGauge(name),
    field,
  }));
  const all = gauges.map(({ gauge }) => gauge);
  const read: Parameters<Meter['addBatchObservableCallback']>[0] = (result) => {
    const now = runner.stats();
    for (const { gauge, field } of gauges) result.observe(gauge, now[field]);
  };
  meter.addBatchObservableCallback(read, all);
  return [
    () => meter.removeBatchObservableCallback(read, all),
    runner.on('turn', ({ outcome, cause }) => turns.add(1, { outcome, cause })),
    runner.on('conflict', () => conflicts.add(1)),
    subscribe(runner, channels.expired, () => expiries.add(1)),
    // No listener of 'error': an error that no listener takes still becomes a warning of the process.
    subscribe(runner, channels.failed, ({ error }) =>
      errors.add(1, { 'error.type': errorType(error) }),
    ),
  ];
}
