/** Runs work in an async context. */
export type InContext = <Result>(work: () => Result) => Result;

interface AsyncHooks {
  readonly AsyncLocalStorage?: { readonly snapshot?: () => InContext };
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
  return snapshot?.() ?? asItIs;
}

const { process } = globalThis as { readonly process?: Process };
const { AsyncLocalStorage } = process?.getBuiltinModule?.('node:async_hooks') ?? {};
const snapshot = AsyncLocalStorage?.snapshot?.bind(AsyncLocalStorage);
