import type { AnyStateMachine } from 'xstate';
import { type Message, type TextMessage, pattern, setupDialogue } from 'colloquy';
import { type ManualClock, createManualClock } from 'colloquy/testing';
import {
  type BurstAttempt,
  type BurstKind,
  BurstWitness,
  ROOM,
  answerTo,
} from './burst-witness.ts';
import type { Process } from './process.ts';
import { type ProcessCommand, Processes, type ProcessesOptions } from './processes.ts';

/** Longer than a history lasts. */
const AGE_SECONDS = 1800;
const SECOND = 1000;

/** The outcomes of a message that counts, also of one whose caller did not wait for the end of the burst. */
const TAKEN: ReadonlySet<string> = new Set(['replied', 'gathered', 'pending']);

export type BurstCommand =
  | {
      readonly do: 'say';
      readonly kind: BurstKind;
      readonly from: string;
      readonly node: number;
      readonly deadlineMs: number;
      /** Whether the caller of a part waits for the end of the burst. */
      readonly awaitsBurst: boolean;
    }
  | {
      readonly do: 'again';
      readonly back: number;
      readonly node: number;
      readonly deadlineMs: number;
    }
  | ProcessCommand;

/**
 * A diary of one conversation: its context is the list of its turns. The entry of a turn is what it was, who spoke, and the
 * tags of its parts; its answer is the number of the entry and the entry.
 */
function createDiary(): AnyStateMachine {
  const words = setupDialogue({
    types: {} as { context: { turns: readonly string[] } },
    intents: { menu: pattern(/^menu (?<tag>\S+)$/u) },
  });
  const note = words.assign({
    turns: ({ context, event }) => [...context.turns, entryOf(event)],
  });
  const said = words.reply(({ context: { turns } }) => answerTo(turns.length, turns.at(-1) ?? ''));
  const actions = [note, said] as const;
  return words.createDialogue({
    id: 'diary',
    version: '1',
    context: { turns: [] },
    initial: 'on',
    on: {
      'intent.menu': { actions: [...actions] },
      'event.payment': { actions: [...actions] },
    },
    states: {
      on: {
        on: {
          'message.text': { actions: [...actions] },
          'message.image': { actions: [...actions] },
        },
      },
    },
  }) as unknown as AnyStateMachine;
}

function entryOf(event: object): string {
  const { type, text, parts, mediaId, key, from } = event as Omit<Partial<TextMessage>, 'type'> &
    Readonly<Partial<Record<'mediaId' | 'key', string>>> & { readonly type: string };
  const who = from?.id ?? '';
  if (type === 'intent.menu') return `menu ${who} ${text?.slice('menu '.length)}`;
  if (type === 'event.payment') return `paid  ${key}`;
  if (type === 'message.image') return `image ${who} ${mediaId}`;
  const tags = parts?.map((part) => part.text) ?? [text ?? ''];
  const isWhole = tags.join('\n') === text && (parts?.length ?? 2) > 1;
  const haveIds = parts?.every((part) => part.id === idIn(part.text)) ?? true;
  return `${isWhole && haveIds ? 'text' : 'wrong'} ${who} ${tags.join('+')}`;
}

export function idIn(tag: string): string {
  return tag.slice(0, tag.indexOf('.'));
}

function messageOf({ kind, from, tag }: BurstAttempt): Message {
  const by = { from: { id: from } };
  if (kind === 'image') return { type: 'message.image', mediaId: tag, ...by };
  return { type: 'message.text', text: kind === 'menu' ? `menu ${tag}` : tag, ...by };
}

/** Processes that gather bursts, two people of one conversation, and a witness. */
class BurstWorld {
  readonly clock: ManualClock = createManualClock();
  readonly witness: BurstWitness;
  readonly #processes: Processes;
  readonly #sendings = new Map<string, number>();
  #count = 0;

  constructor(options: ProcessesOptions) {
    const { clock } = this;
    const witness = new BurstWitness(clock, options.nodes === 1);
    this.witness = witness;
    this.#processes = new Processes(options, {
      clock,
      disk: witness.disk,
      age: AGE_SECONDS,
      gather: witness.gather,
      dialogue: createDiary,
      onStart: (process) => witness.listen(process),
      onStop: () => {
        witness.restarted = true;
      },
      blame: (what) => void witness.wrong.push(what),
    });
    this.#processes.start();
  }

  async do(command: BurstCommand): Promise<void> {
    switch (command.do) {
      case 'say': {
        const { kind, from, awaitsBurst, deadlineMs } = command;
        const about = { id: `m${(this.#count += 1)}`, kind, from, awaitsBurst };
        this.#send(about, this.#processes.at(command.node), deadlineMs);
        break;
      }
      case 'again': {
        const { attempts } = this.witness;
        const old = attempts.at(-1 - ((command.back - 1) % attempts.length));
        if (old !== undefined) {
          this.#send(old, this.#processes.at(command.node), command.deadlineMs);
        }
        break;
      }
      default:
        await this.#processes.do(command);
        this.witness.disturbed = this.#processes.disturbed;
    }
    this.#processes.mustHaveRoom();
  }

  /** Lets all work end without any further fault, and delivers everything once more. */
  async end(): Promise<readonly string[]> {
    this.#processes.calmDown();
    await this.clock.advance(150 * SECOND);
    const again: [BurstAttempt, boolean][] = [];
    for (const old of new Map(this.witness.attempts.map((each) => [each.id, each])).values()) {
      const counts = this.witness.holds(old.id);
      again.push([this.#send(old, this.#processes.at(again.length), 4500), counts]);
      await this.clock.advance(SECOND / 10);
    }
    await this.clock.advance(150 * SECOND);
    for (const [{ tag, answer }, counts] of again) {
      const outcome = answer?.outcome ?? 'never answered';
      const isRight = counts ? outcome === 'duplicate' : TAKEN.has(outcome);
      if (!isRight) this.witness.wrong.push(`${tag}, sent when all was quiet, was ${outcome}`);
    }
    this.witness.conclude();
    await this.#processes.end();
    return this.witness.wrong;
  }

  #send(
    { id, kind, from, awaitsBurst }: Pick<BurstAttempt, 'id' | 'kind' | 'from' | 'awaitsBurst'>,
    process: Process,
    deadlineMs: number,
  ): BurstAttempt {
    const sending = (this.#sendings.get(id) ?? 0) + 1;
    this.#sendings.set(id, sending);
    const tag = `${id}.${sending}`;
    const attempt: BurstAttempt = { id, tag, kind, from, awaitsBurst, process };
    this.witness.attempts.push(attempt);
    process.whenRunning(() => {
      const { runner } = process;
      const turn =
        kind === 'paid'
          ? runner.send(ROOM, { type: 'event.payment', key: tag }, { id })
          : runner.handle(ROOM, messageOf(attempt), { id, deadlineMs, awaitBurst: awaitsBurst });
      turn.then(
        (ended) =>
          process.whenRunning(() => this.witness.answered(attempt, { replies: [], ...ended })),
        // It was refused: the runner has stopped.
        () => {},
      );
    });
    return attempt;
  }
}

/** @returns the broken promises */
export async function playBursts(
  commands: readonly BurstCommand[],
  options: ProcessesOptions,
): Promise<readonly string[]> {
  const world = new BurstWorld(options);
  for (const command of commands) await world.do(command);
  return world.end();
}
