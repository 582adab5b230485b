import { parseArgs } from 'node:util';
import { UsageError } from '../errors.ts';
import type { Host } from './host.ts';
import { type Subject, openSubject } from './subject.ts';

/** 0: as it should be. 1: something was found. 2: it could not be done, for wrong arguments or a wrong file. */
export type ExitCode = 0 | 1 | 2;

export interface Option {
  /** What stands for its value in the help; an option without one is on or off. */
  readonly value?: string;
  /** Whether it may be given several times. */
  readonly isList?: true;
  readonly short?: string;
  readonly does: string;
}

export interface CliCommand {
  /** As `chat <file>`; the first word is its name. */
  readonly usage: string;
  readonly does: string;
  /** What else there is to know, line by line. */
  readonly more?: readonly string[];
  readonly options: Readonly<Record<string, Option>>;
  /** The least and the most that may be named beside options. */
  readonly takes: readonly [least: number, most: number];
  run(call: CommandCall): Promise<ExitCode>;
}

/** What every command takes. */
const SHARED: Readonly<Record<string, Option>> = {
  json: { does: 'print JSON, for programs' },
  help: { short: 'h', does: 'print this' },
};

/** How a dialogue is to be talked with is in a file, which every command reads. */
export const CONFIG: Option = {
  value: 'file',
  does: 'take the settings from this file (default: colloquy.config.ts by the dialogue, or above it)',
};

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

export class CommandCall {
  readonly host: Host;
  /** What was named beside options. */
  readonly names: readonly string[];
  /** All of it, as it was given. */
  readonly args: readonly string[];
  readonly #values: Values;

  /** @throws UsageError `bad_arguments` */
  constructor(command: CliCommand, args: readonly string[], host: Host) {
    this.host = host;
    this.args = args;
    const { values, positionals } = parse(command, args);
    this.#values = values;
    this.names = positionals;
    if (this.flag('help')) return;
    const [least, most] = command.takes;
    if (positionals.length < least || positionals.length > most) {
      throw badArguments(`It goes \`colloquy ${command.usage}\``, command);
    }
  }

  /** The dialogue that is named first, or that of the config. */
  subject(): Promise<Subject> {
    return openSubject(this.host, this.names[0], { config: this.text('config') });
  }

  get json(): boolean {
    return this.flag('json');
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  list(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** @throws UsageError `bad_arguments` for what is no whole number over 0 */
  count(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (/^[1-9]\d{0,8}$/u.test(text)) return Number(text);
    throw new UsageError('bad_arguments', `--${name} is a whole number over 0, not '${text}'.`);
  }
}

function parse(
  command: CliCommand,
  args: readonly string[],
): { readonly values: Values; readonly positionals: readonly string[] } {
  const options = Object.entries({ ...command.options, ...SHARED }).map(
    ([name, { value, isList = false, short }]) =>
      [
        name,
        {
          type: value === undefined ? ('boolean' as const) : ('string' as const),
          multiple: isList,
          ...(short !== undefined && { short }),
        },
      ] as const,
  );
  try {
    return parseArgs({
      args: [...args],
      options: Object.fromEntries(options),
      allowPositionals: true,
    });
  } catch (error) {
    // As "Unknown option '--x'", with a hint after it that is of no use here.
    const [problem = ''] = (error as Error).message.split(/[.\n]/u, 1);
    throw badArguments(problem, command, error);
  }
}

function badArguments(problem: string, { usage }: CliCommand, cause?: unknown): UsageError {
  const [name = ''] = usage.split(' ', 1);
  return new UsageError(
    'bad_arguments',
    `${problem}; \`colloquy ${name} --help\` says what there is.`,
    cause === undefined ? {} : { cause },
  );
}

export function helpOf({ usage, does, more = [], options }: CliCommand): string {
  const rows = Object.entries({ ...options, ...SHARED }).map(([name, option]) => {
    const short = option.short === undefined ? '' : `-${option.short}, `;
    const value = option.value === undefined ? '' : ` <${option.value}>`;
    return [`${short}--${name}${value}`, option.does] as const;
  });
  const width = Math.max(...rows.map(([head]) => head.length));
  return [
    `colloquy ${usage}`,
    '',
    `${does}.`,
    ...more,
    '',
    ...rows.map(([head, text]) => `  ${head.padEnd(width)}  ${text}`),
    '',
    'It ends with 0 where all is well, 1 where something was found, 2 where it could not be done.',
  ].join('\n');
}
