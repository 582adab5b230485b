import { ColloquyError, UsageError } from '../errors.ts';
import type { DeskAct } from './desk-context.ts';
import type { TakeoverEnded, TakeoverNote, ToldNote } from './notes.ts';
import { operatorOf } from './operator.ts';

/** What a desk needs of a runner: any runner has it. */
export interface DeskRunner {
  /** Sends an event from outside. */
  send(
    openid: string,
    event: never,
    options?: {
      /** An event with an id counts once. */
      readonly id?: string;
    },
  ): Promise<{
    /** How it ended, as of `runner.send`. */
    readonly outcome: string;
    /** Why it failed. */
    readonly error?: unknown;
  }>;
  /** Listens to what the dialogue emits. */
  on(
    name: 'emit',
    listener: (emitted: {
      /** What it emits. */
      readonly event: { readonly type: string };
    }) => unknown,
  ): unknown;
}

/** How many lines operators see of a conversation that they do not have. */
const PREVIEW = 3;

/** The way from the conversations of customers to those of operators, and back. */
export class Link {
  readonly #operators: () => readonly string[];
  #ends: { readonly bot: DeskRunner; readonly office: DeskRunner } | undefined;

  constructor(operators: () => readonly string[]) {
    this.#operators = operators;
  }

  connect(bot: DeskRunner, office: DeskRunner): void {
    for (const runner of [bot, office]) {
      if (typeof (runner as Partial<DeskRunner> | undefined)?.send === 'function') continue;
      throw new UsageError('bad_option', 'desk.connect() takes two runners: bot and office.');
    }
    this.#ends = { bot, office };
    bot.on('emit', ({ event }) => {
      if (event.type === 'takeover.ended')
        return this.#tellAll((event as TakeoverEnded).note, undefined);
      return undefined;
    });
  }

  /** Tells a note to whom it is for. */
  async tell({ note, id }: ToldNote): Promise<void> {
    const { kind } = note;
    if (kind === 'said') return this.#tellOne(note.by, note, id);
    if (kind === 'refused') return this.#tellOne(note.to, note, id);
    await this.#tellAll(note, id);
  }

  /** @returns false if the conversation took nothing: it is over, or was never there */
  async act({ customer, event }: DeskAct, id: string): Promise<boolean> {
    // No conversation takes what says nothing, so that would be no sign that this one is over.
    if (operatorOf(event) === undefined) return true;
    const { bot } = this.#connected();
    const sent = { type: 'event.operator', ...event } as never;
    const { outcome, error } = await bot.send(customer, sent, { id });
    if (outcome === 'failed' || outcome === 'shed') throw notSent(outcome, error);
    return outcome !== 'unhandled';
  }

  async #tellAll(note: TakeoverNote, id: string | undefined): Promise<void> {
    const tries = this.#operators().map((operator) =>
      this.#tellOne(operator, shownTo(operator, note), id),
    );
    // All are told, before the first one who could not be is reported.
    const faults = (await Promise.allSettled(tries)).filter(({ status }) => status === 'rejected');
    const [fault] = faults as PromiseRejectedResult[];
    if (fault !== undefined) throw fault.reason;
  }

  async #tellOne(operator: string, note: TakeoverNote, id: string | undefined): Promise<void> {
    const { office } = this.#connected();
    const event = { type: 'event.customer', note } as never;
    const sent = await office.send(operator, event, id === undefined ? {} : { id });
    if (sent.outcome === 'failed' || sent.outcome === 'shed') {
      throw notSent(sent.outcome, sent.error);
    }
  }

  #connected(): { readonly bot: DeskRunner; readonly office: DeskRunner } {
    if (this.#ends !== undefined) return this.#ends;
    throw new UsageError(
      'desk_not_connected',
      'The desk is connected to no runners: call desk.connect(bot, office) before they start.',
    );
  }
}

/** A note as an operator sees it: the whole conversation is for the one who has it. */
function shownTo(operator: string, note: TakeoverNote): TakeoverNote {
  if (note.kind !== 'waiting' && note.kind !== 'taken') return note;
  if (note.kind === 'taken' && note.by === operator) return note;
  return { ...note, lines: note.kind === 'waiting' ? note.lines.slice(-PREVIEW) : [] };
}

function notSent(outcome: string, error: unknown): unknown {
  return (
    error ??
    new ColloquyError('lane_full', `The event was not taken: its outcome is '${outcome}'.`, {
      retryable: true,
    })
  );
}
