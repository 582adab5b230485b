import { type IntentRecognizer, commandIntents, integer, keywords, setupDialogue } from 'colloquy';
import { type Order, placeOrder } from './cashier.ts';
import { type Choice, describe, drinks, priceOf, sweets } from './menu.ts';

interface Shop extends Choice {
  locale: string;
  order?: Order;
}

/** 菜单上的一项：点击是 `message.action`，值是菜单的 key；说出同样的话也算。 */
function entry(key: string, ...phrases: readonly string[]): IntentRecognizer {
  const said = keywords(...phrases);
  const isMeant: IntentRecognizer = (message, about) =>
    (message.type === 'message.action' && message.value === key) || said(message, about);
  return Object.assign(isMeant, { samples: phrases });
}

const { clear, commands, createDialogue, done, form, repeat, reply, service } = setupDialogue({
  types: {} as { context: Shop },
  actors: { placeOrder },
  // 另一个程序报告的事：付款用库里已有的 event.payment，做好了是我们自己的 event.ready。
  events: { ready: {} as { order: string } },
  intents: {
    ...commandIntents,
    // 用自己的话说想喝什么：模型来认（`model.ts`）。
    want: {},
    order: entry('ORDER', '点单', '下单', '我要点单'),
    mine: entry('MY_ORDER', '我的订单', '查订单'),
    hours: entry('HOURS', '营业时间', '几点开门'),
  },
});

const welcome = reply('欢迎光临一口奶茶！点菜单里的“点单”，或者直接说想喝什么。');

export default createDialogue({
  id: 'milk-tea',
  version: '1',
  context: { locale: 'zh-CN' },
  initial: 'open',
  on: {
    ...commands({
      help: { say: '点单、我的订单、营业时间，都可以直接说。不想要了就说“取消”。' },
      hours: { say: '每天 10:00 到 22:00。' },
      mine: { say: ({ context }) => statusOf(context) },
      order: { target: '.ordering', actions: clear('order') },
    }),
    // 又关注了一次，正在办的事不能丢。
    'event.follow': { actions: [welcome, repeat()] },
    // 用户已经走了，说什么都收不到。
    'event.unfollow': {},
  },
  states: {
    open: {
      entry: clear('order'),
      on: { 'intent.want': 'ordering', 'message.*': { actions: welcome } },
    },

    // 一句话可以说好几样，没说的再问。每个值都过这里的解析，最后总要顾客点头。
    ordering: form({
      slots: {
        drink: {
          label: '饮品',
          question: '想喝点什么？',
          options: drinks.map(({ value, label, price, synonyms }) => ({
            value,
            label: `${label} ${price} 元`,
            synonyms: [label, ...synonyms],
          })),
        },
        sweet: { label: '甜度', question: '甜度呢？', options: sweets },
        cups: {
          label: '杯数',
          question: '要几杯？',
          parse: integer({ min: 1, max: 20, units: ['杯'] }),
        },
      },
      confirm: ({ context }) => `${describe(context)}，共 ${priceOf(context)} 元，对吗？`,
      on: commands({ cancel: { target: 'open', say: '好的，没有下单。' } }),
      target: 'placing',
    }),

    // 收银系统要六秒，微信只等五秒：先答“正在下单”，结果随后用客服消息推过去。
    placing: service({
      src: 'placeOrder',
      // 念给顾客听的价钱，就是收的价钱。
      input: ({ context }) => ({ ...context, yuan: priceOf(context) }),
      entry: reply('正在下单，请稍等。'),
      assign: 'order',
      retries: 2,
      timeout: { seconds: 20 },
      busy: '还在下单，请稍等。',
      on: { 'intent.order': { actions: reply('上一单还在下，请稍等。') } },
      done: 'paying',
      failed: { target: 'open', actions: reply('收银系统没有回应，这一单没有下成，请稍后再点。') },
    }),

    paying: {
      entry: reply(
        ({ context }) => `${statusOf(context)}\n付款：https://pay.example/${context.order?.id}`,
      ),
      on: {
        // 支付平台的回调由 runner.send() 送进来。别人的订单号、上一单的回调，都到不了下面。
        'event.payment': {
          guard: ({ context, event }) => event.key === context.order?.id,
          target: 'making',
        },
        'intent.order': {
          target: 'ordering',
          actions: [clear('order'), reply('上一单没有付款，取消了。')],
        },
        'intent.cancel': { target: 'open', actions: reply('订单取消了。') },
        'message.*': { actions: reply('还没有收到付款。不想要了就说“取消”。') },
      },
      after: {
        900_000: { target: 'open', actions: reply('15 分钟没有付款，订单取消了。') },
      },
    },

    making: {
      entry: reply('收到付款，开始做了。做好会通知您。'),
      on: {
        'event.ready': {
          guard: ({ context, event }) => event.order === context.order?.id,
          target: 'ready',
        },
        // 付过款的单不能悄悄丢掉。
        'intent.order': { actions: reply('上一单还在做，做好了再点下一单吧。') },
        'intent.cancel': { actions: reply('已经开始做了，退款请到柜台。') },
        'message.*': { actions: reply('正在做，请稍等。') },
      },
    },
    ready: done(({ context }) => `${context.order?.id} 号做好了，请到柜台取。`),
  },
});

function statusOf({ order, ...choice }: Shop): string {
  if (order === undefined) return '您现在没有订单。';
  return `订单 ${order.id}：${describe(choice)}，共 ${order.yuan} 元。`;
}
