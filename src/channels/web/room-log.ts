import { storedBytes } from '../../internal/cut-text.ts';
import type { ChatEvent } from './protocol.ts';
import type { ForPerson } from './user-line.ts';

/** The maximum of lines that a room keeps for pages that connect, and of their bytes as JSON. The oldest leave. */
const MAX_LINES = 100;
const MAX_BYTES = 65_536;

interface Line {
  readonly eventFor: ForPerson;
  readonly bytes: number;
}

/**
 * What was said in a room lately, in the memory of this process: a page that connects again gets what it has missed, and shows
 * what it has once.
 */
export class RoomLog {
  /** In their order, by what they are kept under: what comes again stays where it was. */
  readonly #lines = new Map<string, Line>();
  #bytes = 0;

  /** @param content as much as it takes */
  add(key: string, eventFor: ForPerson, content: object): void {
    if (this.#lines.has(key)) return;
    const bytes = storedBytes(content);
    this.#lines.set(key, { eventFor, bytes });
    this.#bytes += bytes;
    for (const [oldest, line] of this.#lines) {
      if (this.#lines.size <= MAX_LINES && this.#bytes <= MAX_BYTES) return;
      this.#lines.delete(oldest);
      this.#bytes -= line.bytes;
    }
  }

  /** What the server sends to a person's page when it connects. */
  eventsFor(person: string): readonly ChatEvent[] {
    return [...this.#lines.values()].flatMap(({ eventFor }) => eventFor(person) ?? []);
  }
}
