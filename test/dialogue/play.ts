import type { AnyStateMachine } from 'xstate';
import { formatReply } from 'colloquy';
import type { Effect } from '../../src/dialogue/engine/effect.ts';
import {
  type Engine,
  type Snapshot,
  type Step,
  createEngine,
} from '../../src/dialogue/engine/engine.ts';

/** Steps a dialogue by hand, as a runner would: keeps the dictionary, delivers what the test says is due. */
export class Play {
  readonly engine: Engine;
  effects: readonly Effect[] = [];
  handled = false;
  data: object = {};
  #snapshot: Snapshot | undefined;

  constructor(machine: AnyStateMachine) {
    this.engine = createEngine(machine);
  }

  get snapshot(): Snapshot {
    if (this.#snapshot === undefined) throw new Error('The dialogue has not been started.');
    return this.#snapshot;
  }

  get value(): unknown {
    return this.snapshot.value;
  }

  get replies(): string[] {
    return this.of('reply').map(({ reply }) => formatReply(reply));
  }

  first(input?: unknown, seed: object = {}): this {
    return this.#keep(this.engine.first(input, seed));
  }

  say(text: string): this {
    return this.send({ type: 'message.text', text } as { type: string });
  }

  send(event: { type: string; [field: string]: unknown }, actor?: string): this {
    return this.#keep(
      this.engine.step(this.snapshot, event, this.data, {
        scene: actor === undefined ? {} : { actor },
      }),
    );
  }

  /** Delivers the timer that was set last. */
  fire(id: string, actor = ''): this {
    const set = this.of('set').find((effect) => effect.id === id && effect.actor === actor);
    return this.send(set?.event ?? { type: id }, actor);
  }

  of<Type extends Effect['type']>(type: Type): Extract<Effect, { type: Type }>[] {
    return this.effects.filter(
      (effect): effect is Extract<Effect, { type: Type }> => effect.type === type,
    );
  }

  /** Through data and back, as over a restart. */
  restart(): this {
    const stored: unknown = JSON.parse(JSON.stringify(this.engine.persist(this.snapshot)));
    const restored = this.engine.restore(stored, this.data);
    if (restored === undefined) throw new Error('The stored snapshot does not fit.');
    this.#snapshot = restored;
    return this;
  }

  #keep(step: Step): this {
    this.#snapshot = step.next;
    this.data = step.next.context as object;
    this.effects = step.effects;
    this.handled = step.handled;
    return this;
  }
}
