import { setTimeout } from 'node:timers/promises';
import { fromPromise } from 'xstate';
import type { Sale } from './menu.ts';

export interface Order {
  readonly id: string;
  readonly yuan: number;
}

const placed = new Map<string, Order>();

/**
 * 收银系统的替身：下一单要六秒，比微信肯等的五秒长。
 * 真实的写法是一次请求：`fetch(url, { signal, headers: { 'Idempotency-Key': self.id } })`。
 * 进程崩溃后这个调用会带着同一个 `self.id` 再来一次，所以同一个 id 只能下一单。
 */
export const placeOrder = fromPromise<Order, Sale>(async ({ input, self, signal }) => {
  await setTimeout(6000, undefined, { signal });
  const order = placed.get(self.id) ?? { id: `A${101 + placed.size}`, yuan: input.yuan };
  placed.set(self.id, order);
  return order;
});
