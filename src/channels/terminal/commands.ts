import { inspect } from 'node:util';
import type { Clock } from '../../clock.ts';
import { eventInWords, formatSpan } from '../../internal/event-words.ts';

/** What a terminal shows of a conversation. */
export interface Inspected {
  /** The user's dictionary. */
  readonly context: unknown;
  /** The state of the dialogue; undefined if none has started. */
  readonly dialogue: DialogueState | undefined;
  /** Delayed events that are pending. */
  readonly timers: readonly {
    /** The type of the event. */
    readonly type: string;
    /** Epoch ms. */
    readonly dueAt: number;
  }[];
  /** Services that have started and not ended. */
  readonly services: readonly {
    /** The name under which it is provided. */
    readonly src: string;
  }[];
}

/** The state of a dialogue and of its sub-dialogues, as `runner.inspect()` shows it. */
export interface DialogueState {
  /** `active`, or `done` after a final state. */
  readonly status: string;
  /** The active states: XState's state value. */
  readonly value: unknown;
  /** The running sub-dialogues by the id of their invocation. */
  readonly children: Readonly<Record<string, DialogueState>>;
}

/** What the commands work on. */
export interface TerminalSession {
  readonly clock: Clock & { advance?(ms: number): Promise<void> };
  inspect(): Promise<Inspected | undefined>;
  /** Forgets the user; absent where the program does not say how. */
  readonly reset?: (() => Promise<unknown>) | undefined;
  /** Those of the program, by name. */
  readonly commands?: Readonly<Record<string, TerminalCommand>> | undefined;
}

/** A command of a program's own, as `/save`. */
export interface TerminalCommand {
  /** As `/save file.chat`. */
  readonly usage: string;
  /** What it does, in a few words for `/help`. */
  readonly does: string;
  /**
   * Runs the command; `argument` is what stands after its name.
   * @returns what it says, line by line
   */
  run(argument: string): Promise<readonly string[]>;
}

/** What a command says, line by line; `quit` ends the talk. */
export type CommandOutput = readonly string[] | 'quit';

interface BuiltinCommand extends Pick<TerminalCommand, 'usage' | 'does'> {
  run(session: TerminalSession, argument: string): Promise<CommandOutput>;
}

const COMMANDS: Readonly<Record<string, BuiltinCommand>> = {
  state: {
    usage: '/state',
    does: 'where the dialogue stands',
    run: (session) =>
      look(session, ({ dialogue, services }) => [
        ...(dialogue === undefined ? ['No dialogue has started.'] : standing(dialogue, '')),
        ...services.map(({ src }) => `waits for the service ${src}`),
      ]),
  },
  context: {
    usage: '/context',
    does: 'what it knows of you',
    run: (session) =>
      look(session, ({ context }) => inspect(context, { depth: 8, sorted: true }).split('\n')),
  },
  timers: {
    usage: '/timers',
    does: 'what falls due, and when',
    run: (session) =>
      look(session, ({ timers }) =>
        timers.length === 0
          ? ['No timer is running.']
          : timers.map(
              ({ type, dueAt }) =>
                `in ${formatSeconds(dueAt - session.clock.now())}: ${eventInWords(type)}`,
            ),
      ),
  },
  forward: {
    usage: '/forward 2h',
    does: 'lets time pass: d, h, m, s, and together, as 1h30m',
    run: forward,
  },
  reset: {
    usage: '/reset',
    does: 'forgets you',
    async run({ reset }) {
      if (reset === undefined) return ['This program did not say how to forget a user.'];
      await reset();
      return ['You have never met.'];
    },
  },
  help: {
    usage: '/help',
    does: 'this list',
    run: async ({ commands = {} }) => {
      const rows = [
        ...Object.values({ ...COMMANDS, ...commands }).map(({ usage, does }) => [usage, does]),
        ['//…', 'says what begins with one slash'],
      ];
      const width = Math.max(12, ...rows.map(([usage = '']) => usage.length));
      return rows.map(([usage = '', does]) => `${usage.padEnd(width)} ${does}`);
    },
  },
  quit: { usage: '/quit', does: 'ends', run: async () => 'quit' },
};

export async function runCommand(session: TerminalSession, line: string): Promise<CommandOutput> {
  const [, name = '', argument = ''] = /^\/(\S*)\s*(.*)$/su.exec(line.trim()) ?? [];
  const { commands = {} } = session;
  if (Object.hasOwn(commands, name)) return commands[name]?.run(argument) ?? [];
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command.run(session, argument);
  return [`There is no /${name}. /help lists what there is; //${name} says it to the dialogue.`];
}

async function look(
  session: TerminalSession,
  show: (found: Inspected) => readonly string[],
): Promise<readonly string[]> {
  const found = await session.inspect();
  return found === undefined ? ['Nothing is known of you.'] : show(found);
}

/** A line for a dialogue, and below it one for each that it has called. */
function standing({ status, value, children }: DialogueState, indent: string): readonly string[] {
  const place = pathsOf(value).join(', ');
  return [
    `${indent}${place}${status === 'active' ? '' : ` (${status})`}`,
    ...Object.entries(children).flatMap(([id, child]) => {
      const [first = '', ...others] = standing(child, `${indent}  `);
      return [`${indent}  ${id}: ${first.trimStart()}`, ...others];
    }),
  ];
}

/** The states that are active, each as `booking.date`: one, or as many as are side by side. */
function pathsOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.entries(value).flatMap(([name, inner]) => {
    const paths = pathsOf(inner);
    return paths.length === 0 ? [name] : paths.map((path) => `${name}.${path}`);
  });
}

async function forward({ clock }: TerminalSession, argument: string): Promise<CommandOutput> {
  if (clock.advance === undefined) return ['This program has no clock that can be put forward.'];
  const ms = parseForward(argument);
  if (ms === undefined) return ['How far? As in /forward 2h, /forward 1h30m or /forward 45s.'];
  await clock.advance(ms);
  return [`It is ${new Date(clock.now()).toISOString()}.`];
}

const UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 };

/** Milliseconds of a span such as `1h30m`; undefined for what is none. */
export function parseForward(text: string): number | undefined {
  if (!/^(?:\d{1,6}[dhms] *)+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+)([dhms])/g)];
  return parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (UNITS[unit] ?? 0), 0);
}

/** The same the other way, rounded to seconds. */
export function formatSeconds(ms: number): string {
  return formatSpan(Math.round(ms / 1000) * 1000);
}
