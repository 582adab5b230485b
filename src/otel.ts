import {
  type Meter,
  type Tracer,
  metrics as metricsApi,
  trace as traceApi,
} from '@opentelemetry/api';
import { elapsed } from './internal/stopwatch.ts';
import type { Runner } from './runner/runner.ts';
import { SpanWatch, errorType } from './otel/span.ts';
import { WatchedRunner } from './otel/watched-runner.ts';

export interface ObserveOptions {
  /** Default: that of the global provider, named `colloquy`. `false` for no spans. */
  readonly tracer?: Tracer | false;
  /** The same for metrics. */
  readonly meter?: Meter | false;
  /**
   * Whether spans name their user, in `enduser.id`; a function may give something else to name them by, such as a keyed
   * hash. Default: they do not. Metrics never do.
   */
  readonly openid?: boolean | ((openid: string) => string);
  /** Whether spans hold the text of the message, in `colloquy.message.text`. Default: they do not. */
  readonly text?: boolean;
  /** Epoch milliseconds, with fractions, by which phases are measured. Default: the time of the machine. */
  readonly now?: () => number;
}

/** Ends the observation. */
export type Unobserve = () => void;

/**
 * Tells OpenTelemetry what a runner does: a span for each turn, and metrics.
 *
 *     const off = observe(runner);
 *
 * A span `turn` begins where the message is taken in and ends with the turn, whether or not its caller still waits. It is a
 * child of the span that is active in `handle()`, and is active itself while actions run and services start.
 *
 * | attribute | |
 * | --- | --- |
 * | `colloquy.dialogue.id`, `.version` | of the runner |
 * | `colloquy.cause` | `message`, `timer` or `service` |
 * | `colloquy.message.type` | as `message.text` |
 * | `colloquy.outcome` | as of the turn, or `stale` for a timer or service that was out of date |
 * | `colloquy.state.before`, `.after` | as `form.name`; parallel states apart by commas |
 * | `colloquy.replies`, `.conflicts` | how many |
 * | `colloquy.lane_ms`, `.load_ms`, `.recognize_ms`, `.step_ms`, `.commit_ms`, `.release_ms`, `.services_ms` | what the turn spent on each, where it did |
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
 * A runner is observed once at a time. One that nobody observes pays nothing for it.
 *
 * @example
 * const off = observe(runner);
 * off();
 * @returns a function that ends it
 * @throws UsageError `bad_option`, `already_observed`
 */
export function observe(runner: Runner, options: ObserveOptions = {}): Unobserve {
  const watched = new WatchedRunner(runner);
  const tracer = options.tracer ?? traceApi.getTracer('colloquy');
  const meter = options.meter ?? metricsApi.getMeter('colloquy');
  const now = options.now ?? elapsed;
  const duration =
    meter === false
      ? undefined
      : meter.createHistogram('colloquy.turn.duration', {
          unit: 's',
          description: 'From taking a message in to the end of its turn.',
          advice: { explicitBucketBoundaries: [...BOUNDARIES] },
        });
  const offs: Unobserve[] = [];
  if (tracer !== false || duration !== undefined) {
    offs.push(
      watched.watch({
        begin: (about) =>
          new SpanWatch(about, {
            tracer: tracer === false ? undefined : tracer,
            duration,
            now,
            dialogue: watched.dialogue,
            userOf: userOf(options.openid),
            text: options.text ?? false,
          }),
      }),
    );
  }
  if (meter !== false) offs.push(...count(runner, watched, meter));
  return () => {
    for (const off of offs.splice(0)) off();
  };
}

/** Seconds: a turn in memory takes microseconds, one that waits for a service as long as its deadline. */
const BOUNDARIES = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10];

function userOf(openid: ObserveOptions['openid']): ((openid: string) => string) | undefined {
  if (typeof openid === 'function') return openid;
  return openid === true ? (plain) => plain : undefined;
}

function count(runner: Runner, watched: WatchedRunner, meter: Meter): Unobserve[] {
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
    const now = watched.load;
    for (const { gauge, field } of gauges) result.observe(gauge, now[field]);
  };
  meter.addBatchObservableCallback(read, all);
  return [
    () => meter.removeBatchObservableCallback(read, all),
    runner.on('turn', ({ outcome, cause }) => turns.add(1, { outcome, cause })),
    runner.on('conflict', () => conflicts.add(1)),
    watched.onExpire(() => expiries.add(1)),
    // Not as a listener of 'error': what nobody hears is a process warning, and to count it is not to hear it.
    watched.onFault((error) => errors.add(1, { 'error.type': errorType(error) })),
  ];
}
