import { ALONE } from '../../context/record/due-time.ts';
import type { AnyStateMachine } from 'xstate';
import { expiresAt } from '../../context/record/expiry.ts';
import {
  type ConversationRecord,
  NONE,
  type RunningService,
  handOut,
} from '../../context/record/record.ts';
import {
  type Engine,
  type Snapshot,
  type Step,
  createEngine,
} from '../../dialogue/engine/engine.ts';
import { isPromise } from '../../internal/maybe.ts';
import { type Message, isSpoken } from '../../message.ts';
import { toMessage } from '../../message-check.ts';
import type { Reply } from '../../reply.ts';
import { findChoice } from '../../context/record/choice.ts';
import { withoutDialogue } from '../../context/record/offers.ts';
import { answerQuestion } from '../../runner/transition.ts';
import { inspectRecord } from '../../context/record/inspect.ts';
import { formatState } from '../converse-state.ts';
import { freezeContext } from '../../context/record/frozen.ts';
import { type PlanContext, planTurn } from '../../runner/commit-plan.ts';
import { noteValues } from '../../dialogue/text/current-step.ts';
import { type Recognition, createRecognition } from '../../runner/recognition/recognition.ts';
import type { Incoming } from '../../runner/calls.ts';
import type { RunnerOptions } from '../../runner/options.ts';
import { isCurrent, upgradeRecord } from '../../runner/upgrade/upgrade.ts';
import type { StepResult, PureState, ExploreEvent } from './pure-state.ts';
import { UNKNOWN_OUTPUT, withoutOutput } from './unknown-output.ts';

const OPENID = 'ann';
const SEEN = { max: 0, ageMs: 0, replyBytes: 0 };
const MAX_CONTEXT_BYTES = 65_536;
/** How long a service takes that outlasts the message that started it: this, or half of the time to the next timer. */
const SERVICE_MS = 1000;
const SHORT_WHILE_MS = 100;

/** What an exploration takes of a runner's options. */
export type PureOptions = Pick<RunnerOptions, 'input' | 'recognize' | 'recognizers'>;

/**
 * A conversation as data, to be continued from any node any number of times: the engine and the plan of a turn, which
 * are pure, without a store and without anything that runs.
 */
export class PureRunner {
  readonly engine: Engine;
  readonly #dialogue: AnyStateMachine;
  readonly #context: PlanContext;
  readonly #recognition: Recognition | undefined;
  readonly #input: (about: { readonly openid: string }) => unknown;
  #now = 0;
  #ids = 0;

