import type { AnyStateMachine } from 'xstate';
import { type Message, setupDialogue } from 'colloquy';
import { type ManualClock, createManualClock } from 'colloquy/testing';
import type { Process } from './process.ts';
import { type ProcessCommand, Processes, type ProcessesOptions } from './processes.ts';
import {
  type RoomAttempt,
  RoomWitness,
  ROOM,
  asideTo,
  everybodyHears,
  personOf,
} from './room-witness.ts';

/** Longer than a history lasts. */
const AGE_SECONDS = 1800;
const SECOND = 1000;

/** Who may answer from now on: everybody, or the people who are named. */
export type Named = 'everybody' | readonly string[];

export type RoomCommand =
  | {
      readonly do: 'say';
      readonly from: string;
      readonly node: number;
      readonly deadlineMs: number;
    }
  /** Another program says who may answer. */
  | { readonly do: 'name'; readonly named: Named; readonly node: number }
  | {
      readonly do: 'again';
      readonly back: number;
      readonly node: number;
      readonly deadlineMs: number;
    }
  | { readonly do: 'erase'; readonly person: string; readonly node: number }
  | ProcessCommand;

interface Data {
  readonly log: readonly string[];
  readonly named: Named;
}

/**
 * A question to people of a room that stays open. Its context is the list of what was said: `answer` by a person who is named,
 * `other` by anybody else, `named` where another program has said who may answer. Each is told to everybody, without its
 * words, and its words to the person alone.
 */
function createRoom(): AnyStateMachine {
  const words = setupDialogue({
    types: {} as { context: Data },
    history: { turns: 8 },
  });
  const note = (kind: 'answer' | 'other') =>
    words.assign({
      log: ({ context, event }) => {
        const { from, text } = event as { readonly from?: { id: string }; readonly text?: string };
        return [...context.log, `${kind} ${from?.id} ${text}`];
      },
    });
  const told = [
    words.reply(({ context }) => everybodyHears(context.log.at(-1) ?? '')),
    words.reply(({ context }) => asideTo(context.log.at(-1) ?? '')),
  ] as const;
  return words.createDialogue({
    id: 'room',
    version: '1',
    context: { log: [], named: 'everybody' },
    initial: 'opening',
    on: {
      'event.payment': {
        actions: [
          words.assign(({ context, event }) => {
            const [tag = '', list = ''] = (event.key ?? '').split(' ');
            const named = list === 'everybody' ? list : list.split('+').filter(Boolean);
            return { log: [...context.log, `named ${list} ${tag}`], named };
          }),
          words.reply(({ context }) => everybodyHears(context.log.at(-1) ?? '')),
        ],
      },
    },
    states: {
      opening: {
        on: { 'message.text': { target: 'asking', actions: [note('other'), ...told] } },
      },
      asking: {
        initial: 'question',
        on: { 'message.text': { actions: [note('other'), ...told] } },
        states: {
          question: words.ask({
            question: 'What do you say?',
            of: ({ context: { named } }) => (named === 'everybody' ? undefined : named),
            parse: (message) => ({ value: 'text' in message ? message.text : '' }),
            assign: ({ context, event, value }) => ({
              log: [...context.log, `answer ${event.from?.id} ${value}`],
            }),
            target: [{ actions: [...told] }],
          }),
        },
      },
    },
  }) as unknown as AnyStateMachine;
}

/** Processes that serve a room with three people, and a witness. */
class RoomWorld {
  readonly clock: ManualClock = createManualClock();
  readonly witness: RoomWitness;
  readonly #processes: Processes;
  readonly #sendings = new Map<string, number>();
  #count = 0;

  constructor(options: ProcessesOptions) {
    const { clock } = this;
    const witness = new RoomWitness();
    this.witness = witness;
    this.#processes = new Processes(options, {
      clock,
      disk: witness.disk,
      age: AGE_SECONDS,
      dialogue: createRoom,
      onStart: (process) => witness.listen(process),
      onStop: () => {
        witness.restarted = true;
      },
      blame: (what) => void witness.wrong.push(what),
    });
    this.#processes.start();
  }

  async do(command: RoomCommand): Promise<void> {
    switch (command.do) {
      case 'say': {
        const about = { id: `m${(this.#count += 1)}`, from: command.from, named: undefined };
        this.#send(about, this.#processes.at(command.node), command.deadlineMs);
        break;
      }
      case 'name': {
        const { named } = command;
        const about = { id: `m${(this.#count += 1)}`, from: '', named };
        this.#send(about, this.#processes.at(command.node), 4500);
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
      case 'erase':
        this.#erase(command.person, this.#processes.at(command.node));
        break;
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
    const again: [RoomAttempt, boolean][] = [];
    for (const old of new Map(this.witness.attempts.map((each) => [each.id, each])).values()) {
      const counts = this.witness.counts(old.id);
      again.push([this.#send(old, this.#processes.at(again.length), 4500), counts]);
      await this.clock.advance(SECOND / 10);
    }
    await this.clock.advance(150 * SECOND);
    for (const [{ tag, answer }, counts] of again) {
      const outcome = answer?.outcome ?? 'never answered';
      if (outcome !== (counts ? 'duplicate' : 'replied')) {
        this.witness.wrong.push(`${tag}, sent when all was quiet, was ${outcome}`);
      }
    }
    this.witness.conclude();
    await this.#processes.end();
    return this.witness.wrong;
  }

  #send(
    { id, from, named }: Pick<RoomAttempt, 'id' | 'from' | 'named'>,
    process: Process,
    deadlineMs: number,
  ): RoomAttempt {
    const sending = (this.#sendings.get(id) ?? 0) + 1;
    this.#sendings.set(id, sending);
    const tag = `${id}x${sending}`;
    const attempt: RoomAttempt = { id, tag, from, named, process };
    this.witness.attempts.push(attempt);
    process.whenRunning(() => {
      const { runner } = process;
      const list = typeof named === 'string' ? named : named?.join('+');
      const turn =
        list === undefined
          ? runner.handle(ROOM, textOf(attempt), { id, deadlineMs })
          : runner.send(ROOM, { type: 'event.payment', key: `${tag} ${list}` }, { id });
      turn.then(
        (ended) =>
          process.whenRunning(() => this.witness.answered(attempt, { replies: [], ...ended })),
        // It was refused: the runner has stopped.
        () => {},
      );
    });
    return attempt;
  }

  #erase(person: string, process: Process): void {
    process.whenRunning(() => {
      const erasing = this.witness.erasing(person);
      process.store
        .erasePerson(ROOM, person, (context) => {
          const { log } = context.toJSON() as Partial<Data>;
          context.set('log', log?.filter((entry) => personOf(entry) !== person) ?? []);
        })
        .then(
          (isErased) => process.whenRunning(() => this.witness.erased(erasing, isErased)),
          () => {},
        );
    });
  }
}

function textOf({ tag, from }: RoomAttempt): Message {
  return { type: 'message.text', text: tag, from: { id: from } };
}

/** @returns the broken promises */
export async function playRooms(
  commands: readonly RoomCommand[],
  options: ProcessesOptions,
): Promise<readonly string[]> {
  const world = new RoomWorld(options);
  for (const command of commands) await world.do(command);
  return world.end();
}
