import { type KeysOf, checkOptions, keyTable } from '../../internal/closed.ts';
import { createInterface } from 'node:readline';
import { type Clock, systemClock } from '../../clock.ts';
import { ColloquyError } from '../../errors.ts';
import { formatReply } from '../../format.ts';
import { withCauses } from '../../internal/causes.ts';
import type { Message } from '../../message.ts';
import type { Reply } from '../../reply.ts';
import { type Inspected, type TerminalCommand, runCommand } from './commands.ts';
import { DraftLine } from './draft-line.ts';
import { optionByNumber } from './option-number.ts';
import { colored, unpainted, printable } from './paint.ts';

export type { Inspected, DialogueState, TerminalCommand } from './commands.ts';
export { type ForwardClock, createForwardClock } from './forward-clock.ts';

/** All that a terminal needs of a runner. */
export interface TerminalRunner {
  /** Takes one message through its turn. The terminal prints its `replies`; without any, it may name the `outcome`. */
  handle(
    openid: string,
    message: Message,
  ): Promise<{ readonly replies: readonly Reply[]; readonly outcome?: string }>;
  /** The conversation as it was last committed, for `/state`, `/context` and `/timers`; undefined if there is none. */
  inspect(openid: string): Promise<Inspected | undefined>;
  /**
   * Calls a listener with each `reply` outside of an answer, and the `openid` of its user.
   * @returns a function that removes the listener
   */
  on(
    name: 'reply',
    listener: (event: { readonly openid: string; readonly reply: Reply }) => unknown,
  ): () => void;
  /**
   * Calls a listener with each `error` that no caller receives.
   * @returns a function that removes the listener
   */
  on(name: 'error', listener: (event: { readonly error: unknown }) => unknown): () => void;
  /**
   * Calls a listener with each `draft` of a service: the whole `text` so far, empty when it is over.
   * @returns a function that removes the listener
   */
  on(
    name: 'draft',
    listener: (event: { readonly openid: string; readonly text: string }) => unknown,
  ): () => void;
}

/** Options of `runTerminal()`: the user, the streams, and commands of your own. */
export interface TerminalOptions {
  /** The user who sits there. Default `you`. */
  readonly openid?: string | undefined;
  /** Default: that of the process. */
  readonly input?:
    | (NodeJS.ReadableStream & {
        /** Whether it is a terminal, and no pipe or file. */
        readonly isTTY?: boolean;
      })
    | undefined;
  /** Where replies are printed. Default: that of the process. */
  readonly output?:
    | (NodeJS.WritableStream & {
        /** Whether it is a terminal, and no pipe or file. */
        readonly isTTY?: boolean;
        /** Whether it shows colours. */
        hasColors?(): boolean;
      })
    | undefined;
  /** Where errors go. Default: the process's. */
  readonly errors?: NodeJS.WritableStream | undefined;
  /** The clock of the runner's store. `/forward` needs one that can be put forward, as `createForwardClock` makes it. */
  readonly clock?:
    | (Clock & {
        /** Puts the clock forward by a number of milliseconds. */
        advance?(ms: number): Promise<void>;
      })
    | undefined;
  /** What `/reset` does: forget the user, as `store.delete(openid)` does. */
  readonly reset?: ((openid: string) => Promise<unknown>) | undefined;
  /** Commands of your own, by name without the slash; one of the same name takes the place of one that there is. */
  readonly commands?: Readonly<Record<string, TerminalCommand>> | undefined;
  /**
   * Reads a line that is no command. Default, and where it gives undefined: the line is a text, or the number of an option.
   * @throws an error whose message is shown, and the line is not said
   */
  readonly parse?: ((line: string) => Message | undefined) | undefined;
  /** Default: where a person reads it on a terminal that has them, and has not set NO_COLOR (https://no-color.org). */
  readonly colors?: boolean | undefined;
}

const KEYS = keyTable(
  'openid input output errors clock reset commands colors parse',
) satisfies KeysOf<TerminalOptions>;

/**
 * Talks with a runner in the terminal, until the end of the input (Ctrl-D), Ctrl-C or `/quit`. Lines that are piped in
 * are printed beside their answers. Options to choose from are numbered, and a number chooses. Lines that begin with a slash
 * are commands: `/state`, `/context`, `/timers`, `/forward 2h`, `/reset`, `/help`, `/quit`. Where a person sits at a screen, the
 * drafts of a service are written over one another on its last line until the answer is there.
 *
 * It starts and stops nothing: the runner and its store stay yours.
 */
