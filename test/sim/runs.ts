import fc from 'fast-check';
import { expect } from 'vitest';

/** How often each world is played. `npm run test:sim` plays it 2000 times: more than the suite has time for. */
const RUNS = Number(process.env['SIM_RUNS'] ?? 50);
/** A busy machine plays one in a second. */
export const LONGEST_MS: number = Math.max(600_000, RUNS * 1000);

/**
 * Plays random histories in a world, each over other options.
 * @param play gives the broken promises
 */
export async function expectNoBreach<Command, Options>(
  play: (commands: readonly Command[], options: Options) => Promise<readonly string[]>,
  commands: fc.Arbitrary<readonly Command[]>,
  options: { readonly [Key in keyof Options]: fc.Arbitrary<Options[Key]> },
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(commands, fc.record(options), async (happened, about) => {
      expect(await play(happened, about as Options)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
}

/** Room in memory for one record or for all, and a persister that is near or far. */
export const anyRoom: {
  readonly max: fc.Arbitrary<number>;
  readonly latencyMs: fc.Arbitrary<number>;
} = { max: fc.constantFrom(1, 100), latencyMs: fc.constantFrom(0, 1) };

/** How far the clock of the second process is ahead. */
export const anySkewMs: fc.Arbitrary<number> = fc.constantFrom(
  3_600_000,
  -3_600_000,
  45_000,
  -45_000,
);
