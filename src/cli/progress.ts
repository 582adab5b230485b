import type { Host } from './host.ts';

/** A line about long work: on a terminal only, written over itself, and erased at the end. */
export interface Progress {
  say(text: string): void;
  end(): void;
}

const CLEAR = '\r\u001b[K';

export function createProgress({ stderr }: Host): Progress {
  if (stderr.isTTY !== true) return { say: () => {}, end: () => {} };
  let last = '';
  const say = (text: string): void => {
    // A line that fills more than one row could not be erased.
    const line = text.slice(0, (stderr.columns ?? 80) - 1);
    if (line === last) return;
    last = line;
    stderr.write(`${CLEAR}${line}`);
  };
  return { say, end: () => say('') };
}
