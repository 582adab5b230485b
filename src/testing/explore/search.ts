import type { AnyStateMachine } from 'xstate';
import type { Incoming } from '../../runner/calls.ts';
import type { Snapshot } from '../../dialogue/engine/engine.ts';
import type { StoredSnapshot } from '../../dialogue/engine/snapshot.ts';
import { watchDialogue } from '../../dialogue/engine/inspection.ts';
import { keysOf } from '../coverage/items.ts';
import type { Inputs } from './inputs.ts';
import type { PureRunner } from './pure-runner.ts';
import { OutputNeeded } from './unknown-output.ts';
import type { ExploreEvent, PureState, StepResult, Ending } from './pure-state.ts';
import { Novelty } from './novelty.ts';
import { Shapes, statesKeyOf } from './shape.ts';
import type { SearchNode } from './search-node.ts';
import { shuffledIn } from './seeded-order.ts';

/** What went wrong on a step. */
export interface SearchFault {
  readonly node: SearchNode;
  readonly event: ExploreEvent;
  readonly error: unknown;
}

export interface SearchPorts {
  readonly runner: PureRunner;
  readonly inputs: Inputs;
  /** How a call of a service may end. */
  readonly endings: (src: string, input: unknown) => Promise<readonly Ending[]>;
  /** What is to be walked through; when all of it was, the search soon ends. */
  readonly wanted: ReadonlySet<string>;
  /** The most steps. */
  readonly budget: number;
  readonly maxDepth: number;
  /** The places that only missing outputs lead to. */
  readonly behind: (needs: ReadonlySet<string>) => ReadonlySet<string>;
  /** Is called, and awaited, every 250 steps. */
  readonly onProgress: (steps: number, reached: number) => unknown;
  readonly onStep: (node: SearchNode, event: ExploreEvent, result: StepResult) => void;
  readonly random: () => number;
  readonly now: number;
}

/** How many steps later the search expands a state, for each time that it has expanded it before. */
const FAMILIAR = 3;

/** How many steps deep a state that was not seen before counts as one. */
const NEW = 4;

/** The minimum number of steps that are tried after all places were reached. */
const MIN_MORE = 50;

/** How many steps are taken between two reports of progress. */
const PROGRESS_STEPS = 250;

/** How often the commands of a place are tried before they are rare. */
const COMMAND_TRIES = 3;

/**
 * Goes through a conversation breadth first, each node once; nodes in states that are new come earlier, and nodes in states
 * that were seen before, with another context, come later. What looks the same as a node before is put aside: when nothing else is left, those that hold
 * something new have their turn.
 */
export class Search {
  readonly faults: SearchFault[] = [];
  /** The shortest way to everything that was walked through. */
  readonly reached = new Map<string, SearchNode>();
  /** Those that were, or will be, looked at. */
  readonly nodes = new Set<SearchNode>();
  /** The services without given outputs whose outputs the dialogue read. */
  readonly needs = new Set<string>();
  readonly beginning: SearchNode;
  steps = 0;
  readonly #dialogue: AnyStateMachine;
  readonly #ports: SearchPorts;
  readonly #shapes = new Shapes();
  #limit: number;
  readonly #queue: SearchNode[][] = [];
  readonly #seen = new Map<string, number>();
  readonly #novelty = new Novelty<SearchNode>();
  readonly #expanded = new Map<string, number>();
  /** Where the commands of a place led when they were tried. */
  readonly #byCommand = new Map<string, Set<SearchNode>>();
  #missing: number;
  #isEnding = false;
  #behind: ReadonlySet<string> | undefined;
  #walked = new Set<string>();

