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
import type { Turn } from '../runner/events.ts';
import type { Phase, TurnAbout, TurnWatch } from '../runner/observe.ts';

export interface SpanOptions {
  readonly tracer: Tracer | undefined;
  readonly duration: Histogram | undefined;
  readonly now: () => number;
  readonly dialogue: { readonly id: string; readonly version: string };
  readonly userOf: ((openid: string) => string) | undefined;
  readonly text: boolean;
}

/** The span of one turn, and its place in the histogram. */
export class SpanWatch implements TurnWatch {
  readonly #options: SpanOptions;
  readonly #cause: TurnAbout['cause'];
  readonly #span: Span | undefined;
  readonly #beganAt: number;
  /** Milliseconds of each phase so far. */
  readonly #spent = new Map<Phase, number>();
  #phase: Phase = 'lane';
  #since: number;
  #conflicts = 0;

  constructor(about: TurnAbout, options: SpanOptions) {
    this.#options = options;
    this.#cause = about.cause;
    this.#beganAt = options.now();
    this.#since = this.#beganAt;
    this.#span = options.tracer?.startSpan('turn', {
      startTime: this.#beganAt,
      attributes: attributesOf(about, options),
    });
  }

  enter(phase: Phase): void {
    const now = this.#options.now();
    this.#spent.set(this.#phase, (this.#spent.get(this.#phase) ?? 0) + now - this.#since);
    this.#phase = phase;
    this.#since = now;
  }

  stood(at: StateValue | undefined): void {
    if (at !== undefined) this.#span?.setAttribute('colloquy.state.before', stateText(at));
  }

  stands(at: StateValue | undefined): void {
    if (at !== undefined) this.#span?.setAttribute('colloquy.state.after', stateText(at));
  }

  conflict(): void {
    this.#conflicts += 1;
  }

  within(work: () => void): void {
    if (this.#span === undefined) return work();
    contextApi.with(traceApi.setSpan(contextApi.active(), this.#span), work);
  }

  end(turn: Turn | undefined): void {
    this.enter(this.#phase);
    const endedAt = this.#since;
    const outcome = turn?.outcome ?? 'stale';
    this.#options.duration?.record((endedAt - this.#beganAt) / 1000, {
      outcome,
      cause: this.#cause,
    });
    const span = this.#span;
    if (span === undefined) return;
    span.setAttributes({
      'colloquy.outcome': outcome,
      'colloquy.replies': turn?.replies.length ?? 0,
      'colloquy.conflicts': this.#conflicts,
    });
    for (const [phase, spentMs] of this.#spent) {
      span.setAttribute(`colloquy.${phase}_ms`, spentMs);
    }
    if (outcome === 'failed') {
      span.setAttribute('error.type', errorType(turn?.error));
      // Without a description: the text of an error that is not ours may quote a user.
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end(endedAt);
  }
}

/** A code of ours, else the name of the class. */
export function errorType(error: unknown): string {
  if (ColloquyError.is(error)) return error.code;
  return error instanceof Error ? error.name : typeof error;
}

function attributesOf(
  { openid, cause, message }: TurnAbout,
  { dialogue, userOf, text }: SpanOptions,
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

/** A turn does not fail because somebody could not be named. */
function nameOf(openid: string, userOf: (openid: string) => string): string | undefined {
  try {
    return userOf(openid);
  } catch {
    return undefined;
  }
}

/** `form.name`; parallel states apart by commas. */
function stateText(value: StateValue): string {
  if (typeof value === 'string') return value;
  return Object.entries(value)
    .map(([state, inner]) => {
      const below = inner === undefined ? '' : stateText(inner);
      return below === '' ? state : below.replaceAll(/[^,]+/g, (each) => `${state}.${each}`);
    })
    .join(',');
}
