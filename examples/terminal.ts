import { type Runner, type RunnerOptions, createContextStore, createRunner } from 'colloquy';
import { type TerminalOptions, createForwardClock, runTerminal } from 'colloquy/channels/terminal';
import type { AnyStateMachine } from 'xstate';

/**
 * Talks with a dialogue in the terminal, until the end of the input (Ctrl-D) or Ctrl-C. It prints piped lines beside
 * their answers, and waits for the last answer.
 * @param terminalOf what the terminal of this example has beside the usual, such as a command of its own
 */
export async function talkInTerminal(
  dialogue: AnyStateMachine,
  options: Omit<RunnerOptions, 'store'> = {},
  terminalOf: (runner: Runner) => TerminalOptions = () => ({}),
): Promise<void> {
  const clock = createForwardClock();
  const store = createContextStore({ clock });
  // A user at a screen sees a late answer when it comes; a pipe would be closed by then.
  const runner = createRunner(dialogue, {
    ...(!process.stdin.isTTY && { deadlineMs: 60_000 }),
    ...options,
    store,
  });
  await runTerminal(runner, {
    clock,
    reset: (openid) => store.delete(openid),
    ...terminalOf(runner),
  });
  await runner.stop();
  await store.close();
}
