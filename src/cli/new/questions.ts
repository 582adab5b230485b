import { createInterface } from 'node:readline';
import { UsageError } from '../../errors.ts';
import { type Host, paintFor } from '../host.ts';

/** Asks a person at a terminal, one question after another. */
export interface Questions {
  /**
   * Asks until the answer is one of the options, by its name or its number. An empty answer takes the suggested one.
   * @throws UsageError `bad_arguments` where the person ends the program instead
   */
  choose<Name extends string>(asked: Choice<Name>): Promise<Name>;
  /** Asks until nothing is wrong with the answer. @throws UsageError `bad_arguments` where the person ends the program instead */
  text(asked: TextQuestion): Promise<string>;
  close(): void;
}

export interface Choice<Name extends string> {
  readonly question: string;
  readonly options: Readonly<Record<Name, string>>;
  readonly suggested: Name;
  /** What is said of an answer that is none of them. */
  wrong(answer: string): string;
}

export interface TextQuestion {
  readonly question: string;
  /** What is wrong with an answer, or undefined. */
  problemOf(answer: string): Promise<string | undefined>;
}

export function askAt(host: Host): Questions {
  const { stdin: input, stdout: output } = host;
  const paint = paintFor(host, output);
  const reader = createInterface({ input, output });
  // Lines that were pasted wait for their questions.
  const lines = reader[Symbol.asyncIterator]();
  reader.on('SIGINT', () => reader.close());

  async function ask(question: string): Promise<string> {
    reader.setPrompt(`${question} `);
    reader.prompt();
    const { value, done } = await lines.next();
    if (done !== true) return value.trim();
    output.write('\n');
    throw new UsageError('bad_arguments', 'It ended before all was answered: nothing was written.');
  }

  const complain = (problem: string): void => void output.write(`${paint('bad', problem)}\n`);

  return {
    async choose({ question, options, suggested, wrong }) {
      type Name = keyof typeof options;
      const names = Object.keys(options) as Name[];
      const width = Math.max(...names.map((name) => name.length));
      const rows = names.map(
        (name, index) => `  ${index + 1}. ${name.padEnd(width)}  ${options[name]}`,
      );
      output.write(`${question}\n${rows.join('\n')}\n`);
      for (;;) {
        const answer = (await ask(`[${suggested}]`)).toLowerCase();
        const found = names.find((name, index) => [name, String(index + 1)].includes(answer));
        if (found !== undefined) return found;
        if (answer === '') return suggested;
        complain(wrong(answer));
      }
    },
    async text({ question, problemOf }) {
      for (;;) {
        const answer = await ask(question);
        const problem = await problemOf(answer);
        if (problem === undefined) return answer;
        complain(problem);
      }
    },
    close: () => reader.close(),
  };
}
