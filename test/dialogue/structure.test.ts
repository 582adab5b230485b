import { type AnyStateMachine, assign, createMachine, fromPromise } from 'xstate';
import { describe, expect, it } from 'vitest';
import { structureOf } from '../../src/dialogue/engine/structure.ts';

const service = fromPromise(async () => 1);
const child = (states: object) => createMachine({ id: 'c', initial: 'i', states } as never);
const actors = { s: service, t: service, sub: child({ i: {} }) };

function machineOf(config: object, provided: object = actors): AnyStateMachine {
  const machine = createMachine({ id: 'm', initial: 'a', context: {}, ...config } as never);
  return machine.provide({ actors: provided } as never) as AnyStateMachine;
}

const states = {
  a: { on: { 'message.text': 'b' }, initial: 'x', states: { x: {}, y: {} } },
  b: { invoke: { src: 's' }, after: { 1000: 'a' } },
  z: { type: 'final' },
};
const base = structureOf(machineOf({ states }));

describe('the structure of a dialogue', () => {
  it('is the same for the same definition with its keys in another order', () => {
    const { a, b, z } = states;
    expect(structureOf(machineOf({ states: { z, b, a: { ...a } } }))).toBe(base);
  });

  it.each<[what: string, config: object]>([
    ['texts and actions', { states: { ...states, z: { type: 'final', entry: assign({ n: 1 }) } } }],
    ['the initial context', { states, context: { n: 1 } }],
    ['a description', { states, description: 'x' }],
  ])('does not count %s', (_what, config) => {
    expect(structureOf(machineOf(config))).toBe(base);
  });

  it.each<[what: string, machine: AnyStateMachine]>([
    ['a state more', machineOf({ states: { ...states, more: {} } })],
    ['a state less', machineOf({ states: { a: states.a, b: states.b } })],
    ['another kind of state', machineOf({ states: { ...states, z: {} } })],
    ['another initial state', machineOf({ states, initial: 'b' })],
    ['another event', machineOf({ states: { ...states, z: { on: { 'message.image': 'a' } } } })],
    [
      'another target',
      machineOf({ states: { ...states, a: { ...states.a, on: { 'message.text': 'z' } } } }),
    ],
    [
      'another delay',
      machineOf({ states: { ...states, b: { ...states.b, after: { 2000: 'a' } } } }),
    ],
    [
      'another service',
      machineOf({ states: { ...states, b: { ...states.b, invoke: { src: 't' } } } }),
    ],
    ['an actor less', machineOf({ states }, { s: service, sub: actors.sub })],
    ['a dialogue for a service', machineOf({ states }, { ...actors, t: child({ i: {} }) })],
    ['another sub-dialogue', machineOf({ states }, { ...actors, sub: child({ i: {}, j: {} }) })],
    ['another id', machineOf({ states, id: 'n' })],
  ])('differs by %s', (_what, machine) => {
    expect(structureOf(machine)).not.toBe(base);
  });

  it('is found for dialogues that invoke one another', () => {
    const ping = createMachine({ id: 'ping' });
    const pong = createMachine({ id: 'pong' }).provide({ actors: { ping } } as never);
    Object.assign(ping.implementations.actors, { pong });
    expect(structureOf(ping as AnyStateMachine)).not.toBe(structureOf(pong as AnyStateMachine));
  });
});