  constructor(dialogue: AnyStateMachine, ports: SearchPorts) {
    this.#dialogue = dialogue;
    this.#ports = ports;
    this.#missing = ports.wanted.size;
    this.#limit = ports.budget;
    this.beginning = this.#node(undefined, undefined, {
      state: { record: undefined, now: ports.now, fresh: [] },
      done: false,
    });
  }

  get isComplete(): boolean {
    return this.#missing === 0;
  }

  async run(): Promise<void> {
    const end = watchDialogue(this.#dialogue, (step) => {
      for (const key of keysOf(step)) this.#walked.add(key);
    });
    try {
      this.#enqueue(this.beginning);
      do {
        for (let node = this.#take(); node !== undefined; node = this.#take()) {
          await this.#expand(node);
        }
      } while (this.steps < this.#limit && this.#widen());
    } finally {
      end();
    }
  }

  /** @returns whether something that was put aside has its turn now */
  #widen(): boolean {
    const found = this.#novelty.widen(this.nodes);
    for (const node of found) this.#enqueue(node);
    return found.length > 0;
  }

  async #expand(node: SearchNode): Promise<void> {
    const next: SearchNode[] = [];
    const possible = await this.#events(node).catch((error: unknown) => {
      // Any message meets it: the dialogue throws before it hears one.
      this.faults.push({ node, event: { type: 'message', message: 'hello' }, error });
    });
    if (possible === undefined) return;
    const { events, commands } = possible;
    const byCommand = this.#byCommand.get(node.statesKey) ?? new Set();
    this.#byCommand.set(node.statesKey, byCommand);
    const tried = [...events, ...this.#worthNow(node, commands)];
    for (const event of shuffledIn(tried, this.#ports.random)) {
      if (this.steps >= this.#limit) return;
      this.steps += 1;
      if (this.steps % PROGRESS_STEPS === 0) await this.#tell();
      this.#walked = new Set();
      let result: StepResult;
      try {
        result = this.#ports.runner.take(node.state, event);
      } catch (error) {
        if (error instanceof OutputNeeded) this.#need(error.service);
        else this.faults.push({ node, event, error });
        continue;
      }
      const reached = this.#node(node, event, result);
      this.#ports.onStep(reached, event, result);
      for (const key of reached.walked) this.#note(key, reached);
      const known = this.#novelty.knownAs(reached);
      next.push(known ?? reached);
      if (commands.includes(event)) byCommand.add(known ?? reached);
      if (known === undefined) this.#enqueue(reached);
    }
    node.next = [...next, ...byCommand];
  }

  #note(key: string, node: SearchNode): void {
    const known = this.reached.get(key);
    if (known === undefined && this.#ports.wanted.has(key)) {
      this.#missing -= 1;
      this.#endSoon();
    }
    if (known === undefined || node.depth < known.depth) this.reached.set(key, node);
  }

  /** Once nothing is left to reach, it tries half as much again: for guards that go both ways, and failures of services. */
  #endSoon(): void {
    if (this.#isEnding) return;
    const { wanted, behind } = this.#ports;
    if (this.#missing > 0) {
      if (this.needs.size === 0) return;
      this.#behind ??= behind(this.needs);
      for (const key of wanted) if (!this.reached.has(key) && !this.#behind.has(key)) return;
    }
    this.#isEnding = true;
    const more = Math.max(Math.ceil(this.steps / 2), MIN_MORE);
    this.#limit = Math.min(this.#limit, this.steps + more);
  }

  #need(service: string): void {
    if (this.needs.has(service)) return;
    this.needs.add(service);
    this.#behind = undefined;
    this.#endSoon();
  }

  async #tell(): Promise<void> {
    await this.#ports.onProgress(this.steps, this.#ports.wanted.size - this.#missing);
  }

  /** The commands of a place lead to the same from everywhere in it, so after some nodes they are tried now and then. */
  #worthNow({ statesKey }: SearchNode, commands: readonly ExploreEvent[]): readonly ExploreEvent[] {
    const before = this.#expanded.get(statesKey) ?? 0;
    this.#expanded.set(statesKey, before + 1);
    return before < COMMAND_TRIES || Number.isInteger(Math.log2(before)) ? commands : [];
  }

  async #events({ state }: SearchNode): Promise<{
    readonly events: readonly ExploreEvent[];
    readonly commands: readonly ExploreEvent[];
  }> {
    const { runner, inputs, endings } = this.#ports;
    const said = (message: Incoming): ExploreEvent => ({ type: 'message', message });
    const sayable = inputs.of(state);
    const messages = sayable.messages.map(said);
    const ms = runner.untilNextTimer(state);
    const times: ExploreEvent[] = ms === undefined ? [] : [{ type: 'time', ms }];
    const services: ExploreEvent[] = [];
    const running = state.record?.services ?? [];
    // Of those that end at once, the one that began first does so first.
    const fresh = running.find(({ token }) => state.fresh.includes(token));
    for (const service of fresh === undefined ? running : [fresh]) {
      const { src, token, input } = service;
      const took = runner.serviceMs(state, service);
      for (const ending of await endings(src, input)) {
        services.push({ type: 'service', token, src, ms: took, ending });
      }
    }
    // While a service runs that ends at once, a message comes only where time has gone by.
    const events = [
      ...services,
      ...(fresh === undefined ? [] : this.#waits(state)),
      ...times,
      ...(fresh === undefined ? messages : []),
    ];
    return { events, commands: fresh === undefined ? sayable.commands.map(said) : [] };
  }

  /** A short while passes, in which nothing happens, so that what is fresh is not any more. */
  #waits(state: PureState): ExploreEvent[] {
    const ms = this.#ports.runner.shortWhile(state);
    return ms === undefined ? [] : [{ type: 'time', ms }];
  }

  #node(
    parent: SearchNode | undefined,
    event: ExploreEvent | undefined,
    { state, done }: Pick<StepResult, 'state' | 'done'>,
  ): SearchNode {
    const { record, fresh } = state;
    const live = record?.live as Snapshot | undefined;
    const stored: StoredSnapshot | undefined = live && this.#ports.runner.engine.persist(live);
    const statesKey = statesKeyOf(stored);
    const key = `${fresh.length}${this.#shapes.keyOf(record, stored)}`;
    return {
      parent,
      event,
      state,
      depth: (parent?.depth ?? 0) + (parent === undefined ? 0 : 1),
      walked: [...this.#walked],
      key,
      statesKey,
      details: this.#shapes.detailsOf(record, stored, statesKey),
      done,
      next: undefined,
    };
  }

  #enqueue(node: SearchNode): void {
    this.nodes.add(node);
    if (node.depth >= this.#ports.maxDepth) return;
    const seen = this.#seen.get(node.statesKey) ?? 0;
    this.#seen.set(node.statesKey, seen + 1);
    // A state that is new goes first, or a long dialogue with many branches would never be walked to its end.
    const place =
      seen === 0
        ? Math.ceil(node.depth / NEW)
        : node.depth + Math.ceil(Math.log2(1 + seen) * FAMILIAR);
    (this.#queue[place] ??= []).push(node);
  }

  #take(): SearchNode | undefined {
    if (this.steps >= this.#limit) return undefined;
    return this.#queue.find((nodes) => nodes !== undefined && nodes.length > 0)?.shift();
  }
}
