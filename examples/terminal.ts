import { type RunnerOptions, createContextStore, createRunner } from 'colloquy';
import { createForwardClock, runTerminal } from 'colloquy/channels/terminal';
import type { AnyStateMachine } from 'xstate';

/**
 * Talks with a dialogue in the terminal, until the end of the input (Ctrl-D) or Ctrl-C. Lines that are piped in are
 * printed beside their answers, and the last one is waited for.
 */
export async function talkInTerminal(
  dialogue: AnyStateMachine,
  options: Omit<RunnerOptions, 'store'> = {},
): Promise<void> {
  const clock = createForwardClock();
  const store = createContextStore({ clock });
  // Whoever waits for an answer on a screen sees it when it comes; a pipe would be gone by then.
  const runner = createRunner(dialogue, {
    ...(!process.stdin.isTTY && { deadlineMs: 60_000 }),
    ...options,
    store,
  });
  await runTerminal(runner, { clock, reset: (openid) => store.delete(openid) });
  await runner.stop();
  await store.close();
}
