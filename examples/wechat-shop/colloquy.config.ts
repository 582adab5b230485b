import { basename } from 'node:path';
import { defineConfig } from 'colloquy/cli';
import { type Stub, takes } from 'colloquy/testing';
import { throughWechat } from 'colloquy/testing/wechat';
import type { Order } from './cashier.ts';
import type { Sale } from './menu.ts';
import { recognizerOf } from './model.ts';

/** 对话记录里的收银系统：六秒，走虚拟时间。 */
const placeOrder: Stub<Sale, Order> = takes({ seconds: 6 }, ({ yuan }) => ({ id: 'A101', yuan }));

export default defineConfig({
  dialogue: './dialogue.ts',
  transcripts: ['*.chat'],
  converse: (transcript) => ({
    recognize: recognizerOf(process.env),
    services: { placeOrder },
    // 这一份是用户在微信里看到的样子：一次应答只有一条消息，选项用数字回。回调不经过微信，所以在另外几份里。
    ...(basename(transcript) === 'wechat.chat' && { channel: throughWechat() }),
  }),
  explore: {
    samples: [
      { type: 'message.action', value: 'ORDER' },
      { type: 'event.payment', key: 'A101' },
      { type: 'event.ready', order: 'A101' },
    ],
    services: { placeOrder: [{ id: 'A101', yuan: 30 }] },
    budget: 2000,
  },
});
