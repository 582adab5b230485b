import { describe, expect, it } from 'vitest';
import { explore } from 'colloquy/testing';
import quizConfig from '../../../examples/group-quiz/colloquy.config.ts';
import quiz from '../../../examples/group-quiz/dialogue.ts';
import handoverConfig from '../../../examples/human-handover/colloquy.config.ts';
import handover from '../../../examples/human-handover/dialogue.ts';
import orderConfig from '../../../examples/pizza-order/colloquy.config.ts';
import order from '../../../examples/pizza-order/dialogue.ts';
import restaurantConfig from '../../../examples/restaurant-booking/colloquy.config.ts';
import { createRestaurant } from '../../../examples/restaurant-booking/dialogue.ts';
import { createTables } from '../../../examples/restaurant-booking/tables.ts';
import deskConfig from '../../../examples/support-desk/colloquy.config.ts';
import desk from '../../../examples/support-desk/dialogue.ts';
import surveyConfig from '../../../examples/survey/colloquy.config.ts';
import survey from '../../../examples/survey/dialogue.ts';

const EXAMPLES = [
  { name: 'survey', dialogue: survey, options: surveyConfig.explore },
  {
    name: 'restaurant-booking',
    dialogue: createRestaurant(createTables()),
    options: restaurantConfig.explore,
  },
  { name: 'pizza-order', dialogue: order, options: orderConfig.explore },
  { name: 'group-quiz', dialogue: quiz, options: quizConfig.explore },
  { name: 'human-handover', dialogue: handover, options: handoverConfig.explore },
  { name: 'support-desk', dialogue: desk, options: deskConfig.explore },
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
