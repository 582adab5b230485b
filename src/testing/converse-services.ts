import type { AnyStateMachine } from 'xstate';
import type { Clock } from '../clock.ts';
import { servicesOf } from '../dialogue/engine/machine-walk.ts';
import type { TakeoverNote } from '../takeover/notes.ts';
import { keepingNotes, takeoverStubs } from './converse-operator.ts';
import {
  type ServiceStubs,
  type Stub,
  checkedStubs,
  numberConversation,
  unknownService,
  withSharedStubs,
  withStubs,
} from './services.ts';
import { StubQueue } from './stub-queue.ts';

type Given = Readonly<Record<string, unknown>> | undefined;

/** The services of the dialogue in a test: their stubs, and the queued stubs of their next calls. */
export class TestServices implements ServiceStubs {
  /** What takeovers have told operators. */
  readonly notes: TakeoverNote[] = [];
  stubs: Readonly<Record<string, Stub | undefined>>;
  /** The names of the services that the dialogue has. */
  names: ReadonlySet<string>;
  readonly #clock: () => Clock;
  readonly #queued = new StubQueue<Stub>();
  /** With which the tokens of service runs begin, so that they are found to be of this conversation. */
  #number: number | undefined;

  /** @throws UsageError `bad_service` */
  constructor(dialogue: AnyStateMachine, given: Given, clock: () => Clock) {
    this.#clock = clock;
    this.names = servicesOf(dialogue);
    this.stubs = {
      ...takeoverStubs(dialogue, keepingNotes(this.notes)),
      ...checkedStubs(given, this.names),
    };
  }

  get clock(): Clock {
    return this.#clock();
  }

  /** The number of this conversation among those of the process. */
  get number(): number {
    return (this.#number ??= numberConversation(this));
  }

  /** Another version of the dialogue takes over. @throws UsageError `bad_service`, before anything changes */
  replacementFor(dialogue: AnyStateMachine, given: Given): () => void {
    const names = servicesOf(dialogue);
    const stubs = checkedStubs(given, names);
    return () => {
      const kept = Object.entries(this.stubs).filter(([name]) => names.has(name));
      this.stubs = {
        ...takeoverStubs(dialogue, keepingNotes(this.notes)),
        ...Object.fromEntries(kept),
        ...stubs,
      };
      this.names = names;
    };
  }

  /** The dialogue as it runs: with services that ask for stubs. One that leaves nothing behind shares its copy with others. */
  copyOf(dialogue: AnyStateMachine, isShared: boolean): AnyStateMachine {
    if (this.names.size === 0) return dialogue;
    return isShared ? withSharedStubs(dialogue) : withStubs(dialogue, () => this);
  }

  /** @throws UsageError `bad_service` unless the dialogue has this service */
  check(service: string): void {
    if (!this.names.has(service)) throw unknownService(service, this.names);
  }

  /** The next calls of a service that have no queued stub yet take this one. */
  queue(service: string, stub: Stub, times = 1): void {
    this.#queued.add(service, stub, times);
  }

  nextStub(service: string): Stub | undefined {
    return this.#queued.take(service);
  }
}
