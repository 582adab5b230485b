import {
  assign,
  cancel,
  emit,
  enqueueActions,
  fromPromise,
  log,
  raise,
  sendParent,
  sendTo,
  setup,
} from 'xstate';
import { describe, expect, it } from 'vitest';
import { Play } from './play.ts';

const say = (text: string) => emit({ type: 'reply', reply: text }) as never;
const text = 'message.text';

describe('a step', () => {
  it('assigns, with params, in the order of the actions', () => {
    const play = new Play(
      setup({
        types: {} as { context: { n: number } },
        actions: {
          add: assign({ n: ({ context }, params: { by: number }) => context.n + params.by }),
        },
      }).createMachine({
        context: { n: 1 },
        initial: 'a',
        states: {
          a: {
            on: {
              [text]: {
                actions: [
                  { type: 'add', params: { by: 2 } },
                  emit(({ context }) => ({ type: 'reply', reply: `n is ${context.n}` })),
                  { type: 'add', params: () => ({ by: 10 }) },
                ],
              },
            },
          },
        },
      }),
    ).first();
    play.say('x');
    expect(play.data).toEqual({ n: 13 });
    expect(play.replies).toEqual(['n is 3']);
  });

  it('chooses by guards, and says whether anybody took the event', () => {
    const play = new Play(
      setup({
        types: {} as { events: { type: 'message.text'; text: string } },
        guards: { is: ({ event }, params: { text: string }) => event.text === params.text },
      }).createMachine({
        initial: 'a',
        states: {
          a: {
            on: {
              [text]: [
                { guard: { type: 'is', params: { text: 'b' } }, target: 'b' },
                { guard: { type: 'is', params: { text: 'stay' } }, actions: say('staying') },
              ],
            },
          },
          b: {},
        },
      }),
    ).first();
    expect(play.say('nothing').handled).toBe(false);
    expect(play.say('stay').handled).toBe(true);
    expect(play.value).toBe('a');
    expect(play.say('b').value).toBe('b');
  });

  it('swallows what a state takes without doing anything', () => {
    const play = new Play(
      setup({}).createMachine({ initial: 'a', states: { a: { on: { [text]: {} } } } }),
    ).first();
    expect(play.say('x')).toMatchObject({ handled: true, value: 'a', effects: [] });
  });

  it('follows always, raise and enqueueActions to a stable state', () => {
    const play = new Play(
      setup({ types: {} as { context: { path: string[] } } }).createMachine({
        context: { path: [] },
        initial: 'a',
        states: {
          a: {
            on: {
              [text]: {
                actions: enqueueActions(({ enqueue, check }) => {
                  if (check(() => true)) enqueue.raise({ type: 'go' });
                  enqueue.assign({ path: ['a'] });
                  enqueue.emit({ type: 'reply', reply: 'off' } as never);
                }),
              },
              go: 'b',
            },
          },
          b: {
            always: {
              target: 'c',
              actions: assign({ path: ({ context }) => [...context.path, 'b'] }),
            },
          },
          c: { entry: say('there') },
        },
      }),
    ).first();
    play.say('x');
    expect(play).toMatchObject({
      value: 'c',
      replies: ['off', 'there'],
      data: { path: ['a', 'b'] },
    });
  });

  it('gives up on a loop rather than hang', () => {
    const play = new Play(
      setup({}).createMachine({
        initial: 'a',
        states: {
          a: { on: { [text]: 'b' } },
          b: { always: 'c' },
          c: { always: 'b' },
        },
      }),
    ).first();
    expect(() => play.say('x')).toThrow(
      expect.objectContaining({
        code: 'not_stable',
        message:
          "Dialogue '(machine)' went in circles through 'b', 'c' and never rested, so the turn changed nothing: give an `always` or an event that it raises there a guard.",
      }),
    );
    expect(play.value).toBe('a');
  });

  it('collects actions and runs none', () => {
    let ran = 0;
    const play = new Play(
      setup({ actions: { count: () => (ran += 1) } }).createMachine({
        initial: 'a',
        states: { a: { entry: ['count', log('entered'), () => (ran += 1)] } },
      }),
    ).first();
    expect(ran).toBe(0);
    expect(play.of('action').map(({ name }) => name)).toEqual([
      'count',
      'xstate.log',
      '(anonymous)',
    ]);
    play.of('action')[0]?.run();
    expect(ran).toBe(1);
  });

  it('does not change the snapshot that it receives, when a guard or an action throws', () => {
    const boom = (): never => {
      throw new Error('boom');
    };
    const play = new Play(
      setup({ guards: { boom } }).createMachine({
        context: { kept: { deep: 1 } },
        initial: 'a',
        states: {
          a: {
            on: {
              'message.text': { guard: 'boom', target: 'b' },
              'message.image': { actions: [assign({ kept: { deep: 2 } }), assign(boom)] },
              'message.voice': { actions: emit(boom) },
              'message.video': { target: 'broken' },
            },
          },
          b: {},
          broken: { entry: assign(boom) },
        },
      }),
    ).first();
    const before = play.snapshot;
    const copy = JSON.stringify(before);
    for (const kind of ['text', 'image', 'voice', 'video']) {
      expect(() => play.send({ type: `message.${kind}` })).toThrow(
        expect.objectContaining({ name: 'StepError', code: 'step_failed' }),
      );
    }
    expect(play.snapshot).toBe(before);
    expect(JSON.stringify(before)).toBe(copy);
  });

  it('is not confused by a step within a step', () => {
    const inner = new Play(
      setup({}).createMachine({
        initial: 'a',
        states: { a: { on: { [text]: { actions: say('inner') } } } },
      }),
    ).first();
    const outer = new Play(
      setup({}).createMachine({
        initial: 'a',
        states: {
          a: {
            on: {
              [text]: {
                guard: () => inner.say('nested').replies.length === 1,
                actions: [
                  say('outer'),
                  assign(() => ({ seen: inner.say('again').replies.length })),
                ],
              },
            },
          },
        },
      }),
    ).first();
    expect(outer.say('x')).toMatchObject({ replies: ['outer'], handled: true, data: { seen: 1 } });
    expect(outer.send({ type: 'message.voice' }).handled).toBe(false);
  });
});

