import {
  type Attributes,
  type Histogram,
  type Span,
  SpanStatusCode,
  type Tracer,
  context as contextApi,
  trace as traceApi,
} from '@opentelemetry/api';
import type { StateValue } from 'xstate';
import { ColloquyError } from '../errors.ts';
import type { Phase, TurnTrace } from '../runner/reporting/trace.ts';

export interface SpanOptions {
  readonly tracer: Tracer | undefined;
  readonly duration: Histogram | undefined;
  readonly now: () => number;
  readonly userOf: ((openid: string) => string) | undefined;
  readonly text: boolean;
}

/** The span of one turn, and its entry in the histogram. */
export class TurnSpan {
  readonly #options: SpanOptions;
  readonly #trace: TurnTrace;
  readonly #span: Span | undefined;
  readonly #beganAt: number;
  /** Milliseconds of each phase so far. */
  readonly #spent = new Map<Phase, number>();
  #phase: Phase = 'lane';
  #since: number;

  constructor(trace: TurnTrace, options: SpanOptions) {
    this.#options = options;
    this.#trace = trace;
    this.#beganAt = options.now();
    this.#since = this.#beganAt;
    const span = options.tracer?.startSpan('turn', {
      startTime: this.#beganAt,
      attributes: attributesOf(trace, options),
    });
    this.#span = span;
    if (span === undefined) return;
    trace.around.push((work) => {
      contextApi.with(traceApi.setSpan(contextApi.active(), span), work);
    });
  }

  /** The turn has entered a phase. */
  enter(phase: Phase): void {
    const now = this.#options.now();
    this.#spent.set(this.#phase, (this.#spent.get(this.#phase) ?? 0) + now - this.#since);
    this.#phase = phase;
    this.#since = now;
  }

  end(): void {
    this.enter(this.#phase);
    const endedAt = this.#since;
    const { turn, cause, conflicts, stateBefore, stateAfter } = this.#trace;
    const outcome = turn?.outcome ?? 'stale';
    this.#options.duration?.record((endedAt - this.#beganAt) / 1000, { outcome, cause });
    const span = this.#span;
    if (span === undefined) return;
    span.setAttributes({
      'colloquy.outcome': outcome,
      'colloquy.replies': turn?.replies.length ?? 0,
      'colloquy.conflicts': conflicts,
      ...(stateBefore !== undefined && { 'colloquy.state.before': stateText(stateBefore) }),
      ...(stateAfter !== undefined && { 'colloquy.state.after': stateText(stateAfter) }),
    });
    for (const [phase, spentMs] of this.#spent) span.setAttribute(`colloquy.${phase}_ms`, spentMs);
    if (outcome === 'failed') {
      span.setAttribute('error.type', errorType(turn?.error));
      // Without a description: the text of an error of another library may quote a user.
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end(endedAt);
  }
}

/** The code of an error of this library, otherwise the name of the class. */
export function errorType(error: unknown): string {
  if (ColloquyError.is(error)) return error.code;
  return error instanceof Error ? error.name : typeof error;
}

function attributesOf(
  { dialogue, openid, cause, message }: TurnTrace,
  { userOf, text }: SpanOptions,
): Attributes {
  const user = userOf && nameOf(openid, userOf);
  return {
    'colloquy.dialogue.id': dialogue.id,
    'colloquy.dialogue.version': dialogue.version,
    'colloquy.cause': cause,
    ...(message && { 'colloquy.message.type': message.type }),
    ...(text && message?.type === 'message.text' && { 'colloquy.message.text': message.text }),
    ...(user !== undefined && { 'enduser.id': user }),
  };
}

/** What `userOf` throws must not fail the turn. */
function nameOf(openid: string, userOf: (openid: string) => string): string | undefined {
  try {
    return userOf(openid);
  } catch {
    return undefined;
  }
}

/** `form.name`; parallel states are separated by commas. */
function stateText(value: StateValue): string {
  if (typeof value === 'string') return value;
  return Object.entries(value)
    .map(([state, inner]) => {
      const below = inner === undefined ? '' : stateText(inner);
      return below === '' ? state : below.replaceAll(/[^,]+/g, (each) => `${state}.${each}`);
    })
    .join(',');
}
