import type { AnyStateMachine } from 'xstate';
import { ColloquyError } from '../../errors.ts';
import { servicesOf } from '../../dialogue/engine/machine-walk.ts';
import type { Incoming, OutsideEvent } from '../../runner/calls.ts';
import { converse } from '../converse.ts';
import { environmentOf } from '../environment-of.ts';
import { type Stub, failureOf, hangs, takes } from '../services.ts';
import type { TranscriptLine } from '../transcript.ts';
import { formatTranscript } from '../transcript-format.ts';
import { formatService } from '../transcript-service.ts';
import type { PureOptions } from './pure-runner.ts';
import type { ExploreEvent, PureState, Ending } from './pure-state.ts';

/** One call of a service in a conversation that was found, in the order of the calls. */
export interface FoundCall {
  /** The name of the service. */
  readonly service: string;
  /** Virtual milliseconds that it takes; undefined where it has not ended by then. */
  readonly ms: number | undefined;
  /** How it ends; undefined where it has not ended by then. */
  readonly ending: Ending | undefined;
}

/** A step of a conversation that was found, as one writes it in a test. */
export type FoundStep =
  | {
      /** The user says something. */
      readonly type: 'say';
      /** What the user says. */
      readonly message: Incoming;
    }
  | {
      /** Time passes. */
      readonly type: 'advance';
      /** Milliseconds. */
      readonly ms: number;
    };

/** What is to be done to go the way again: the steps, and how each call of a service ends. */
export interface ReplayScript {
  readonly steps: readonly FoundStep[];
  readonly calls: readonly FoundCall[];
}

/** An event of a way, and the conversation on both sides of it. */
export interface WayStep {
  readonly event: ExploreEvent;
  readonly before: PureState | undefined;
  readonly after: PureState;
}

export function scriptOf(way: readonly WayStep[]): ReplayScript {
  const steps: FoundStep[] = [];
  const calls = new Map<string, { service: string; at: number; ms?: number; ending?: Ending }>();
  for (const { event, before, after } of way) {
    if (event.type === 'message') steps.push({ type: 'say', message: event.message });
    else if (event.ms > 0) {
      const last = steps.at(-1);
      if (last?.type === 'advance') {
        steps[steps.length - 1] = { type: 'advance', ms: last.ms + event.ms };
      } else steps.push({ type: 'advance', ms: event.ms });
    }
    if (event.type === 'service') {
      const call = calls.get(event.token);
      const { ending } = event;
      if (call !== undefined) Object.assign(call, { ms: after.now - call.at, ending });
    }
    const ran = new Set(before?.record?.services.map(({ token }) => token));
    for (const { token, src } of after.record?.services ?? []) {
      if (!ran.has(token)) calls.set(token, { service: src, at: after.now });
    }
  }
  return {
    steps,
    calls: [...calls.values()].map(({ service, ms, ending }) => ({ service, ms, ending })),
  };
}

/** Stubs by which services end as in a script; a call that it does not have never ends. */
function stubsOf(calls: readonly FoundCall[], services: Iterable<string>): Record<string, Stub> {
  return Object.fromEntries(
    [...services].map((name) => {
      const own = calls.filter(({ service }) => service === name).map(stubOf);
      const stub: Stub = (input, call) => (own.shift() ?? hangs())(input, call);
      return [name, stub];
    }),
  );
}

function stubOf({ ms, ending }: FoundCall): Stub {
  if (ending === undefined || ms === undefined) return hangs();
  const end: Stub = async () => {
    if ('error' in ending) throw ending.error;
    return ending.output;
  };
  return ms > 0 ? takes(ms, end) : end;
}

/** The longest life of a conversation that was found, in virtual time. */
const AGE_SECONDS = 100 * 365 * 86_400;

/**
 * Goes the way again on the real runner.
 * @returns the transcript, as in a file, with how the calls of services end
 */
export async function replay(
  dialogue: AnyStateMachine,
  { steps, calls }: ReplayScript,
  { now, runner }: { readonly now: number; readonly runner: PureOptions },
): Promise<string> {
  // The answer does not wait for a service that takes time, so that other events can happen before its end.
  const isHurried = calls.some(({ ms }) => ms !== 0);
  const { input, recognize, recognizers } = runner;
  const chat = converse(dialogue, {
    ...(input && { input }),
    ...(recognize && { recognize }),
    ...(recognizers && { recognizers }),
    recognizeMs: 1000,
    now,
    store: { age: AGE_SECONDS },
    services: stubsOf(calls, servicesOf(dialogue)),
  });
  if (isHurried) environmentOf(chat).deadlineMs = 0;
  for (const step of steps) {
    if (step.type === 'say')
      await (isOfOperator(step.message) ? chat.event(step.message) : chat.send(step.message));
    else await chat.advance(step.ms).catch(() => undefined);
  }
  const { transcript } = chat;
  await chat.close();
  const head = calls.map(foundCallLine);
  if (isHurried) head.unshift({ kind: 'deadline', ms: 0 });
  return `${formatTranscript(head)}${transcript}`;
}

/** What an operator does comes from the outside: a transcript has it in lines that begin with `op>`. */
function isOfOperator(message: Incoming): message is Incoming & OutsideEvent {
  return typeof message === 'object' && message.type === 'event.operator';
}

/** How a call goes, as a line of a transcript. */
export function foundCallLine({ service: name, ms, ending }: FoundCall): TranscriptLine {
  if (ending === undefined || ms === undefined) return { kind: 'service', name, does: 'hangs' };
  const after = ms === 0 ? {} : { afterMs: ms };
  if ('error' in ending) {
    const { message } = (ending.error ?? {}) as { readonly message?: unknown };
    const isSaid = typeof message === 'string' && message !== failureOf(name);
    return { kind: 'service', name, does: 'fails', ...(isSaid && { what: message }), ...after };
  }
  const { output: what } = ending;
  const line = { kind: 'service', name, does: 'gives', what, ...after } as const;
  try {
    formatService(line);
    return line;
  } catch {
    return { kind: 'comment', text: `${name} gives something that cannot be written down` };
  }
}

/** The message of what a dialogue threw. */
export function thrownMessage(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message.replace(GUARD, '') : String(cause);
}

/** What XState puts before the message of what a guard threw. */
const GUARD = /^Unable to evaluate guard .*? in state node '[^']*':\n/su;

/** What went wrong in a turn that failed: where, and what was thrown. */
export function failureText(error: unknown): string {
  const isOurs = ColloquyError.is(error);
  if (isOurs && error.cause === undefined) return error.message;
  const { state, service } = isOurs ? error.details : {};
  const place = typeof state === 'string' && state !== '' ? ` in state '${state}'` : '';
  const what =
    typeof service === 'string'
      ? `The service '${service}' failed${place}, which has no \`onError\` for it`
      : `The dialogue threw${place}`;
  return `${what}: ${thrownMessage(error)}`;
}