describe('the context', () => {
  it('starts from the dialogue, under what the dictionary holds already', () => {
    const machine = setup({}).createMachine({
      context: ({ input }) => ({ who: (input as { openid: string }).openid, n: 0 }),
      initial: 'a',
      states: {
        a: {
          entry: emit(({ context }) => ({ type: 'reply', reply: `${context.who} ${context.n}` })),
        },
      },
    });
    expect(new Play(machine).first({ openid: 'u' }).replies).toEqual(['u 0']);
    expect(new Play(machine).first({ openid: 'u' }, { n: 7 }).replies).toEqual(['u 7']);
  });

  it('is never shared between conversations, where the dialogue gives an object', () => {
    const machine = setup({}).createMachine({
      context: { n: 0, deep: { list: [] } },
      initial: 'a',
      states: { a: {} },
    });
    const [one, two] = [new Play(machine).first(), new Play(machine).first()];
    expect(one.data).not.toBe(two.data);
    expect((one.data as { deep: object }).deep).not.toBe((two.data as { deep: object }).deep);
  });

  it('is the dictionary as it stands now: the next guard sees what others wrote', () => {
    const play = new Play(
      setup({ types: {} as { context: { vip?: boolean } } }).createMachine({
        context: {},
        initial: 'a',
        states: {
          a: { on: { [text]: { guard: ({ context }) => context.vip === true, target: 'b' } } },
          b: {},
        },
      }),
    ).first();
    expect(play.say('x').value).toBe('a');
    play.data = { vip: true };
    expect(play.say('x').value).toBe('b');
  });
});

describe('timers', () => {
  const machine = setup({
    delays: { later: ({ context }) => (context as { ms: number }).ms },
  }).createMachine({
    context: { ms: 5000 },
    initial: 'a',
    states: {
      a: {
        after: { 1000: 'b', later: 'c' },
        on: { [text]: { actions: cancel('nudge') } },
        entry: raise({ type: 'nudge' }, { id: 'nudge', delay: 10 }),
      },
      b: { entry: raise({ type: 'again' }, { delay: 20 }) },
      c: {},
    },
  });

  it('are set on entry, cleared on exit, and by cancel', () => {
    const play = new Play(machine).first();
    expect(
      play
        .of('set')
        .map(({ delayMs }) => delayMs)
        .toSorted((a, b) => a - b),
    ).toEqual([10, 1000, 5000]);
    play.say('hush');
    expect(play.of('clear')).toEqual([{ type: 'clear', actor: '', id: 'nudge' }]);
  });

  it('bring their event back, and clear the others of the state', () => {
    const play = new Play(machine).first().restart();
    const [timer] = play.of('set').filter(({ delayMs }) => delayMs === 1000);
    play.send(timer?.event ?? { type: 'missing' }, '');
    expect(play.value).toBe('b');
    expect(play.of('clear').map(({ id }) => id)).toHaveLength(2);
    expect(play.of('set')).toEqual([
      { type: 'set', actor: '', id: undefined, event: { type: 'again' }, delayMs: 20 },
    ]);
  });

  it('are all cleared when the dialogue is done', () => {
    const play = new Play(
      setup({}).createMachine({
        initial: 'a',
        states: { a: { after: { 10: 'b' }, on: { [text]: 'b' } }, b: { type: 'final' } },
      }),
    ).first();
    play.say('x');
    expect(play.of('clear').at(-1)).toEqual({ type: 'clear', actor: '', id: undefined });
  });
});

