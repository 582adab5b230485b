import type { AnyStateMachine } from 'xstate';
import { dirname, relative, resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import { machinesOf, servicesOf } from '../../dialogue/engine/machine-walk.ts';
import { takeoverOf } from '../../takeover/mark.ts';
import { formatSpan } from '../../internal/event-words.ts';
import type { Message } from '../../message.ts';
import { optionByNumber } from '../../channels/terminal/option-number.ts';
import { colored } from '../../channels/terminal/paint.ts';
import { type TerminalCommand, runTerminal } from '../../channels/terminal/index.ts';
import { DEFAULT_OPENID, runnerOptionsOf } from '../../testing/converse-options.ts';
import { formatState } from '../../testing/converse-state.ts';
import { checkedStubs } from '../../testing/services.ts';
import { formatTranscript } from '../../testing/transcript-format.ts';
import { formatMessage } from '../../testing/transcript-message.ts';
import { formatOperator } from '../../testing/transcript-operator.ts';
import type { OutsideEvent } from '../../runner/calls.ts';
import { withCauses } from '../../internal/causes.ts';
import { talkInBrowser } from '../chat/browser.ts';
import { talkInLines } from '../chat/lines.ts';
import { operated, operatorCommand } from '../chat/operator.ts';
import { ChatSession, type TakenBack } from '../chat/session.ts';
import { CONFIG, type CliCommand, type CommandCall } from '../command.ts';
import { type Host, complain, paintFor, print, printJson } from '../host.ts';
import { toPort } from '../local-server.ts';
import { writeOutput } from '../output-files.ts';
import { settingsFor } from '../play/player.ts';
import type { Settings } from '../config.ts';
import type { Subject } from '../subject.ts';

/** A person at a screen sees an answer when it comes; a pipe would be closed by then. */
const PIPE_DEADLINE_MS = 60_000;

export const chat: CliCommand = {
  usage: 'chat [file]',
  does: 'Talks with a dialogue in the terminal or in the browser',
  more: [
    'Lines that begin with a slash are commands: /state, /context, /timers, /forward 2h, /undo, /save talk.chat, /reset, /quit.',
    'Messages are written as in a transcript: a text, [button yes], [image], [{"type":"event.paid"}]. /as bob: you are bob now.',
    'Services run as they are, unless --stubs is given; a takeover tells you, and /op speaks for its operator.',
    'In a pipe, each line of the input is a message.',
    'With --web it is a page in the browser, for this machine alone; an address with &as=bob is that of another user.',
  ],
  options: {
    config: CONFIG,
    stubs: { does: 'run the stubs of services that the config has under `converse`' },
    web: { does: 'serve a page to talk with it, and print its address' },
    port: { value: 'number', does: 'the port of that page (default: a free one)' },
  },
  takes: [0, 1],
  async run(call) {
    const { host } = call;
    const subject = await call.subject();
    const settings = settingsFor(subject, '');
    const stubs = call.flag('stubs') ? stubsIn(subject, settings) : {};
    let tell = (_text: string): void => {};
    const dialogue = operated(subject.dialogue, stubs, (text) => tell(text));
    const port = portOf(call);
    if (port !== undefined) {
      await serve(call, dialogue, settings, port);
      return 0;
    }
    const talk = new ChatSession(dialogue, {
      main: settings.openid ?? DEFAULT_OPENID,
      ...(host.stdin.isTTY !== true && { deadlineMs: PIPE_DEADLINE_MS }),
      // Here time is real.
      ...runnerOptionsOf(settings),
    });
    tell = (text) => talk.tell(`(to the operator) ${text}`);
    try {
      if (call.json) await talkInLines(host, talk, dialogue);
      else {
        await runTerminal(talk, {
          openid: talk.main,
          parse: (line) => parseLine(talk, line),
          colors: paintFor(host, host.stdout) === colored,
          input: host.stdin,
          output: host.stdout,
          errors: host.stderr,
          clock: talk.clock,
          reset: () => talk.forget(),
          commands: commandsOf(host, talk, { ...subject, dialogue }),
        });
      }
    } finally {
      await talk.close();
    }
    return 0;
  },
};

/** The port of the page; 0 is a free one, and undefined no page. */
function portOf(call: CommandCall): number | undefined {
  const text = call.text('port');
  if (!call.flag('web')) {
    if (text === undefined) return undefined;
    throw new UsageError('bad_arguments', '--port is that of the page of --web.');
  }
  return toPort(text ?? '0');
}

/** Serves the page until the program is to end. */
async function serve(
  { host, json }: CommandCall,
  dialogue: AnyStateMachine,
  settings: Settings,
  port: number,
): Promise<void> {
  let reported: unknown;
  const talk = await talkInBrowser(dialogue, {
    port,
    main: settings.openid ?? DEFAULT_OPENID,
    runner: runnerOptionsOf(settings),
    onError: (error) => {
      // The runner and the web chat may both tell of it.
      if (error !== reported) complain(host, withCauses(error));
      reported = error;
    },
  });
  try {
    if (json) printJson(host, { url: talk.url });
    else {
      print(host, `${dialogue.id} is at ${talk.url}`);
      print(host, 'Another user is at the same address with &as=bob. Ctrl-C ends.');
    }
    await host.stopped();
  } finally {
    await talk.close();
  }
}

function commandsOf(
  host: Host,
  talk: ChatSession,
  { dialogue, path: file }: Subject,
): Readonly<Record<string, TerminalCommand>> {
  return {
    undo: {
      usage: '/undo',
      does: 'takes back your last message',
      async run() {
        const back = await talk.undo();
        if (back === undefined) return ['There is nothing to take back.'];
        return [
          `Taken back, with all that came of it: ${lineOf(talk, back)}`,
          ...(await standingOf(talk, dialogue)),
        ];
      },
    },
    as: {
      usage: '/as bob',
      does: 'makes you another user; /as you is the first one',
      async run(argument) {
        const name = argument.trim();
        if (name === '') return [`You are ${talk.openid}. Another user is /as bob.`];
        talk.openid = name;
        return [`You are ${talk.openid} now.`, ...(await standingOf(talk, dialogue))];
      },
    },
    ...([...machinesOf(dialogue)].some(({ config }) => takeoverOf(config)) && {
      op: operatorCommand(talk),
    }),
    save: {
      usage: '/save file.chat',
      does: 'writes what was said to a transcript',
      async run(argument) {
        const name = argument.trim();
        if (name === '') return ['Where to? As in /save talk.chat.'];
        const path = resolve(host.cwd, name);
        const near = relative(dirname(path), file).replaceAll('\\', '/');
        const head = `# dialogue: ${near.startsWith('.') ? near : `./${near}`}\n`;
        try {
          // A mistake must not destroy the work of another.
          const text = head + formatTranscript(talk.transcript);
          await writeOutput(host, { name, text }, { isNew: true });
        } catch (error) {
          if (UsageError.is(error, 'bad_file')) return [error.message];
          throw error;
        }
        return [`Written to ${name}.`];
      },
    },
  };
}

/** What was said, or what the operator did, as the transcript has it. */
function lineOf({ main }: ChatSession, { openid, message }: TakenBack): string {
  const user = openid === main ? undefined : openid;
  const operator = formatOperator(message as OutsideEvent, user);
  if (operator !== undefined) return `${operator.name}> ${operator.content}`;
  return `${user ?? ''}> ${formatMessage(message)}`;
}

/** The stubs that the config has in place of services. */
function stubsIn({ dialogue }: Subject, { services }: Settings): ReturnType<typeof checkedStubs> {
  return checkedStubs(services, servicesOf(dialogue));
}

/** The number of an option presses its button, for each of several users; anything else is as a transcript has it. */
function parseLine(talk: ChatSession, line: string): Message {
  const option = optionByNumber(line, talk.offered);
  return option === undefined ? talk.read(line) : talk.press(option.value);
}

/** Where the user stands, and what comes next if they say nothing. */
async function standingOf(
  talk: ChatSession,
  dialogue: AnyStateMachine,
): Promise<readonly string[]> {
  const found = await talk.inspect();
  const { timers = [] } = found ?? {};
  const now = talk.clock.now();
  return [
    `State: ${formatState(found?.dialogue, dialogue)}`,
    ...timers.slice(0, 1).map(({ type, dueAt }) => {
      const seconds = Math.round((dueAt - now) / 1000) * 1000;
      return `Next: in ${formatSpan(seconds)}, ${type}`;
    }),
  ];
}
