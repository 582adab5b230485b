import { describe, expect, it } from 'vitest';
import { explore } from 'colloquy/testing';
import quizConfig from '../../../examples/group-quiz/colloquy.config.ts';
import quiz from '../../../examples/group-quiz/dialogue.ts';
import handoverConfig from '../../../examples/human-handover/colloquy.config.ts';
import handover from '../../../examples/human-handover/dialogue.ts';
import orderConfig from '../../../examples/pizza-order/colloquy.config.ts';
import order from '../../../examples/pizza-order/dialogue.ts';
import restaurantConfig from '../../../examples/web-chat/colloquy.config.ts';
import { createRestaurant } from '../../../examples/web-chat/dialogue.ts';
import { createTables } from '../../../examples/web-chat/tables.ts';
import deskConfig from '../../../examples/support-desk/colloquy.config.ts';
import desk from '../../../examples/support-desk/dialogue.ts';
import surveyConfig from '../../../examples/telegram/colloquy.config.ts';
import survey from '../../../examples/telegram/dialogue.ts';
import { createShop } from '../../../examples/takeover/dialogue.ts';
import shopConfig from '../../../examples/wechat-shop/colloquy.config.ts';
import shop from '../../../examples/wechat-shop/dialogue.ts';

const EXAMPLES = [
  { name: 'telegram', dialogue: survey, options: surveyConfig.explore },
  {
    name: 'web-chat',
    dialogue: createRestaurant(createTables()),
    options: restaurantConfig.explore,
  },
  { name: 'pizza-order', dialogue: order, options: orderConfig.explore },
  { name: 'group-quiz', dialogue: quiz, options: quizConfig.explore },
  { name: 'human-handover', dialogue: handover, options: handoverConfig.explore },
  { name: 'support-desk', dialogue: desk, options: deskConfig.explore },
  { name: 'takeover', dialogue: createShop(() => {}), options: {} },
  { name: 'wechat-shop', dialogue: shop, options: shopConfig.explore },
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
