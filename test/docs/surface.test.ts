import { describe, expect, it } from 'vitest';
import { entries } from '../../tsup.config.ts';
import { findUnnamed, readSurface } from './surface.ts';

/** Types that a signature names and no entry exports, and why not. */
const UNNAMED: Readonly<Record<string, string>> = {
  Around: 'one part of the config of a question; users name AskOptions',
  Assigning: 'one part of the config of a question; users name AskOptions',
  Code: 'an ErrorCode, or a text that a program made up',
  Params: 'the parameters of actions by name; setupDialogue() infers them',
  Reader: 'for the compiler alone',
  RunnerState: 'what `this` of a matcher is; Jest and Vitest give it',
  Values: 'a dictionary of texts and numbers',
};

describe('a type that an exported signature names', () => {
  it('is exported from an entry, but for those that are listed with a reason', () => {
    const surface = readSurface(entries);
    expect(surface.entries.length).toBeGreaterThan(15);
    for (const { specifier, names } of surface.entries) {
      expect({ specifier, isEmpty: names.length === 0 }).toEqual({ specifier, isEmpty: false });
    }
    const unnamed = findUnnamed(surface);
    expect([...unnamed.keys()].toSorted()).toEqual(Object.keys(UNNAMED).toSorted());
  });
});
