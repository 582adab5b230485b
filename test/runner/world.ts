import type { AnyStateMachine } from 'xstate';
import {
  type ContextStore,
  type ContextStoreOptions,
  type Reply,
  type Runner,
  type RunnerOptions,
  createContextStore,
  createRunner,
  formatReply,
} from 'colloquy';
import { type ManualClock, createManualClock } from 'colloquy/testing';
import { onTestFinished } from 'vitest';

/** A runner on virtual time, with everything it tells. */
export interface World {
  readonly clock: ManualClock;
  readonly store: ContextStore;
  readonly runner: Runner;
  /** What was said outside handle(), as `openid: text`. */
  readonly said: string[];
  readonly errors: unknown[];
  data(openid: string): Promise<object>;
}

export function createWorld(
  dialogue: AnyStateMachine,
  options: RunnerOptions & {
    readonly storeOptions?: ContextStoreOptions;
    readonly clock?: ManualClock;
  } = {},
): World {
  const { storeOptions, clock = createManualClock(), ...runnerOptions } = options;
  const store = createContextStore({ clock, ...storeOptions });
  const runner = createRunner(dialogue, { ...runnerOptions, store });
  const said: string[] = [];
  const errors: unknown[] = [];
  runner.on('reply', ({ openid, reply }) => said.push(`${openid}: ${textOf(reply)}`));
  runner.on('error', ({ error }) => errors.push(error));
  store.on('error', ({ error }) => errors.push(error));
  onTestFinished(() => store.close());
  return {
    clock,
    store,
    runner,
    said,
    errors,
    data: async (openid) => (await store.open(openid)).toJSON(),
  };
}

export function texts(replies: readonly Reply[]): string[] {
  return replies.map(textOf);
}

/** On one line: choices as `Which? (a | b)`. */
function textOf(reply: Reply): string {
  if (reply.type !== 'choices') return formatReply(reply);
  const labels = reply.options.map(({ value, label = value }) => label);
  return `${reply.text} (${labels.join(' | ')})`;
}

/** A promise that the test settles. */
export function deferred<T = void>(): {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
} {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
