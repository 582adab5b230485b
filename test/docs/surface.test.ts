import { describe, expect, it } from 'vitest';
import { entries } from '../../tsup.config.ts';
import { findUnnamed, readSurface } from './surface.ts';

/** Types that a signature names and no entry exports, and why not. */
const UNNAMED: Readonly<Record<string, string>> = {
  AnyOwnEvent: 'an event of a machine whose types say nothing of its events',
  Code: 'an ErrorCode, or a text that a program made up',
  InnerType: 'for the compiler alone',
  Params: 'the parameters of actions by name; setupDialogue() infers them',
  Payloads: 'a dictionary of objects',
  Reader: 'for the compiler alone',
  RootKey: 'for the compiler alone',
  RunnerState: 'what `this` of a matcher is; Jest and Vitest give it',
  StateKey: 'for the compiler alone',
  TransitionKey: 'for the compiler alone',
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
