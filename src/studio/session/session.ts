import type { AnyStateMachine } from 'xstate';
import { systemClock } from '../../clock.ts';
import { type ConverseOptions, DEFAULT_OPENID } from '../../testing/converse-options.ts';
import type { Process } from '../../testing/converse-process.ts';
import type { ExploreOptions } from '../../testing/explore.ts';
import type { StudioEvent } from '../server/desk.ts';
import type { ClockView } from '../wire.ts';
import { badRequest } from './acts.ts';
import { CallLog } from './call-log.ts';
import { RecognizerPanel } from './recognizer-panel.ts';
import { ServicePanel } from './service-panel.ts';
import { RunnerTurns } from './runner-turns.ts';
import { type SessionMoment, Timeline } from './timeline.ts';
import { World, type WorldState } from './world.ts';

/** What a session is about. */
export interface SessionSubject {
  readonly dialogue: AnyStateMachine;
  /** Its path, as a person would type it. */
  readonly file?: string | undefined;
  /** Its path as a test beside it imports it. Default `./dialogue.ts`. */
  readonly module?: string | undefined;
  /** The path of the config, from there; undefined if there is none. */
  readonly configFile?: string | undefined;
  /** Whether the config itself has the dialogue, rather than a file that it names. */
  readonly isInConfig?: boolean;
  /** What it is talked with: `converse` of the config. */
  readonly settings: ConverseOptions<AnyStateMachine>;
  readonly explore?: ExploreOptions | undefined;
}

const MINUTE_MS = 60_000;

/**
 * One dialogue and its users, on a clock that stands still: what is done, one thing after the other, and the way back. What
 * a page sees of it goes to the watch and to `emit`.
 */
export class StudioSession {
  readonly services: ServicePanel;
  readonly recognizers: RecognizerPanel;
  readonly calls = new CallLog();
  readonly turns: RunnerTurns;
  readonly #timeline = new Timeline();
  readonly #emit: (event: StudioEvent) => void;
  #subject: SessionSubject;
  #world: World;
  #tail: Promise<unknown> = Promise.resolve();
  #order = 0;
  #ids = 0;
  #clock = '';
  #isBusy = false;
  #startedAt: number | undefined;

  constructor(subject: SessionSubject, emit: (event: StudioEvent) => void) {
    this.#subject = subject;
    this.#emit = (event) => {
      emit(event);
      // A service that takes real time ends when nothing is being done.
      if (event.name === 'turn' && !this.#isBusy) void this.act(async () => {}, false);
    };
    this.services = new ServicePanel(this.calls);
    this.recognizers = new RecognizerPanel(this.calls);
    this.turns = new RunnerTurns(this.#emit);
    this.services.take(subject.dialogue, subject.settings.services);
    this.#world = this.#createWorld(this.#beginning());
  }

  get subject(): SessionSubject {
    return this.#subject;
  }

  get world(): World {
    return this.#world;
  }

  /** The user who goes without a name in a transcript. */
  get main(): string {
    return this.#subject.settings.openid ?? DEFAULT_OPENID;
  }

  get clock(): ClockView {
    const { nextDueAt } = this.#world;
    const next = nextDueAt === undefined ? {} : { nextDueAt };
    return { now: this.#world.time.now(), isVirtual: true, ...next };
  }

  /** An id for a message, as a platform gives one to each. */
  nextId(): string {
    this.#ids += 1;
    return `studio-${this.#ids}`;
  }

  /** The openids of which something is kept. */
  get openids(): readonly string[] {
    return [...this.#world.disk.records.keys()];
  }

  /**
   * Does one thing after those that were asked for before, and rests behind it.
   * @param canUndo whether `undo` takes it back
   */
  act<T>(work: (world: World) => Promise<T>, canUndo = true): Promise<T> {
    return this.#inTurn(async () => {
      const before = this.#moment();
      if (canUndo) this.#timeline.begin(before);
      try {
        return await work(this.#world);
      } catch (error) {
        const isUntouched = this.turns.last === before.turn && this.#world.time.now() === before.at;
        // What was refused has done nothing.
        if (canUndo && isUntouched) this.#timeline.undo();
        throw error;
      }
    });
  }

  /** Takes the last thing back that was done. @returns the turn that it stands behind now */
  undo(): Promise<number> {
    return this.#inTurn(async () => {
      const moment = this.#timeline.undo();
      if (moment === undefined) throw badRequest('There is nothing left to undo.');
      await this.#travel(moment);
      return moment.turn;
    });
  }