  constructor(dialogue: AnyStateMachine, runner: PureOptions) {
    this.engine = createEngine(dialogue);
    this.#dialogue = dialogue;
    this.#input = runner.input ?? ((about) => about);
    this.#recognition = createRecognition(this.engine, runner, {
      clock: { now: () => this.#now, wake: () => () => {} },
      recognizeMs: 1000,
      waits: false,
      maxBytes: MAX_CONTEXT_BYTES,
      reporter: { error: () => {} },
    });
    this.#context = {
      engine: this.engine,
      durable: false,
      usesOutbox: () => false,
      dueTimes: ALONE,
      maxContextBytes: MAX_CONTEXT_BYTES,
      keep: (inner) => freezeContext(inner, MAX_CONTEXT_BYTES),
      seen: SEEN,
      createId: () => `${(this.#ids += 1)}`,
      onUnhandled: () => [],
    };
  }

  /** A conversation that was stored, to be continued from where it stands. */
  resumed(record: ConversationRecord, now: number): PureState {
    this.#now = now;
    const isLive = isCurrent(this.engine, record);
    const live = isLive ? record : upgradeRecord(record, {}, this.#context, now).record;
    return { record: live, now, fresh: [] };
  }

  /** The state in which the next message is heard; what is said before any is not in it. */
  listening({ record, now }: PureState): {
    readonly snapshot: Snapshot;
    readonly speaks: boolean;
  } {
    const live = record?.live as Snapshot | undefined;
    if (record !== undefined && live?.status === 'active') {
      return { snapshot: { ...live, context: handOut(record) } as Snapshot, speaks: false };
    }
    this.#now = now;
    const first = this.#first(record);
    return { snapshot: first.next, speaks: speaks(first) || first.next.status !== 'active' };
  }

  /** What a text is recognised to mean first, where that is known at once. */
  meaningOf(message: Incoming, now: number): string | undefined {
    this.#now = now;
    const found = this.#recognition?.recognize(OPENID, this.#toMessage(message, now), undefined);
    return found === undefined || isPromise(found) ? undefined : found.intents[0]?.type;
  }

  /** The milliseconds to the next moment at which a timer is due; undefined where no timer is due before the conversation expires. */
  untilNextTimer({ record, now }: PureState): number | undefined {
    if (record === undefined || record.timers.length === 0) return undefined;
    const at = Math.min(...record.timers.map(({ dueAt }) => dueAt));
    const { expiry } = record;
    const isFixed = expiry !== undefined && 'at' in expiry;
    if (isFixed && expiresAt(expiry, record.savedAt, 0) <= at) return undefined;
    return Math.max(at - now, 0);
  }

  /** How long a service of this state takes that ends next. */
  serviceMs(state: PureState, { token }: RunningService): number {
    if (state.fresh.includes(token)) return 0;
    const left = this.untilNextTimer(state) ?? Number.POSITIVE_INFINITY;
    return Math.max(Math.min(SERVICE_MS, Math.floor(left / 2)), 1);
  }

  /** A short while in which nothing happens, so that what is fresh is not any more; undefined where there is no time for it. */
  shortWhile(state: PureState): number | undefined {
    const left = this.untilNextTimer(state) ?? Number.POSITIVE_INFINITY;
    const ms = Math.min(SHORT_WHILE_MS, Math.floor(left / 2));
    return ms < 1 ? undefined : ms;
  }

  /** Where the dialogue stands, as in a transcript. */
  standing({ record }: PureState): string {
    const standing = record && inspectRecord(record, this.engine).dialogue;
    return formatState(standing, this.#dialogue);
  }

  /**
   * @throws StepError as the turn would fail
   * @throws OutputNeeded where the dialogue looks at an output that is not known
   */
  take(state: PureState, event: ExploreEvent): StepResult {
    switch (event.type) {
      case 'message':
        return this.#hear(state, event.message);
      case 'time':
        return this.#pass(state, event.ms);
      case 'service':
        return this.#end(state, event);
    }
  }

  #hear(state: PureState, incoming: Incoming): StepResult {
    const { record, now } = state;
    this.#now = now;
    const message = this.#toMessage(incoming, now);
    // An event that is not said to the bot, and that no state takes, changes nothing.
    const ignored = { state, replies: [], handled: false, done: false };
    const live = record?.live as Snapshot | undefined;
    if (record !== undefined && live?.status === 'active') {
      const step = this.#offer(record, live, message);
      if (!step.handled && !isSpoken(message)) return ignored;
      return this.#plan(record, step, now, undefined);
    }
    const kept = record && withoutDialogue(record, now);
    const first = this.#first(kept);
    if (speaks(first) || first.next.status !== 'active') {
      return isSpoken(message) ? this.#plan(kept, first, now, undefined) : ignored;
    }
    const heard = this.#offer(kept, first.next, message);
    if (!heard.handled && !isSpoken(message)) return ignored;
    const effects = [...first.effects, ...heard.effects];
    return this.#plan(kept, { ...heard, effects }, now, undefined);
  }

  #first(record: ConversationRecord | undefined): Step {
    const data = record === undefined ? {} : handOut(record);
    return this.engine.first(this.#input({ openid: OPENID }), data, { now: this.#now });
  }

  #offer(record: ConversationRecord | undefined, snapshot: Snapshot, message: Message): Step {
    const isOn = record?.live !== undefined;
    const data = isOn ? handOut(record) : (snapshot.context as object);
    const heard = findChoice(record, isOn ? snapshot : undefined, message, data);
    if (heard === undefined) return { next: snapshot, effects: NONE, handled: true };
    const answered = answerQuestion(this.engine, snapshot, heard, { data, now: this.#now });
    if (answered !== undefined) return answered;
    const { scene } = heard;
    const now = this.#now;
    const found = this.#recognition?.recognize(OPENID, message, { snapshot, data, now });
    const recognized = found === undefined || isPromise(found) ? undefined : found;
    if (recognized?.values !== undefined) noteValues(heard.message, recognized.values);
    for (const intent of recognized?.intents ?? NONE) {
      const step = this.engine.step(snapshot, intent, data, { now, scene });
      if (step.handled) return step;
    }
    return this.engine.step(snapshot, heard.message, data, { now, scene });
  }

  #pass(state: PureState, ms: number): StepResult {
    const now = state.now + ms;
    let { record } = state;
    let replies: readonly Reply[] = [];
    let done = false;
    let handled = false;
    for (;;) {
      const due = record?.timers.filter(({ dueAt }) => dueAt <= now) ?? [];
      const [timer] = due.toSorted((a, b) => a.dueAt - b.dueAt);
      if (record === undefined || timer === undefined) break;
      const step = this.engine.step(record.live as Snapshot, timer.event, handOut(record), {
        now,
        scene: timer,
      });
      const result = this.#plan(record, step, now, timer);
      ({ record } = result.state);
      replies = [...replies, ...result.replies];
      done ||= result.done;
      handled ||= result.handled;
    }
    return { state: { record, now, fresh: [] }, replies, handled, done };
  }

  #end(state: PureState, { token, ms, ending }: ExploreEvent & { type: 'service' }): StepResult {
    const { record, fresh } = state;
    const now = state.now + ms;
    const service = record?.services.find((running) => running.token === token);
    if (record === undefined || service === undefined) {
      return { state, replies: [], handled: false, done: false };
    }
    const { id } = service;
    const kind = 'error' in ending ? 'error' : 'done';
    const event = { type: `xstate.${kind}.actor.${id}`, ...ending, actorId: id };
    const take = (): Step =>
      this.engine.step(record.live as Snapshot, event, handOut(record), { now, scene: service });
    const step = ending === UNKNOWN_OUTPUT ? withoutOutput(service.src, event, take) : take();
    const result = this.#plan(record, step, now, service);
    if (ms > 0) return result;
    // The other services of the same message are still fresh.
    const still = new Set([...fresh, ...result.state.fresh]);
    const running = result.state.record?.services ?? [];
    const left = running.filter((each) => still.has(each.token)).map((each) => each.token);
    return { ...result, state: { ...result.state, fresh: left } };
  }

  #plan(
    record: ConversationRecord | undefined,
    step: Step,
    now: number,
    used: ConversationRecord['timers'][number] | RunningService | undefined,
  ): StepResult {
    const basis = { openid: OPENID, record, now, used, hasCaller: true };
    const plan = planTurn(basis, step, this.#context);
    const next = plan.record.absent === undefined ? plan.record : undefined;
    const fresh = plan.start.map(({ token }) => token);
    return {
      state: { record: next, now, fresh },
      replies: plan.replies,
      handled: plan.handled,
      done: plan.done !== undefined,
    };
  }

  #toMessage(incoming: Incoming, now: number): Message {
    return toMessage(incoming as string | Message, this.engine.declared, now);
  }
}

function speaks({ effects }: Step): boolean {
  return effects.some(({ type }) => type === 'reply');
}
