import { type ScriptedAnswer, createManualClock, scripted } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { fromPromise } from 'xstate';
import desk from '../../examples/support-desk/dialogue.ts';
import { recognizerBy as deskModel } from '../../examples/support-desk/model.ts';
import { createShop } from '../../examples/support-desk/shop.ts';
import type { Order } from '../../examples/wechat-shop/cashier.ts';
import shop from '../../examples/wechat-shop/dialogue.ts';
import type { Sale } from '../../examples/wechat-shop/menu.ts';
import { recognizerBy as shopModel } from '../../examples/wechat-shop/model.ts';
import { CHANNELS, type Customer } from './support/channels.ts';

/** The tea shop with a scripted model; its cashier takes six seconds. */
function createTeaShop(answers: readonly ScriptedAnswer[]) {
  const clock = createManualClock();
  const model = scripted(answers, { clock });
  const sales: Sale[] = [];
  const placeOrder = fromPromise<Order, Sale>(async ({ input }) => {
    sales.push(input);
    await new Promise<void>((resolve) => void clock.wake(clock.now() + 6000, resolve));
    return { id: 'A101', yuan: input.yuan };
  });
  const dialogue = shop.provide({ actors: { placeOrder } });
  return {
    bot: { dialogue, clock, recognize: shopModel(model) },
    model,
    sales,
  };
}

/** The support desk with a scripted model; it pays in six seconds. */
function createDesk(answers: readonly ScriptedAnswer[]) {
  const clock = createManualClock();
  const model = scripted(answers, { clock });
  const dialogue = desk.provide({ actors: createShop(clock) });
  return { bot: { dialogue, clock, recognize: deskModel(model) }, model };
}

const finds = (value: object): ScriptedAnswer => ({ value });
const means = (intent: string, values?: object): ScriptedAnswer =>
  finds({ intents: [{ intent, score: 0.9, ...(values && { values }) }] });
const fills = (values: object): ScriptedAnswer => finds({ intents: [], values });
const nothing = finds({ intents: [] });
const late = (seconds: number, answer: ScriptedAnswer): ScriptedAnswer => ({
  takes: { seconds },
  answer,
});

/** Says each, and reads all that comes of it. */
async function talk(customer: Customer, said: readonly string[]): Promise<string[]> {
  const read: string[] = [];
  for (const text of said) {
    const parts = [await customer.say(text), await customer.wait({ seconds: 15 })];
    read.push(parts.filter((part) => part !== '').join('\n'));
  }
  return read;
}

const SWEET = '甜度呢？\n1. 正常糖\n2. 少糖\n3. 无糖';
const WELCOME = '欢迎光临一口奶茶！点菜单里的“点单”，或者直接说想喝什么。';
const DRINK = '想喝点什么？\n1. 珍珠奶茶 15 元\n2. 手打柠檬茶 13 元\n3. 生椰拿铁 18 元';
const WISH =
  'What can I do for you?\n1. A refund\n2. Another delivery time or address\n3. Where my order is';
const REASON =
  'What is the matter with order 1043?\n1. It is broken\n2. It is something else\n3. It came too late';

describe.each(CHANNELS)('on %s', (name, talkTo) => {
  it('a model fills the order of a tea, and the customer agrees to its price', async () => {
    const { bot, model, sales } = createTeaShop([
      means('want', { drink: '珍珠奶茶', sweet: null, cups: '两杯' }),
      fills({ drink: null, sweet: '少糖', cups: null }),
      fills({ drink: null, sweet: null, cups: '三十' }),
      fills({ drink: '冰美式', sweet: null, cups: '3' }),
      nothing,
    ]);
    const read = await talk(talkTo(bot), [
      '渴死了，珍奶来一对',
      '微微甜就行',
      '干脆来三十',
      '那就再加一杯',
      '对',
    ]);
    expect(read).toEqual([
      SWEET,
      '2 杯珍珠奶茶，少糖，共 30 元，对吗？\n1. 是\n2. 否',
      '请回复“是”或“否”。',
      '3 杯珍珠奶茶，少糖，共 45 元，对吗？\n1. 是\n2. 否',
      '正在下单，请稍等。\n订单 A101：3 杯珍珠奶茶，少糖，共 45 元。\n付款：https://pay.example/A101',
    ]);
    expect(sales).toEqual([
      expect.objectContaining({ drink: 'pearl', sweet: 'half', cups: 3, yuan: 45 }),
    ]);
    model.assertComplete();
  });

  it('a model finds out that a customer wants a refund, which is paid after a yes', async () => {
    // It is not asked where the customer answers with an option.
    const { bot, model } = createDesk([means('refund'), nothing, nothing]);
    const read = await talk(talkTo(bot), [
      'the lamp 1043 came in a thousand pieces',
      'it is broken',
      'my money back',
      'GB82WEST12345698765432',
      'Ann Lee',
      'yes',
    ]);
    expect(read).toEqual([
      REASON,
      'What would you like for it?\n1. My money back\n2. A replacement',
      'Which IBAN shall the 80.00 € go to?',
      'And who holds the account?',
      '80.00 € to Ann Lee, GB82WEST12345698765432. Shall I?\n1. Yes\n2. No',
      // The answer to a message waits for services: in Telegram for longer than the six seconds of this one.
      `${name === 'Telegram' ? '' : 'One moment …\n'}It is done, under the number R-1043.\nIs there anything else?\n1. Yes\n2. No`,
    ]);
    model.assertComplete();
  });

  it('a model that is slower than the platform is answered for in time, and asked once', async () => {
    const tea = createTeaShop([late(7, means('want')), means('want', { cups: '2' })]);
    const refund = createDesk([late(7, means('refund')), means('refund')]);
    for (const [{ bot, model }, said, expected] of [
      [tea, '珍奶来一对', [WELCOME, DRINK]],
      [refund, 'the lamp 1043 came in a thousand pieces', [WISH, REASON]],
    ] as const) {
      const customer = talkTo(bot);
      const answers = [await customer.say(said)];
      // Its answer comes later, and is not taken.
      expect(await customer.wait({ seconds: 15 })).toBe('');
      answers.push(await customer.say(said));
      expect(answers).toEqual(expected);
      model.assertComplete();
    }
  });

  it('a model that fails, is late or talks nonsense leaves a conversation whole', async () => {
    const tea = createTeaShop([
      { refuses: 'I must not.' },
      { fails: 'unavailable' },
      '{"intents":7}',
      late(30, nothing),
    ]);
    const read = await talk(talkTo(tea.bot), ['点单', '2', '少糖', '两杯', '好的']);
    expect(read.at(-2)).toBe('2 杯手打柠檬茶，少糖，共 26 元，对吗？\n1. 是\n2. 否');
    expect(read.at(-1)).toMatch(/^正在下单，请稍等。\n订单 A101：.+，共 26 元。/u);
    expect(tea.sales).toHaveLength(1);
    tea.model.assertComplete();
    const { bot, model } = createDesk([
      { refuses: 'No.' },
      { fails: 'rate_limited' },
      '{"intents":7}',
    ]);
    const again = await talk(talkTo(bot), [
      'a refund of 1043, please',
      'broken',
      'money',
      'GB82WEST12345698765432',
      'Ann Lee',
      'yes',
    ]);
    expect(again.at(-1)).toContain('It is done, under the number R-1043.');
    model.assertComplete();
  });
});
