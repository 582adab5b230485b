import { holderNow } from '../../context/holders.ts';
import { machinesOf } from '../../dialogue/engine/machine-walk.ts';
import { agentOf } from '../../model/agent/mark.ts';
import { type ModelTrace, modelChannels } from '../../model/calls.ts';
import type { RunnerInside } from '../../runner/reporting/inside.ts';
import type { ModelCallEnd, ModelCallEntry, ModelCaller } from '../wire-models.ts';
import type { CallRing } from './call-ring.ts';
import { ModelCallView } from './model-call-view.ts';
import type { Redaction } from './redaction.ts';

interface ModelLogOptions {
  readonly inside: RunnerInside;
  readonly redaction: Redaction;
  readonly ring: CallRing;
  /** Milliseconds with fractions, of the machine. */
  readonly elapsed: () => number;
  readonly onCall: (entry: ModelCallEntry) => void;
}

/** A call that has not ended. */
interface OpenCall {
  readonly call: number;
  readonly view: ModelCallView;
  readonly since: number;
}

/** Makes an entry of each call of a model that a service or a recognizer of a runner makes. */
export class ModelLog {
  readonly #options: ModelLogOptions;
  /** The ids of agents by the services that call their models. */
  readonly #agents: ReadonlyMap<string, string>;
  readonly #open = new Map<ModelTrace, OpenCall>();
  readonly #ends: (() => void)[] = [];

  constructor(options: ModelLogOptions) {
    this.#options = options;
    this.#agents = agentsIn(options.inside);
    const start = (trace: ModelTrace): void => this.#begin(trace);
    const end = (trace: ModelTrace): void => this.#end(trace);
    modelChannels.start.subscribe(start);
    modelChannels.end.subscribe(end);
    this.#ends.push(
      () => void modelChannels.start.unsubscribe(start),
      () => void modelChannels.end.unsubscribe(end),
    );
  }

  /** A turn of a user has ended: what began until now is shown in it. */
  turnEnded(openid: string, turn: number): void {
    const { ring, onCall } = this.#options;
    ring.turnEnded(openid, turn).forEach(onCall);
  }

  /** Ends the watch. The ends of the calls that still run are not noted. */
  close(): void {
    for (const end of this.#ends.splice(0)) end();
    for (const trace of this.#open.keys()) this.#end(trace);
  }

  #begin(trace: ModelTrace): void {
    const { inside, redaction, ring, elapsed, onCall } = this.#options;
    const { core } = inside;
    const holder = holderNow();
    const openid = holder?.openidIn(core.holders);
    // It is of no conversation, or of that of another runner.
    if (holder === undefined || openid === undefined) return;
    const view = ModelCallView.of(trace, redaction);
    if (view === undefined) return;
    const entry = ring.add({
      openid: redaction.openid(openid),
      by: this.#callerOf(holder),
      model: trace.model,
      at: core.clock.now(),
      isStreamed: trace.isStreamed,
      ...view.prompt,
    });
    this.#open.set(trace, { call: entry.call, view, since: elapsed() });
    onCall(entry);
  }

  #end(trace: ModelTrace): void {
    const open = this.#open.get(trace);
    if (open === undefined) return;
    this.#open.delete(trace);
    const { inside, ring, elapsed, onCall } = this.#options;
    const ms = Math.max(Math.round((elapsed() - open.since) * 1000) / 1000, 0);
    const end: ModelCallEnd = { ...open.view.end(trace), at: inside.core.clock.now(), ms };
    const entry = ring.change(open.call, { end });
    if (entry !== undefined) onCall(entry);
  }

  #callerOf({ kind, name = '' }: NonNullable<ReturnType<typeof holderNow>>): ModelCaller {
    if (kind === 'service') {
      const agent = this.#agents.get(name);
      return agent === undefined ? { kind, name } : { kind: 'agent', name: agent };
    }
    return kind === 'recognizer' ? { kind, name } : { kind: 'program', name: kind };
  }
}

function agentsIn({ engine }: RunnerInside): ReadonlyMap<string, string> {
  const machines = [...machinesOf(engine.dialogue)];
  return new Map(
    machines.flatMap(({ config, id }) => {
      const agent = agentOf(config);
      return agent === undefined ? [] : [[agent.model, id] as const];
    }),
  );
}
