import type { Host } from './host.ts';

/** A line about long work that goes on: on a terminal only, written over itself, and gone in the end. */
export interface Progress {
  say(text: string): void;
  end(): void;
}

const CLEAR = '\r\u001b[K';

export function createProgress({ stderr }: Host): Progress {
  if (stderr.isTTY !== true) return { say: () => {}, end: () => {} };
  let last = '';
  const say = (text: string): void => {
    // A line that goes on to the next one could not be taken back.
    const line = text.slice(0, (stderr.columns ?? 80) - 1);
    if (line === last) return;
    last = line;
    stderr.write(`${CLEAR}${line}`);
  };
  return { say, end: () => say('') };
}
