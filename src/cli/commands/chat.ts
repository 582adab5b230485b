import { writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { type TerminalCommand, runTerminal } from '../../channels/terminal/index.ts';
import { runnerOptionsOf } from '../../testing/converse-options.ts';
import { formatTranscript } from '../../testing/transcript.ts';
import { talkInLines } from '../chat/lines.ts';
import { ChatSession } from '../chat/session.ts';
import { CONFIG, type CliCommand } from '../command.ts';
import type { Host } from '../host.ts';
import { settingsFor } from '../play/player.ts';

/** A person at a screen sees an answer when it comes; a pipe would be closed by then. */
const PIPE_DEADLINE_MS = 60_000;

export const chat: CliCommand = {
  usage: 'chat [file]',
  does: 'Talks with a dialogue in the terminal',
  more: [
    'Lines that begin with a slash are commands: /state, /context, /timers, /forward 2h, /undo, /save talk.chat, /reset, /quit.',
    'Services run as they are. With --json, or in a pipe, each line of the input is a message.',
  ],
  options: { config: CONFIG },
  takes: [0, 1],
  async run(call) {
    const { host } = call;
    const subject = await call.subject();
    const talk = new ChatSession(subject.dialogue, {
      ...(host.stdin.isTTY !== true && { deadlineMs: PIPE_DEADLINE_MS }),
      // Here services run, and time is real.
      ...runnerOptionsOf(settingsFor(subject, '')),
    });
    try {
      if (call.json) await talkInLines(host, talk, subject.dialogue);
      else {
        await runTerminal(talk, {
          openid: talk.openid,
          input: host.stdin,
          output: host.stdout,
          errors: host.stderr,
          clock: talk.clock,
          reset: () => talk.forget(),
          commands: commandsOf(host, talk, subject.path),
        });
      }
    } finally {
      await talk.close();
    }
    return 0;
  },
};

function commandsOf(
  host: Host,
  talk: ChatSession,
  dialogue: string,
): Readonly<Record<string, TerminalCommand>> {
  return {
    undo: {
      usage: '/undo',
      does: 'takes back your last message',
      run: async () =>
        (await talk.undo())
          ? ['Your last message was never said.']
          : ['There is nothing to take back.'],
    },
    save: {
      usage: '/save file.chat',
      does: 'writes what was said to a transcript',
      async run(argument) {
        const name = argument.trim();
        if (name === '') return ['Where to? As in /save talk.chat.'];
        const path = resolve(host.cwd, name);
        const near = relative(dirname(path), dialogue).replaceAll('\\', '/');
        const head = `# dialogue: ${near.startsWith('.') ? near : `./${near}`}\n`;
        try {
          // A mistake must not destroy the work of another.
          await writeFile(path, head + formatTranscript(talk.transcript), { flag: 'wx' });
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          if (code === 'EEXIST') return [`There is a file ${name} already; take another name.`];
          return [`${name} cannot be written (${code ?? 'for an unknown reason'}).`];
        }
        return [`Written to ${name}.`];
      },
    },
  };
}
