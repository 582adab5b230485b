import type { AnyStateMachine } from 'xstate';
import { coreOf, type ContextStore } from '../../context/store.ts';
import { PersistError } from '../../errors.ts';
import { type Disk, memory } from '../../persist/memory.ts';
import type { LoadedRecord } from '../../persist/persister.ts';
import type { Runner } from '../../runner/runner.ts';
import { createManualClock } from '../../testing/clock.ts';
import { type ConverseOptions, runnerOptionsOf } from '../../testing/converse-options.ts';
import { Process } from '../../testing/converse-process.ts';
import { Recorder, type RecorderState } from '../../testing/recorder.ts';
import { TestDisk } from '../../testing/converse-disk.ts';
import type { CallFault } from '../../testing/stub-queue.ts';
import { VirtualTime } from '../../testing/virtual-time.ts';
import type { RecognizerPanel } from './recognizer-panel.ts';
import type { ServicePanel } from './service-panel.ts';

/** More users than that are on the disk alone, from where a turn reads them. */
const MAX_RESIDENTS = 1000;

/** What a world begins with. */
export interface WorldState {
  readonly records: ReadonlyMap<string, LoadedRecord>;
  readonly lastRevision: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** What was written down; undefined at the beginning. */
  readonly recorded: RecorderState | undefined;
}

/** What is the same for each world of a session. */
export interface WorldParts {
  readonly dialogue: AnyStateMachine;
  readonly settings: ConverseOptions<AnyStateMachine>;
  /** The user who goes without a name in a transcript. */
  readonly main: string;
  readonly services: ServicePanel;
  readonly recognizers: RecognizerPanel;
  /** A process begins: what it returns is called at its end. */
  onProcess(process: Process): () => void;
}

/**
 * All that a conversation touches: a disk, a clock that stands still, and a process over them, which may crash. A journey
 * back in time makes another world of what was kept of it; nothing of the former one reaches the new one.
 */
export class World {
  readonly time: VirtualTime;
  readonly recorder: Recorder;
  readonly disk: Disk;
  readonly #parts: WorldParts;
  readonly #faulty: TestDisk;
  /** The dialogue and its recognizers, which ask the panels. */
  readonly #provided: ReturnType<RecognizerPanel['provide']>;
  #live: LiveProcess;

  constructor(parts: WorldParts, { records, lastRevision, at, recorded }: WorldState) {
    this.#parts = parts;
    this.disk = { records: new Map(records), lastRevision };
    this.time = new VirtualTime(createManualClock({ now: at }));
    this.#faulty = new TestDisk(this.time, { persister: memory(this.disk) });
    this.recorder = new Recorder({ clock: this.time, main: parts.main, isExact: true }, recorded);
    const dialogue = parts.services.provide(parts.dialogue, () => ({
      ...this.#place(),
      line: this.recorder.last,
      openidOf: (token) => this.#openidOf(token),
    }));
    this.#provided = parts.recognizers.provide(dialogue, parts.settings, () => this.#place());
    this.#live = this.#start();
  }

  get process(): Process {
    return this.#live.process;
  }

  /** The runner, which writes down what it is handed. */
  get runner(): Runner {
    return this.#live.recording.runner;
  }

  /** The same runner; what it is handed stays unwritten. */
  get plainRunner(): Runner {
    return this.#live.process.runner;
  }

  get store(): ContextStore {
    return this.#live.process.store;
  }

  get state(): WorldState {
    const { records, lastRevision } = this.disk;
    return {
      records: new Map(records),
      lastRevision,
      at: this.time.now(),
      recorded: this.recorder.state,
    };
  }

  /** Continues with what is on the disk. As in a test, conversations are looked at, and so in memory. */
  async open(): Promise<void> {
    await this.plainRunner.start();
    await this.time.rest();
    for (const openid of [...this.disk.records.keys()]) {
      await this.look((core) => core.read(openid));
    }
  }

  /** The process ends without a word, and another one starts over the same disk. */
  async crash(): Promise<void> {
    this.end();
    this.recorder.note({ kind: 'crash' });
    this.#live = this.#start();
    await this.open();
  }

  /** The process ends without a word. */
  end(): void {
    const { process, recording, ended, off } = this.#live;
    process.dead = true;
    recording.stop();
    off();
    ended.abort(new Error('The process of this service has ended.'));
    this.#parts.services.cutOff();
  }

  /** The next writes, or reads, of the persister fail. */
  break(what: 'save' | 'load', times: number): void {
    const act: CallFault = () => {
      const text = 'The persister failed, as Studio was asked for.';
      return Promise.reject(new PersistError('unavailable', text, { retryable: true }));
    };
    this.#faulty.fail(what, act, times);
  }

  /** Does something that the transcript does not tell. */
  async unwritten<T>(work: () => Promise<T>): Promise<T> {
    this.#live.recording.stop();
    try {
      return await work();
    } finally {
      const { process } = this.#live;
      this.#live = { ...this.#live, recording: this.recorder.listen(process.runner) };
    }
  }

  /** Reads without faults. */
  look<T>(work: (core: ReturnType<typeof coreOf>) => Promise<T>): Promise<T> {
    return this.#faulty.look(() => work(coreOf(this.store)));
  }

  /** Epoch milliseconds at which something is due next: a timer, a reply, an expiry, a service that is late. */
  get nextDueAt(): number | undefined {
    const { records } = coreOf(this.store);
    const due = [...this.disk.records.values()].map(({ openid, wakeAt }) => {
      const record = records.cached(openid)?.record;
      return record === undefined ? wakeAt : records.dueTimes.dueAt(record);
    });
    const first = Math.min(...due, this.#parts.services.nextWakeAt ?? Number.POSITIVE_INFINITY);
    return first < Number.MAX_SAFE_INTEGER ? first : undefined;
  }

  #openidOf(token: string): string | undefined {
    const { records } = coreOf(this.store);
    return [...this.disk.records.keys()].find((openid) =>
      records.cached(openid)?.record.services.some((service) => service.token === token),
    );
  }

  #place(): {
    readonly clock: Process['clock'];
    readonly signal: AbortSignal;
    awaiting<T>(work: Promise<T>): Promise<T>;
  } {
    const { process, ended } = this.#live;
    return {
      clock: process.clock,
      signal: ended.signal,
      awaiting: (work) => this.time.awaiting(work),
    };
  }

  #start(): LiveProcess {
    const { settings, onProcess } = this.#parts;
    const { dialogue, ...recognizers } = this.#provided;
    const { persister } = this.#faulty;
    const process = new Process(
      dialogue,
      { max: MAX_RESIDENTS, ...settings.store, clock: this.time, persister },
      {
        ...runnerOptionsOf(settings),
        ...recognizers,
      },
    );
    const recording = this.recorder.listen(process.runner);
    return { process, recording, ended: new AbortController(), off: onProcess(process) };
  }
}

interface LiveProcess {
  readonly process: Process;
  readonly recording: ReturnType<Recorder['listen']>;
  readonly ended: AbortController;
  readonly off: () => void;
}
