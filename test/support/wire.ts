import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Incoming } from 'colloquy';
import { type ManualClock, parseTranscript } from 'colloquy/testing';
import { expect } from 'vitest';

/** A user at the other end of a real connection. */
export interface Wire {
  /** The clock of the bot. */
  readonly clock: ManualClock;
  /** Sends what the user says as the platform does; resolves when it was answered. */
  send(message: Incoming): Promise<unknown>;
  /** Delivers the last message again. */
  again?(): Promise<unknown>;
  /** All that the user was shown, in order, in answers and outside of them. */
  shown(): readonly string[];
}

/** Plays a transcript of the examples over sockets: what is said and shown, and the time between; states cannot be seen. */
export async function playOverWire(path: string, wire: Wire): Promise<void> {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const expected: string[] = [...wire.shown()];
  const settle = (): Promise<void> =>
    expect
      .poll(
        // A push passes through sockets, of which the manual clock knows nothing.
        () => wire.clock.advance(0).then(() => wire.shown()),
        { timeout: 30_000, message: `${path}, in the end` },
      )
      .toEqual(expected);
  for (const line of parseTranscript(readFileSync(root + path, 'utf8'))) {
    if (line.kind === 'reply') expected.push(line.text);
    if (line.kind === 'comment' || line.kind === 'blank' || line.kind === 'reply') continue;
    await settle();
    if (line.kind === 'message') await wire.send(line.message);
    if (line.kind === 'again') await wire.again?.();
    if (line.kind === 'time') await wire.clock.advance(line.ms);
  }
  await settle();
}