export async function runTerminal(
  runner: TerminalRunner,
  options: TerminalOptions = {},
): Promise<void> {
  checkOptions('runTerminal()', options, KEYS);
  const { openid = 'you', clock = systemClock, reset, commands, parse } = options;
  const { input = process.stdin, output = process.stdout, errors = process.stderr } = options;
  /** Whether a person sits there; lines that come out of a pipe are played to their end. */
  const isLive = input.isTTY === true && output.isTTY === true;
  const { colors = output.isTTY === true && output.hasColors?.() === true } = options;
  const paint = colors ? colored : unpainted;
  const screen = createScreen(input, output, isLive);
  const draftLine = new DraftLine(output, paint);
  let offered: Reply | undefined;
  /** Whether the person waits for an answer, and writes nothing. */
  let isWaiting = false;

  const show = (reply: Reply): void => {
    offered = reply;
    draftLine.clear();
    // As in a transcript: what follows the first line is indented.
    const said = printable(formatReply(reply)).replaceAll('\n', '\n  ');
    screen.print(`${paint('quiet', '<')} ${paint('said', said)}`);
  };
  const offs = [
    runner.on('reply', (event) => {
      if (event.openid === openid) screen.interrupt(() => show(event.reply));
    }),
    runner.on('draft', (event) => {
      if (event.openid === openid && isLive && isWaiting) draftLine.show(event.text);
    }),
    runner.on('error', ({ error }) => {
      draftLine.clear();
      const text = withCauses(error).split('\n').map(printable).join('\n');
      screen.interrupt(() => void errors.write(`${paint('bad', text)}\n`));
    }),
  ];
  const session = {
    clock,
    inspect: () => runner.inspect(openid),
    ...(reset && { reset: () => reset(openid) }),
    ...(commands && { commands }),
  };

  const readLine = (line: string): Message | undefined => {
    try {
      return parse?.(line) ?? toMessage(line, offered);
    } catch (error) {
      screen.print(paint('bad', printable(error instanceof Error ? error.message : String(error))));
      return undefined;
    }
  };

  const say = async (message: Message): Promise<void> => {
    try {
      isWaiting = true;
      const { replies, outcome = '' } = await runner.handle(openid, message);
      draftLine.clear();
      for (const reply of replies) show(reply);
      const note = replies.length === 0 ? NOTES[outcome] : undefined;
      if (note !== undefined) screen.print(paint('quiet', `(${outcome}: ${note})`));
    } catch (error) {
      // It was refused at the door. The talk continues.
      if (!ColloquyError.is(error) || error.name !== 'MessageError') throw error;
      screen.print(paint('bad', printable(error.message)));
    } finally {
      isWaiting = false;
      draftLine.clear();
    }
  };

  if (isLive) screen.print(paint('quiet', 'Say something. /help lists commands, Ctrl-D ends.'));
  screen.prompt();
  try {
    for await (const line of screen.lines) {
      if (!isLive) screen.print(`> ${line}`);
      if (line.startsWith('/') && !line.startsWith('//')) {
        const outcome = await runCommand(session, line);
        if (outcome === 'quit') break;
        for (const text of outcome) screen.print(paint('quiet', printable(text)));
      } else if (line.trim() !== '') {
        const message = readLine(line.replace(/^\/\//, '/'));
        if (message !== undefined) {
          offered = undefined;
          await say(message);
        }
      }
      screen.prompt();
    }
  } finally {
    for (const off of offs) off();
    screen.close();
  }
}

/** What became of a message to which nothing was said. */
const NOTES: Readonly<Record<string, string>> = {
  silent: 'the dialogue took this and says nothing',
  unhandled: 'the dialogue does not take this here',
  stale: 'the question of this button is over',
  pending: 'a service is still running',
  shed: 'too many messages wait',
};

/** The number of an option that was just offered presses its button. */
function toMessage(text: string, offered: Reply | undefined): Message {
  const option = optionByNumber(text, offered);
  if (option === undefined || offered?.type !== 'choices') return { type: 'message.text', text };
  const { asking } = offered;
  return { type: 'message.action', ...option, ...(asking !== undefined && { asking }) };
}

interface Screen {
  readonly lines: AsyncIterable<string>;
  print(text: string): void;
  prompt(): void;
  /** Prints a later reply on another line, before the text that is being typed. */
  interrupt(print: () => void): void;
  close(): void;
}

function createScreen(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  isLive: boolean,
): Screen {
  const lines = createInterface({ input, prompt: '> ', ...(isLive && { output }) });
  let isOpen = true;
  lines.on('close', () => (isOpen = false));
  lines.on('SIGINT', () => lines.close());
  const prompt = (): void => {
    if (isLive && isOpen) lines.prompt(true);
  };
  return {
    lines,
    print: (text) => void output.write(`${text}\n`),
    prompt,
    interrupt(print) {
      if (isLive) output.write('\r\u001b[K');
      print();
      prompt();
    },
    close() {
      lines.close();
      if (isLive) output.write('\n');
    },
  };
}