  /** Continues after a turn. */
  fork(turn: number): Promise<number> {
    return this.#inTurn(async () => {
      await this.#travel(this.momentAt(turn));
      return turn;
    });
  }

  /** @throws UsageError `bad_request` if the moment behind this turn is not kept */
  momentAt(turn: number): SessionMoment {
    if (turn === this.turns.last) return this.#timeline.at(turn) ?? this.#moment();
    const moment = turn === 0 ? this.#beginning() : this.#timeline.at(turn);
    if (moment !== undefined) return moment;
    if (turn > this.turns.last) throw badRequest(`There is no turn ${turn}.`);
    throw badRequest(`Turn ${turn} cannot be gone back to: the first ones are kept no more.`);
  }

  /**
   * Takes another version of the dialogue, over what is kept or from the beginning.
   * @param work what is done in the new world before anything else
   * @throws what its runner refuses; then the old version continues
   */
  deploy(
    subject: SessionSubject,
    from: 'here' | 'beginning',
    work: (world: World) => Promise<void> = async () => {},
  ): Promise<void> {
    return this.#inTurn(async () => {
      const start = from === 'here' ? this.#moment() : this.#beginning();
      const former = this.#world;
      this.#world = this.#replaced(subject, start);
      former.end();
      this.calls.rewind(from === 'here' ? this.calls.mark : 0);
      if (from === 'beginning') {
        this.#timeline.clear();
        this.turns.rewind(0);
      }
      await this.#open();
      await work(this.#world);
    });
  }

  #replaced(subject: SessionSubject, start: SessionMoment): World {
    const former = this.#subject;
    this.services.take(subject.dialogue, subject.settings.services);
    this.#subject = subject;
    try {
      return this.#createWorld(start);
    } catch (error) {
      this.#subject = former;
      this.services.take(former.dialogue, former.settings.services);
      throw error;
    }
  }

  /** Ends it: nothing is due any more. */
  async close(): Promise<void> {
    await this.#inTurn(async () => this.#world.end());
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(async () => {
      this.#isBusy = true;
      const { last } = this.turns;
      try {
        return await work();
      } finally {
        await this.#settle(last).finally(() => (this.#isBusy = false));
      }
    });
    this.#tail = done.catch(() => undefined);
    return done;
  }

  /** Everything rests: the page gets what there is to see, and the moment after the last turn is kept. */
  async #settle(before: number): Promise<void> {
    await this.#world.time.rest();
    if (this.turns.last > before) this.#keep();
    const { clock } = this;
    const shown = JSON.stringify(clock);
    if (shown !== this.#clock) this.#emit({ name: 'clock', data: clock });
    this.#clock = shown;
  }

  #keep(): void {
    this.#timeline.keep(this.#moment());
  }

  async #travel(moment: SessionMoment): Promise<void> {
    this.#world.end();
    this.calls.rewind(moment.calls);
    this.#timeline.rewind(moment);
    this.turns.rewind(moment.turn);
    this.#world = this.#createWorld(moment);
    await this.#open();
  }

  async #open(): Promise<void> {
    await this.#world.open();
    await this.turns.show(this.#world.process, this.openids);
  }

  #createWorld(state: WorldState): World {
    const { dialogue, settings } = this.#subject;
    return new World(
      {
        dialogue,
        settings,
        main: this.main,
        services: this.services,
        recognizers: this.recognizers,
        onProcess: (process) => this.#follow(process),
      },
      state,
    );
  }

  #follow(process: Process): () => void {
    const { runner, store } = process;
    const offs = [
      this.turns.follow(process),
      // Several turns may end in one thing that is done: the moment behind each is kept, before what comes next.
      runner.on('turn', () => {
        if (this.turns.last > 0) this.#keep();
      }),
      // The watch tells of them: without a listener each would be a warning.
      runner.on('error', () => {}),
      store.on('error', () => {}),
    ];
    return () => offs.forEach((off) => off());
  }

  #moment(): SessionMoment {
    this.#order += 1;
    const { last: turn } = this.turns;
    return { ...this.#world.state, turn, calls: this.calls.mark, order: this.#order };
  }

  #beginning(): SessionMoment {
    const now = this.#subject.settings.now ?? Math.floor(systemClock.now() / MINUTE_MS) * MINUTE_MS;
    this.#startedAt ??= now;
    const nothing = { records: new Map(), lastRevision: 0, recorded: undefined };
    return { ...nothing, at: this.#startedAt, turn: 0, calls: 0, order: 0 };
  }
}
