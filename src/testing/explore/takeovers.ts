import type { AnyStateMachine } from 'xstate';
import { machinesOf } from '../../dialogue/engine/machine-walk.ts';
import type { Incoming } from '../../runner/calls.ts';
import type { MailRun } from '../../takeover/mail.ts';
import { takeoverOf } from '../../takeover/mark.ts';

/** What an exploration knows of the takeovers of a dialogue by itself. */
export interface KnownTakeovers {
  /** What the services that tell operators give, by their names. */
  readonly services: ReadonlyMap<string, (input: unknown) => unknown>;
  /** What an operator may do. */
  readonly messages: readonly Incoming[];
}

export function takeoversOf(dialogue: AnyStateMachine): KnownTakeovers {
  const marks = [...machinesOf(dialogue)].flatMap(({ config }) => takeoverOf(config) ?? []);
  const told = (input: unknown): unknown => ({
    key: 'told',
    count: (input as MailRun<unknown>).items.length,
  });
  return {
    services: new Map(marks.map(({ tell }) => [tell, told])),
    messages: marks.flatMap(({ samples }) =>
      samples.map((sample): Incoming => ({ type: 'event.operator', ...sample }) as Incoming),
    ),
  };
}
