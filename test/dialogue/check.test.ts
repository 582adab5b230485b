import {
  type AnyStateMachine,
  and,
  fromCallback,
  fromObservable,
  fromPromise,
  fromTransition,
  not,
  raise,
  setup,
  spawnChild,
  stateIn,
} from 'xstate';
import { describe, expect, it } from 'vitest';
import { createRunner, setupDialogue, text } from 'colloquy';
import { actorKind } from '../../src/dialogue/engine/machine-walk.ts';

const service = fromPromise(async () => 1);
const child = setup({}).createMachine({});
const make = (config: object, implementations: object = {}): AnyStateMachine =>
  setup(implementations).createMachine({
    id: 'm',
    initial: 'a',
    ...config,
  } as never) as unknown as AnyStateMachine;

describe('an actor is', () => {
  it.each([
    ['a service, made by fromPromise', service, 'service'],
    ['a sub-dialogue, made as a machine', child, 'dialogue'],
    ['nothing we carry, made by fromCallback', fromCallback(() => {}), undefined],
    ['nothing we carry, made by fromTransition', fromTransition((state) => state, 0), undefined],
    [
      'nothing we carry, made by fromObservable',
      fromObservable(() => ({ subscribe: () => ({ unsubscribe() {} }) })),
      undefined,
    ],
  ])('%s', (_what, logic, kind) => {
    expect(actorKind(logic as never)).toBe(kind);
  });
});

describe('a dialogue is refused at definition, with the path of the state and a remedy, for', () => {
  it.each<[string, AnyStateMachine, RegExp, RegExp]>([
    [
      'an unknown action',
      make({ states: { a: { entry: 'nope' } } }),
      /m\.a'.*action 'nope'/,
      /actions/,
    ],
    [
      'an unknown action of a transition, with params',
      make({
        states: { a: { on: { 'message.text': { actions: [{ type: 'nope', params: 1 }] } } } },
      }),
      /action 'nope'/,
      /actions/,
    ],
    [
      'an unknown guard',
      make({ states: { a: { on: { 'message.text': { guard: 'nope' } } } } }),
      /m\.a'.*guard 'nope'/,
      /guards/,
    ],
    [
      'an unknown guard within others',
      make({ states: { a: { always: { guard: and([not('nope')]), target: 'a' } } } }),
      /m\.a'.*guard 'nope'/,
      /guards/,
    ],
    [
      'a guard that looks at no state',
      make({ states: { a: { on: { 'message.text': { guard: stateIn('#nope') } } } } }),
      /m\.a'.*no state '#nope'/,
      /id/,
    ],
    [
      'an unknown action on the way in',
      make({ initial: { target: 'a', actions: 'nope' }, states: { a: {} } }),
      /'m'.*action 'nope'/,
      /actions/,
    ],
    [
      'an unknown delay of an action',
      make({ states: { a: { entry: raise({ type: 'x' }, { delay: 'nope' as never }) } } }),
      /m\.a'.*delay 'nope'/,
      /delays/,
    ],
    [
      'an actor that is spawned inline',
      make({ states: { a: { entry: spawnChild(service) } } }),
      /m\.a'.*spawned inline/,
      /under a name/,
    ],
    [
      'an actor of a kind that cannot be carried, where it is invoked',
      make(
        { states: { a: { invoke: { src: 'cb' } } } },
        { actors: { cb: fromCallback(() => {}) } },
      ),
      /m\.a'.*actor 'cb'.*neither/,
      /fromPromise/,
    ],
    [
      'an unknown delay',
      make({ states: { a: { after: { nope: 'a' } } } }),
      /delay 'nope'/,
      /delays/,
    ],
    [
      'an unknown actor',
      make({ states: { a: { invoke: { src: 'nope' } } } }),
      /actor 'nope'/,
      /actors/,
    ],
    [
      'an inline actor',
      make({ states: { a: { invoke: { src: service } } } }),
      /inline/,
      /under a name/,
    ],
    [
      'onSnapshot',
      make({ states: { a: { invoke: { src: 'c', onSnapshot: {} } } } }, { actors: { c: child } }),
      /onSnapshot/,
      /output/,
    ],
    [
      'a callback actor',
      make({ states: { a: {} } }, { actors: { cb: fromCallback(() => {}) } }),
      /actor 'cb'.*callback/,
      /fromPromise/,
    ],
    ["a transition on '*'", make({ states: { a: { on: { '*': 'a' } } } }), /'\*'/, /message\.\*/],
    [
      'what a sub-dialogue does wrong',
      make(
        { states: { a: {} } },
        { actors: { c: make({ id: 'c', states: { a: { entry: 'nope' } } }) } },
      ),
      /c\.a'.*action 'nope'/,
      /actions/,
    ],
  ])('%s', (_what, machine, found, remedy) => {
    const refused = expect.objectContaining({ name: 'UsageError', code: 'bad_dialogue' }) as Error;
    expect(() => createRunner(machine)).toThrow(refused);
    expect(() => createRunner(machine)).toThrow(found);
    expect(() => createRunner(machine)).toThrow(remedy);
  });

  it('anything that is no machine', () => {
    expect(() => createRunner({} as never)).toThrow(/XState v5 machine/);
  });
});

const FORM = {
  slots: { name: { question: '?', parse: text() } } as never,
  otherwise: 'nope' as 'a',
};

describe('setupDialogue', () => {
  it('refuses when the dialogue is made, not when it is run', () => {
    const { createDialogue } = setupDialogue({ types: {} as { context: object } });
    expect(() =>
      createDialogue({
        id: 'd',
        initial: 'a',
        context: {},
        states: { a: { entry: 'nope' as never } },
      }),
    ).toThrow(/action 'nope'/);
  });

  it('refuses a target that does not exist, with the path of the state that names it', () => {
    const words = setupDialogue({ types: {} as { context: object } });
    const made = (states: object) => (): unknown =>
      words.createDialogue({ id: 'd', context: {}, initial: 'a', states } as never);
    const refused = (text: RegExp): unknown =>
      expect.objectContaining({ code: 'bad_dialogue', message: expect.stringMatching(text) });
    expect(made({ a: { on: { 'message.text': 'nope' } } })).toThrow(refused(/d\.a.*nope/s));
    expect(made({ b: {} })).toThrow(refused(/'d'.*initial/));
    const ask = words.ask({ question: '?', parse: text(), target: 'nope' });
    expect(made({ a: { initial: 'b', states: { b: ask } } })).toThrow(refused(/d\.a\.b.*nope/s));
    const form = words.form({ target: 'a', ...FORM });
    expect(made({ a: form })).toThrow(refused(/d\.a.*nope/s));
  });

  it('refuses a constant reply that is none', () => {
    const { reply } = setupDialogue({ types: {} as { context: object } });
    expect(() => reply({ type: 'hologram' } as never)).toThrow(/emitted an object of another type/);
  });

  it('makes an ordinary machine, and a sub-dialogue may invoke itself', () => {
    const words = setupDialogue({ types: {} as { context: object } });
    const dialogue = words.createDialogue({
      id: 'd',
      version: '7',
      context: {},
      initial: 'a',
      states: { a: { on: { 'message.text': 'b' } }, b: {} },
    });
    expect(dialogue.version).toBe('7');
    const itself: { c?: AnyStateMachine } = {};
    const recursive = setup({ actors: itself as never }).createMachine({
      initial: 'a',
      states: { a: {} },
    });
    itself.c = recursive;
    expect(() => createRunner(recursive)).not.toThrow();
  });
});
