import type { ModelCallEntry } from '../../wire.ts';

/** The calls of models for a user, up to the turn that is looked at. */
export function callsUpTo(
  calls: readonly ModelCallEntry[],
  openid: string | undefined,
  lookedAt: number | undefined,
): readonly ModelCallEntry[] {
  return calls.filter(
    (each) =>
      each.openid === openid &&
      (lookedAt === undefined || (each.turn !== undefined && each.turn <= lookedAt)),
  );
}

/** What calls cost together, and of how many that have ended the provider did not tell. */
export function tokensSpent(calls: readonly ModelCallEntry[]): {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly unknown: number;
} {
  let [inputTokens, outputTokens, unknown] = [0, 0, 0];
  for (const { end } of calls) {
    if (end !== undefined && end.usage === undefined) unknown += 1;
    inputTokens += end?.usage?.inputTokens ?? 0;
    outputTokens += end?.usage?.outputTokens ?? 0;
  }
  return { inputTokens, outputTokens, unknown };
}

/** Puts a call at its place in a list: a new one is the last, and one that is known is replaced. */
export function putCall(calls: ModelCallEntry[], entry: ModelCallEntry): void {
  const index = calls.findLastIndex(({ call }) => call <= entry.call);
  const isKnown = calls[index]?.call === entry.call;
  calls.splice(isKnown ? index : index + 1, isKnown ? 1 : 0, entry);
}
