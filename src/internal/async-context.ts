/** Runs work in an async context. */
export type InContext = <Result>(work: () => Result) => Result;

interface Storage<Value> {
  getStore(): Value | undefined;
  run<Result>(value: Value | undefined, work: () => Result): Result;
  disable(): void;
}

interface AsyncHooks {
  readonly AsyncLocalStorage?: new <Value>() => Storage<Value>;
  readonly AsyncResource?: new (type: string) => { runInAsyncScope: InContext };
}

interface Process {
  readonly getBuiltinModule?: (name: string) => AsyncHooks | undefined;
}

const asItIs: InContext = (work) => work();

/**
 * The async context of the caller, to run later work in it that another caller happens to cause: one timer serves all users,
 * and would have the `AsyncLocalStorage` and the span of the request that armed it. Where the runtime has no such contexts,
 * the work runs as it is.
 */
export function captureContext(): InContext {
  if (AsyncResource === undefined) return asItIs;
  // Node.js 20 takes 22 µs for `AsyncLocalStorage.snapshot()`, which makes such a resource as well, and 0.8 µs for this.
  const resource = new AsyncResource('colloquy');
  return (work) => resource.runInAsyncScope(work);
}

/** A value that code finds again after each `await`. In a runtime without async contexts, there is never a value. */
export class ContextValue<Value> {
  readonly #storage: Storage<Value> | undefined = AsyncLocalStorage && new AsyncLocalStorage();

  get current(): Value | undefined {
    return this.#storage?.getStore();
  }

  run<Result>(value: Value | undefined, work: () => Result): Result {
    return this.#storage === undefined ? work() : this.#storage.run(value, work);
  }

  /**
   * Forgets all values. After the first `run`, Node.js 20 and 22 follow each promise of the process, which makes a turn in
   * memory about 5 % slower. This call ends that, until the next `run`.
   */
  rest(): void {
    this.#storage?.disable();
  }
}

const { process } = globalThis as { readonly process?: Process };
const { AsyncLocalStorage, AsyncResource } = process?.getBuiltinModule?.('node:async_hooks') ?? {};
