import { channel as nodeChannel } from 'node:diagnostics_channel';
import { expect, it } from 'vitest';
import { channel, ownChannel } from '../../src/internal/tracing.ts';

it('a channel is that of Node, so that observers need not know the library', () => {
  expect(channel('colloquy.test')).toBe(nodeChannel('colloquy.test'));
});

it('without Node, a channel has any number of subscribers, and all parts of a process share it', () => {
  const own = ownChannel('colloquy.test');
  expect(ownChannel('colloquy.test')).toBe(own);
  expect(own.hasSubscribers).toBe(false);
  const seen: string[] = [];
  const first = (message: unknown): void => void seen.push(`first ${String(message)}`);
  const second = (message: unknown): void => void seen.push(`second ${String(message)}`);
  own.subscribe(first);
  own.subscribe(second);
  own.publish(1);
  expect(own.unsubscribe(first)).toBe(true);
  expect(own.unsubscribe(first)).toBe(false);
  own.publish(2);
  own.unsubscribe(second);
  expect([seen, own.hasSubscribers]).toEqual([['first 1', 'second 1', 'second 2'], false]);
});

it('what a subscriber throws, without Node, hinders no other and is not swallowed', async () => {
  const own = ownChannel('colloquy.throwing');
  const thrown = new Promise((resolve) => {
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', (error) => {
      for (const listener of listeners) process.on('uncaughtException', listener);
      resolve(error);
    });
  });
  const error = new Error('broken');
  let isCalled = false;
  own.subscribe(() => {
    throw error;
  });
  own.subscribe(() => (isCalled = true));
  own.publish(1);
  expect([isCalled, await thrown]).toEqual([true, error]);
});
