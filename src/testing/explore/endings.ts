import { failureOf } from '../services.ts';
import { UNKNOWN_OUTPUT } from './unknown-output.ts';
import type { Ending } from './pure-state.ts';

/** How a service may end when it is explored: what it gives, each tried; or a function of its input that gives it. */
export type ExploredService = readonly unknown[] | ((input: never) => unknown);

/** How a call of a service may end: as was given, or in an error. */
export async function endingsOf(
  given: ExploredService | undefined,
  src: string,
  input: unknown,
): Promise<readonly Ending[]> {
  const failed = { error: new Error(failureOf(src)) };
  if (given === undefined) return [UNKNOWN_OUTPUT, failed];
  if (typeof given !== 'function') return [...given.map((output) => ({ output })), failed];
  try {
    return [{ output: await given(input as never) }, failed];
  } catch (error) {
    return [{ error }];
  }
}
