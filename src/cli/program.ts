import { UsageError, ColloquyError } from '../errors.ts';
import { withCauses } from '../internal/causes.ts';
import { CommandCall, type CliCommand, type ExitCode, helpOf } from './command.ts';
import { chat } from './commands/chat.ts';
import { check } from './commands/check.ts';
import { coverage } from './commands/coverage.ts';
import { exploreCommand } from './commands/explore.ts';
import { graph } from './commands/graph.ts';
import { lint } from './commands/lint.ts';
import { create } from './commands/new.ts';
import { studio } from './commands/studio.ts';
import { test } from './commands/test.ts';
import { type Host, complain, print, printJson } from './host.ts';
import { version } from './version.ts';

const COMMANDS: Readonly<Record<string, CliCommand>> = {
  new: create,
  chat,
  studio,
  test,
  lint,
  explore: exploreCommand,
  coverage,
  graph,
  check,
};

/** Runs a command line. It never throws: what goes wrong is said in one line, and is the exit code. */
export async function run(args: readonly string[], host: Host): Promise<ExitCode> {
  const [name = '', ...rest] = args;
  try {
    if (name === '--version' || name === '-v') {
      print(host, version);
      return 0;
    }
    if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
      print(host, overview());
      return 0;
    }
    const command = commandOf(name === 'help' ? (rest[0] ?? '') : name);
    const call = new CommandCall(command, name === 'help' ? ['--help'] : rest, host);
    if (call.flag('help')) {
      print(host, helpOf(command));
      return 0;
    }
    return await command.run(call);
  } catch (error) {
    fail(host, error, rest.includes('--json'));
    return 2;
  }
}

function commandOf(name: string): CliCommand {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command;
  const problem = name === '' ? 'What shall it do?' : `There is no command '${name}'.`;
  throw new UsageError(
    'bad_arguments',
    `${problem} There are ${Object.keys(COMMANDS).join(', ')}; \`colloquy --help\` says more.`,
  );
}

/**
 * What is wrong with the arguments or a file is one line, and what a dialogue threw has its causes. Of anything else it is
 * to be seen where it came from.
 */
function fail(host: Host, error: unknown, isJson: boolean): void {
  const { message = String(error), stack = message } = error as Partial<Error>;
  const isKnown = ColloquyError.is(error);
  if (isJson) printJson(host, { error: { code: isKnown ? error.code : 'unexpected', message } });
  if (!isKnown) complain(host, stack);
  else complain(host, error instanceof UsageError ? message : withCauses(error));
}

function overview(): string {
  const rows = Object.values(COMMANDS).map(({ usage, does }) => [usage, does] as const);
  const width = Math.max(...rows.map(([usage]) => usage.length));
  return [
    'colloquy: conversations as state machines, from the command line',
    '',
    ...rows.map(([usage, does]) => `  ${usage.padEnd(width)}  ${does}`),
    '',
    'A <file> has a dialogue, or a config that names one, as its default export; it may be TypeScript.',
    '`colloquy <command> --help` lists the options of a command; all of them take --json.',
  ].join('\n');
}
