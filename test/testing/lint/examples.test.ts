import { describe, expect, it } from 'vitest';
import { formatFindings, lintDialogue } from 'colloquy/testing';
import tea from '../../../examples/two-nodes/dialogue.ts';
import quiz from '../../../examples/group-quiz/dialogue.ts';
import healthCheck from '../../../examples/health-check/dialogue.ts';
import handover from '../../../examples/human-handover/dialogue.ts';
import order from '../../../examples/pizza-order/dialogue.ts';
import { createRestaurant } from '../../../examples/web-chat/dialogue.ts';
import { createShop } from '../../../examples/takeover/dialogue.ts';
import { createTables } from '../../../examples/web-chat/tables.ts';
import desk from '../../../examples/support-desk/dialogue.ts';
import survey from '../../../examples/telegram/dialogue.ts';
import echo from '../../../examples/wechat-echo/dialogue.ts';

const examples = {
  restaurant: createRestaurant(createTables()),
  shop: createShop(() => {}),
  survey,
  desk,
  handover,
  order,
  quiz,
  healthCheck,
  echo,
  tea,
};

describe('the examples', () => {
  it.each(Object.entries(examples))('lint finds nothing in %s', (_, dialogue) => {
    expect(formatFindings(lintDialogue(dialogue))).toBe('');
  });
});
