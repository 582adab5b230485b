/** The calls that a process that measures answers, by name; it runs one of them at a time. */
export type Calls = Readonly<Record<string, (argument: never) => unknown>>;

export interface Call {
  readonly name: string;
  readonly argument: unknown;
}

export type Answer = { readonly value: unknown } | { readonly error: string };

/** Answers the calls of the parent process until the parent is gone. */
export function serve(calls: Calls): void {
  process.on('message', ({ name, argument }: Call) => {
    void answer(calls[name] as (argument: unknown) => unknown, argument);
  });
  process.once('disconnect', () => process.exit());
}

async function answer(call: (argument: unknown) => unknown, argument: unknown): Promise<void> {
  let answer: Answer;
  try {
    answer = { value: await call(argument) };
  } catch (error) {
    answer = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.send?.(answer);
}
