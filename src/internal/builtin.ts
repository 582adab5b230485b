/**
 * A module of Node.js, if the runtime has it: Node.js, Bun, Deno, and Workers with `nodejs_compat`. It is looked up when
 * it is needed: an import would keep the whole core out of bundles for browsers.
 */
export function builtin(name: `node:${string}`): unknown {
  const { process } = globalThis as { readonly process?: Process };
  return process?.getBuiltinModule?.(name);
}

interface Process {
  readonly getBuiltinModule?: (name: string) => unknown;
}