describe('hierarchy', () => {
  const nested = setup({}).createMachine({
    initial: 'on',
    states: {
      on: {
        initial: 'one',
        states: {
          one: { on: { 'message.image': 'two' } },
          two: {},
          hist: { type: 'history' },
        },
        on: { 'message.voice': 'off' },
      },
      off: { on: { 'message.text': 'on.hist' } },
    },
  });

  it('remembers history, over a restart too', () => {
    const play = new Play(nested).first();
    play.send({ type: 'message.image' }).send({ type: 'message.voice' });
    expect(play.value).toBe('off');
    expect(play.restart().say('back').value).toEqual({ on: 'two' });
  });

  it('runs parallel regions, and is done with its output when all are', () => {
    const play = new Play(
      setup({}).createMachine({
        type: 'parallel',
        output: 'both',
        states: {
          l: { initial: 'a', states: { a: { on: { 'message.text': 'z' } }, z: { type: 'final' } } },
          r: { initial: 'a', states: { a: { on: { 'message.text': 'z' } }, z: { type: 'final' } } },
        },
      }),
    ).first();
    expect(play.restart().value).toEqual({ l: 'a', r: 'a' });
    play.say('x');
    expect(play.snapshot).toMatchObject({ status: 'done', output: 'both' });
  });
});

describe('services', () => {
  const lookUp = fromPromise(async () => 'found');
  const machine = setup({ actors: { lookUp } }).createMachine({
    context: { q: 'tea' },
    initial: 'a',
    states: {
      a: { on: { [text]: 'busy' } },
      busy: {
        invoke: {
          id: 'look',
          src: 'lookUp',
          systemId: 'looker',
          input: ({ context }: { context: { q: string } }) => ({ q: context.q }),
          onDone: {
            target: 'a',
            actions: emit(({ event }) => ({ type: 'reply', reply: event.output })),
          },
          onError: { target: 'a', actions: say('failed') },
        },
        on: { 'message.image': { target: 'busy', reenter: true }, 'message.voice': 'a' },
      },
    },
  });
  const start = { type: 'start', actor: '', id: 'look', src: 'lookUp', input: { q: 'tea' } };

  it('are asked for with their input, and never started by the step', () => {
    const play = new Play(machine).first().say('x');
    expect(play.effects).toEqual([start]);
    expect(play.engine.service(play.snapshot, '', 'lookUp')).toBe(lookUp);
  });

  it.each([
    ['done', { output: 'hot' }, 'hot'],
    ['error', { error: new Error('cold') }, 'failed'],
  ])('report back as %s, over a restart too', (kind, fields, reply) => {
    const play = new Play(machine).first().say('x').restart();
    play.send({ type: `xstate.${kind}.actor.look`, actorId: 'look', ...fields }, '');
    expect(play).toMatchObject({ value: 'a', replies: [reply] });
  });

  it('stop when the machine leaves their state, and start again when it re-enters the state', () => {
    const play = new Play(machine).first().say('x');
    expect(play.send({ type: 'message.image' }).effects).toEqual([
      { type: 'stop', actor: '', id: 'look' },
      start,
    ]);
    expect(play.send({ type: 'message.voice' }).effects).toEqual([
      { type: 'stop', actor: '', id: 'look' },
    ]);
  });

  it('are not asked for by a state that is left in the same step', () => {
    const play = new Play(
      setup({ actors: { lookUp } }).createMachine({
        initial: 'a',
        states: {
          a: { on: { [text]: 'b' } },
          b: { invoke: { src: 'lookUp' }, always: 'c' },
          c: {},
        },
      }),
    ).first();
    expect(play.say('x').of('start')).toEqual([]);
  });

  it('fail the step when no state takes their error, and do not change the snapshot', () => {
    const play = new Play(
      setup({ actors: { lookUp } }).createMachine({
        initial: 'a',
        states: { a: { invoke: { id: 'look', src: 'lookUp' } } },
      }),
    ).first();
    const error = { type: 'xstate.error.actor.look', error: new Error('down'), actorId: 'look' };
    expect(() => play.send(error, '')).toThrow(expect.objectContaining({ code: 'step_failed' }));
    expect(play.snapshot.status).toBe('active');
  });
});

