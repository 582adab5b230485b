import type { AnyStateMachine } from 'xstate';
import { describe, expect, it } from 'vitest';
import { type ExploreOptions, explore } from 'colloquy/testing';
import { createRestaurant } from '../../../examples/restaurant-booking/dialogue.ts';
import { createTables } from '../../../examples/restaurant-booking/tables.ts';
import desk from '../../../examples/support-desk/dialogue.ts';
import survey from '../../../examples/survey/dialogue.ts';

interface Example {
  readonly name: string;
  readonly dialogue: AnyStateMachine;
  readonly options: ExploreOptions;
}

const EXAMPLES: readonly Example[] = [
  { name: 'survey', dialogue: survey, options: {} },
  {
    name: 'restaurant-booking',
    dialogue: createRestaurant(createTables()),
    options: {
      samples: ['a table for 4 tomorrow at 7pm', 'hours', 'human', '我要订位'],
      services: { findTable: [{ table: 'G3' }, undefined] },
      budget: 2000,
    },
  },
  {
    name: 'support-desk',
    dialogue: desk,
    options: {
      samples: ['refund 1042', '9000', 'NO93 8601 1117 947', 'where is order 1044?'],
      services: {
        findOrder: [{ number: '1042', state: 'packed', total: 35 }],
        payBack: ['R-1'],
      },
      budget: 4000,
    },
  },
];

describe('explore alone walks through nearly all of an example', () => {
  it.each(EXAMPLES)('$name', async ({ dialogue, options }) => {
    const { coverage, conversations, failures } = await explore(dialogue, options);
    const { states, transitions } = coverage.summary();
    expect(transitions.percent).toBeGreaterThanOrEqual(95);
    expect(states.percent).toBe(100);
    expect(failures).toEqual([]);
    // Each is there for something that no other one before it reaches.
    expect(conversations.every(({ reaches }) => reaches.length > 0)).toBe(true);
  });
});
