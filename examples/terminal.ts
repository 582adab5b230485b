import { createInterface } from 'node:readline';
import { type RunnerOptions, createContextStore, createRunner, formatReply } from 'colloquy';
import type { AnyStateMachine } from 'xstate';

/** Whether a person sits there; lines that come out of a pipe are played to their end. */
const isTerminal = process.stdin.isTTY;

/**
 * Talks with a dialogue in the terminal, until the end of the input (Ctrl-D) or Ctrl-C. Lines that are piped in are
 * printed beside their answers, and the last one is waited for.
 */
export async function talkInTerminal(
  dialogue: AnyStateMachine,
  options: Omit<RunnerOptions, 'store'> & { readonly openid?: string } = {},
): Promise<void> {
  const { openid = 'you', ...rest } = options;
  const store = createContextStore();
  // Whoever waits for an answer on a screen sees it when it comes; a pipe would be gone by then.
  const runner = createRunner(dialogue, {
    ...(!isTerminal && { deadlineMs: 60_000 }),
    ...rest,
    store,
  });
  const lines = createInterface({
    input: process.stdin,
    prompt: '> ',
    ...(isTerminal && { output: process.stdout }),
  });
  let isOpen = true;
  lines.on('close', () => (isOpen = false));
  const prompt = (): void => {
    if (isTerminal && isOpen) lines.prompt(true);
  };
  // What is said later goes on a line of its own, before what is being typed.
  runner.on('reply', ({ reply }) => {
    if (isTerminal) process.stdout.write('\r\u001b[K');
    print(formatReply(reply));
    prompt();
  });
  runner.on('error', ({ error }) => {
    console.error(error instanceof Error ? error.message : error);
  });
  lines.on('SIGINT', () => lines.close());

  if (isTerminal) print('Say something. Ctrl-D ends.');
  prompt();
  for await (const line of lines) {
    if (!isTerminal) console.log(`> ${line}`);
    if (line.trim() !== '') {
      const { replies } = await runner.handle(openid, line);
      for (const reply of replies) print(formatReply(reply));
    }
    prompt();
  }
  if (isTerminal) console.log();
  await runner.stop();
  await store.close();
}

/** As in a transcript: what follows the first line is indented. */
function print(said: string): void {
  console.log(`< ${said.replaceAll('\n', '\n  ')}`);
}
