import { describe, expect, it } from 'vitest';
import { createEvents } from '../../src/internal/emitter.ts';
import { atRest } from '../../src/internal/async.ts';

type Told = { ping: number; pong: string };

const create = (): { events: ReturnType<typeof createEvents<Told>>; faults: unknown[] } => {
  const faults: unknown[] = [];
  return { events: createEvents<Told>((fault, name) => faults.push([fault, name])), faults };
};

describe('events', () => {
  it('reach the listeners of their name in order', () => {
    const { events, faults } = create();
    const heard: unknown[] = [];
    events.on('ping', (value) => heard.push(['one', value]));
    events.on('ping', (value) => heard.push(['two', value]));
    events.on('pong', (value) => heard.push(value));
    events.emit('ping', 1);
    expect([heard, faults]).toEqual([
      [
        ['one', 1],
        ['two', 1],
      ],
      [],
    ]);
  });

  it('reach the other listeners where one throws or rejects, which is reported', async () => {
    const { events, faults } = create();
    const heard: number[] = [];
    events.on('ping', () => {
      throw new Error('thrown');
    });
    events.on('ping', async () => {
      throw new Error('rejected');
    });
    events.on('ping', (value) => heard.push(value));
    events.emit('ping', 1);
    await atRest();
    expect(heard).toEqual([1]);
    expect(faults).toEqual([
      [new Error('thrown'), 'ping'],
      [new Error('rejected'), 'ping'],
    ]);
  });

  it('know whether anybody listens', () => {
    const { events } = create();
    expect(events.heard('ping')).toBe(false);
    const off = events.on('ping', () => undefined);
    expect([events.heard('ping'), events.heard('pong')]).toEqual([true, false]);
    off();
    off();
    expect(events.heard('ping')).toBe(false);
  });

  it('reach the listeners that there are at their beginning, also if others come or go meanwhile', () => {
    const { events } = create();
    const heard: string[] = [];
    const off = events.on('ping', () => {
      heard.push('one');
      off();
      events.on('ping', () => heard.push('new'));
    });
    events.on('ping', () => heard.push('two'));
    events.emit('ping', 1);
    expect(heard).toEqual(['one', 'two']);
  });
});
