import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { didYouMean } from '../../internal/closed.ts';
import { delayKeyIn } from './delays.ts';
import { actorPath } from './effect.ts';
import { actorsOf, machinesOf, nodesOf } from './machine-walk.ts';
import { MachineNames, type NewNames, renamedPath } from './new-names.ts';
import type { Offer } from './offer.ts';
import type { StoredChild, StoredPaused, StoredSnapshot } from './snapshot.ts';

/** New names in the dialogue, or in its sub-dialogues that are provided under a name. */
export interface Renames extends NewNames {
  readonly dialogue?: string | undefined;
}

type Context = Record<string, unknown>;

/** Renames what is stored of a conversation. `snapshot` has to come first: it finds the sub-dialogues, by their old addresses. */
export class Renaming {
  /** Whether anything had an old name. */
  isUsed = false;
  readonly #renames: Renames;
  readonly #dialogue: AnyStateMachine;
  readonly #ids: readonly string[];
  readonly #levels = new Map<string, MachineNames>();
  readonly #unchanged: MachineNames;

  /** @param dialogue the present one */
  constructor(renames: Renames, dialogue: AnyStateMachine) {
    this.#renames = renames;
    this.#dialogue = dialogue;
    this.#ids = [...machinesOf(dialogue)].map(({ id }) => id);
    this.#unchanged = new MachineNames({}, undefined, [], () => {});
  }

  snapshot(stored: StoredSnapshot): StoredSnapshot {
    return this.#level(stored, '', { machine: this.#dialogue, name: undefined });
  }

  /** The user's dictionary. */
  context(context: Context): Context {
    return this.#at('').context(context);
  }

  timer<T extends { readonly actor: string; readonly id: string; readonly event: object }>(
    timer: T,
  ): T {
    const { actor, id, event } = timer as T & { readonly event: { readonly type: string } };
    const names = this.#at(actor);
    const type = names.timer(event.type);
    return {
      ...timer,
      actor: this.#address(actor),
      id: names.timer(id),
      event: { ...event, type },
    };
  }

  service<T extends { readonly actor: string; readonly id: string; readonly src: string }>(
    service: T,
  ): T {
    const { actor, id, src } = service;
    const names = this.#at(actor);
    return {
      ...service,
      actor: this.#address(actor),
      id: names.invocation(id),
      src: names.actor(src),
    };
  }

  offer(offer: Offer): Offer {
    const { actor, question, state } = offer;
    const names = this.#at(actor);
    return {
      ...offer,
      actor: this.#address(actor),
      ...(question !== undefined && { question: names.stateId(question) }),
      ...(state !== undefined && { state: names.stateIds(state) }),
    };
  }

  /** The key of a delay. */
  delay(key: string): string {
    return delayKeyIn(key, ({ actor, id }) => {
      return { actor: this.#address(actor), id: this.#at(actor).timer(id) };
    });
  }

  #level(
    stored: StoredSnapshot,
    address: string,
    {
      machine,
      name,
    }: { readonly machine: AnyStateMachine | undefined; readonly name?: string | undefined },
  ): StoredSnapshot {
    const names =
      name === this.#renames.dialogue
        ? new MachineNames(this.#renames, machine, this.#ids, () => {
            this.isUsed = true;
          })
        : this.#unchanged;
    if (names !== this.#unchanged) this.#levels.set(address, names);
    const child = <T extends StoredChild>(id: string, each: T): T => {
      const { src, snapshot } = each;
      const inner = { machine: dialogueIn(machine, src), name: src };
      return {
        ...each,
        src: names.actor(src),
        ...(snapshot && { snapshot: this.#level(snapshot, actorPath(address, id), inner) }),
      };
    };
    const { value, children, history, paused, context } = stored;
    return {
      ...stored,
      value: names.value(value),
      children: Object.fromEntries(
        Object.entries(children).map(([id, each]) => [names.invocation(id), child(id, each)]),
      ),
      history: Object.fromEntries(
        Object.entries(history).map(([id, nodes]) => [
          names.stateId(id),
          nodes.map((node) => names.stateId(node)),
        ]),
      ),
      ...(paused && {
        paused: paused.map((each): StoredPaused => {
          const { id, state } = each;
          return { ...child(id, each), id: names.invocation(id), state: names.stateId(state) };
        }),
      }),
      ...(context && { context: names.context(context as Context) }),
    };
  }

  #at(address: string): MachineNames {
    return this.#levels.get(address) ?? this.#unchanged;
  }

  /** An address under the new names. */
  #address(address: string): string {
    const ids = address.split('/');
    return ids.map((id, place) => this.#at(ids.slice(0, place).join('/')).invocation(id)).join('/');
  }
}

/** The sub-dialogue that a machine provides under a name. */
function dialogueIn(
  machine: AnyStateMachine | undefined,
  name: string,
): AnyStateMachine | undefined {
  const actor = machine && actorsOf(machine).find((each) => each.name === name);
  return actor?.kind === 'dialogue' ? (actor.logic as AnyStateMachine) : undefined;
}

/**
 * What a dialogue lacks of the new names, as a sentence.
 * @param later the renames that run afterwards, in order
 * @returns undefined if it has them
 */
export function lackingOf(
  renames: Renames,
  later: readonly Renames[],
  dialogue: AnyStateMachine,
): string | undefined {
  let { dialogue: name } = renames;
  let state = renames.state?.[1];
  let actor = renames.actor?.[1];
  for (const next of later) {
    if (next.dialogue === name) {
      state = state && renamedPath(state, next.state);
      if (next.actor?.[0] === actor) actor = next.actor?.[1];
    }
    if (name !== undefined && next.actor?.[0] === name) [, name] = next.actor;
  }
  const all = [...machinesOf(dialogue)];
  const machines =
    name === undefined ? [dialogue] : all.flatMap((each) => dialogueIn(each, name) ?? []);
  if (machines.length === 0) return `no sub-dialogue is provided as '${name}'.`;
  const within = name === undefined ? `dialogue '${dialogue.id}'` : `sub-dialogue '${name}'`;
  const missing = (what: string, wanted: string | undefined, known: readonly string[]) => {
    if (wanted === undefined || known.includes(wanted)) return undefined;
    return `${within} has no ${what} '${wanted}'${didYouMean(wanted, known) || '.'}`;
  };
  const nodes = machines.flatMap(({ root }) => [...nodesOf(root as AnyStateNode)]);
  const paths = nodes.map(({ path }) => path.join('.'));
  const actors = machines.flatMap(actorsOf).map((each) => each.name);
  return missing('state', state, paths) ?? missing('actor', actor, actors);
}