describe('child machines', () => {
  const street = setup({ types: {} as { output: string } }).createMachine({
    id: 'street',
    context: { street: '' },
    initial: 'ask',
    states: {
      ask: {
        entry: say('Street?'),
        after: { 60000: { actions: say('Still there?') } },
        on: {
          [text]: {
            target: 'end',
            actions: assign({ street: ({ event }) => (event as unknown as { text: string }).text }),
          },
        },
      },
      end: { type: 'final' },
    },
    output: ({ context }) => (context as { street: string }).street,
  });
  const address = setup({ actors: { street } }).createMachine({
    id: 'address',
    context: { city: '', street: '' },
    initial: 'city',
    states: {
      city: {
        entry: say('City?'),
        on: {
          [text]: {
            target: 'street',
            actions: assign({ city: ({ event }) => (event as unknown as { text: string }).text }),
          },
        },
      },
      street: {
        invoke: {
          id: 'st',
          src: 'street',
          onDone: {
            target: 'end',
            actions: assign({ street: ({ event }) => event.output }),
          },
        },
      },
      end: { type: 'final' },
    },
    output: ({ context }) => Object.values(context).toReversed().join(', '),
  });
  const order = setup({ actors: { address } }).createMachine({
    id: 'order',
    context: { to: '' },
    initial: 'idle',
    states: {
      idle: { on: { [text]: 'address' } },
      address: {
        invoke: {
          id: 'ad',
          src: 'address',
          onDone: {
            target: 'done',
            actions: assign({ to: ({ event }) => event.output as string }),
          },
        },
        on: { 'message.image': { actions: say('No pictures, please.') }, 'message.voice': 'idle' },
      },
      done: { entry: emit(({ context }) => ({ type: 'reply', reply: `To ${context.to}` })) },
    },
  });

  it('talk inside the same step, three levels deep, each over a restart, and hand up their output', () => {
    const play = new Play(order).first();
    expect(play.say('order').replies).toEqual(['City?']);
    expect(play.restart().say('Oslo').replies).toEqual(['Street?']);
    expect(play.of('set')).toMatchObject([{ actor: 'ad/st', delayMs: 60000 }]);
    expect(play.restart().say('Gata 1').replies).toEqual(['To Gata 1, Oslo']);
    expect(play.data).toEqual({ to: 'Gata 1, Oslo' });
  });

  it('let a message bubble up that they cannot take', () => {
    const play = new Play(order).first().say('order').say('Oslo');
    expect(play.send({ type: 'message.image' })).toMatchObject({
      replies: ['No pictures, please.'],
      handled: true,
    });
    expect(play.send({ type: 'message.location' }).handled).toBe(false);
  });

  it('get their own timers back', () => {
    const play = new Play(order).first().say('order').say('Oslo');
    const [timer] = play.of('set');
    expect(play.restart().send(timer?.event ?? { type: 'missing' }, 'ad/st').replies).toEqual([
      'Still there?',
    ]);
  });

  it('are stopped with all that is below them', () => {
    const play = new Play(order).first().say('order').say('Oslo');
    expect(play.send({ type: 'message.voice' }).effects).toContainEqual({
      type: 'stop',
      actor: '',
      id: 'ad',
    });
    expect(play.send({ type: 'xstate.after.60000.street.ask' }, 'ad/st').handled).toBe(false);
  });

  it('exchange events with their parent', () => {
    const child = setup({}).createMachine({
      initial: 'a',
      states: {
        a: { on: { ping: { actions: [say('child: ping'), sendParent({ type: 'pong' })] } } },
      },
    });
    const play = new Play(
      setup({ actors: { child } }).createMachine({
        initial: 'a',
        invoke: { id: 'c', src: 'child' },
        states: {
          a: {
            on: {
              [text]: { actions: [sendTo('c', { type: 'ping' }), say('parent: sent')] },
              pong: 'b',
            },
          },
          b: { entry: say('parent: pong') },
        },
      }),
    ).first();
    expect(play.say('x')).toMatchObject({
      value: 'b',
      replies: ['child: ping', 'parent: sent', 'parent: pong'],
    });
  });

  it('fail the step when they play ping-pong without end', () => {
    const child = setup({}).createMachine({
      on: { ping: { actions: sendParent({ type: 'pong' }) } },
    });
    const play = new Play(
      setup({ actors: { child } }).createMachine({
        invoke: { id: 'c', src: 'child' },
        on: {
          [text]: { actions: sendTo('c', { type: 'ping' }) },
          pong: { actions: sendTo('c', { type: 'ping' }) },
        },
      }),
    ).first();
    expect(() => play.say('x')).toThrow(expect.objectContaining({ code: 'not_stable' }));
  });
});

describe('what cannot be carried is refused when it is asked for', () => {
  it.each([
    ['a delayed sendTo another actor', sendTo('c', { type: 'x' }, { delay: 5 })],
    ['a spawn without an id', enqueueActions(({ enqueue }) => enqueue.spawnChild('c' as never))],
    [
      'an action that is not provided',
      enqueueActions(({ enqueue }) => enqueue({ type: 'missing' } as never)),
    ],
  ])('%s', (_what, action) => {
    const c = setup({}).createMachine({});
    const play = new Play(
      setup({ actors: { c } }).createMachine({
        invoke: { id: 'c', src: 'c' },
        on: { [text]: { actions: action as never } },
      }),
    ).first();
    expect(() => play.say('x')).toThrow(expect.objectContaining({ name: 'StepError' }));
  });
});

describe('an assign that spawns an actor is refused', () => {
  const spawning = ({ spawn }: { spawn: (src: never) => unknown }) => ({ n: spawn('c' as never) });
  const whole = assign(spawning as never);

  it.each([
    ['when it makes the whole context', whole],
    ['when it makes one key', assign({ n: (args: never) => spawning(args).n } as never)],
    [
      'when the key does not hold the actor',
      assign({ n: (args: never) => !spawning(args).n } as never),
    ],
    ['when it is enqueued', enqueueActions(({ enqueue }) => enqueue(whole as never))],
    [
      'when it is enqueued by what is enqueued',
      enqueueActions(({ enqueue }) =>
        enqueue(enqueueActions((inner) => inner.enqueue(whole as never)) as never),
      ),
    ],
  ])('%s', (_what, action) => {
    const c = fromPromise(async () => 1);
    const play = new Play(
      setup({ actors: { c } }).createMachine({
        context: { n: 0 },
        on: { [text]: { actions: action as never } },
      }),
    ).first();
    expect(() => play.say('x')).toThrow(expect.objectContaining({ code: 'unsupported_effect' }));
    expect(play.data).toEqual({ n: 0 });
  });
});

it('a context that spawns an actor is refused', () => {
  const c = fromPromise(async () => 1);
  const machine = setup({ actors: { c } }).createMachine({
    context: ({ spawn }) => ({ n: spawn('c').id }),
  });
  expect(() => new Play(machine).first()).toThrow(
    expect.objectContaining({ code: 'unsupported_effect' }),
  );
});

describe('a stored snapshot', () => {
  const machine = setup({ actors: { s: fromPromise(async () => 1) } }).createMachine({
    id: 'm',
    initial: 'a',
    states: {
      a: { initial: 'x', states: { x: {}, y: {} } },
      p: { type: 'parallel', states: { l: { initial: 'i', states: { i: {} } }, r: {} } },
      z: { type: 'final' },
    },
  });
  const good = { status: 'active', value: { a: 'x' }, children: {}, history: {} };

  it.each([
    ['a nested state', good],
    ['all regions', { ...good, value: { p: { l: 'i', r: {} } } }],
    ['a running service', { ...good, children: { s1: { src: 's' } } }],
    ['the end', { ...good, status: 'done', value: 'z' }],
  ])('is taken with %s', (_what, stored) => {
    expect(new Play(machine).engine.restore(stored, {})?.value).toEqual(stored.value);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a state that is gone', { ...good, value: 'gone' }],
    ['a nested state that is gone', { ...good, value: { a: 'gone' } }],
    ['a compound state without its child', { ...good, value: 'a' }],
    ['two active children', { ...good, value: { a: 'x', z: {} } }],
    ['a missing region', { ...good, value: { p: { l: 'i' } } }],
    ['a null value', { ...good, value: null }],
    ['a prototype name', { ...good, value: 'constructor' }],
    ['a service that is gone', { ...good, children: { c: { src: 'gone' } } }],
    ['an unknown status', { ...good, status: 'error' }],
    ['history of a state that is gone', { ...good, history: { 'm.gone': ['m.a'] } }],
  ])('is refused with %s', (_what, stored) => {
    expect(new Play(machine).engine.restore(stored, {})).toBeUndefined();
  });
});
