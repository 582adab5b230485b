import type { Clock } from '../../clock.ts';
import type { Desk, StudioEvent } from './desk.ts';
import { PageStream } from './page-stream.ts';
import { wireJson } from './wire-json.ts';

/** The pages that may be open at a time. */
const MAX_PAGES = 64;
/** The events that are kept for a page that lost its stream, and their bytes. */
const MAX_KEPT = 2000;
const MAX_KEPT_BYTES = 8_388_608;

/**
 * Passes the events of a desk on to pages, numbered. A page that comes back within the kept events continues where it was; any
 * other one begins with the backlog.
 */
export class EventHub {
  readonly #desk: Desk;
  readonly #clock: Clock;
  /** Distinguishes the numbers of this process from those of one before it. */
  readonly #name: string;
  readonly #pages = new Set<PageStream>();
  /** The last events as text, the oldest first, and the number of the first. */
  #kept: string[] = [];
  #keptBytes = 0;
  #first = 1;
  #off: (() => void) | undefined;

  constructor(desk: Desk, clock: Clock, name: string) {
    this.#desk = desk;
    this.#clock = clock;
    this.#name = name;
  }

  get #last(): number {
    return this.#first + this.#kept.length - 1;
  }

  /**
   * The stream to a page; undefined where there are too many.
   * @param lastId the number of the last event that the page has
   */
  open(lastId: string | null): PageStream | undefined {
    if (this.#pages.size >= MAX_PAGES) return undefined;
    this.#off ??= this.#desk.subscribe((event) => this.#pass(event));
    const page: PageStream = new PageStream(this.#before(lastId), this.#clock, () =>
      this.#pages.delete(page),
    );
    this.#pages.add(page);
    return page;
  }

  close(): void {
    this.#off?.();
    this.#off = undefined;
    for (const page of this.#pages) page.end();
  }

  #before(lastId: string | null): Iterable<string> {
    const [, name, number] = /^(\w+)-(\d+)$/u.exec(lastId ?? '') ?? [];
    const next = Number(number) + 1;
    if (name === this.#name && next >= this.#first && next <= this.#last + 1) {
      return this.#kept.slice(next - this.#first);
    }
    return textsOf(this.#desk.backlog(), `${this.#name}-${this.#last}`);
  }

  #pass(event: StudioEvent): void {
    const text = eventText(event, `${this.#name}-${this.#last + 1}`);
    this.#kept.push(text);
    this.#keptBytes += text.length;
    while (this.#kept.length > MAX_KEPT || this.#keptBytes > MAX_KEPT_BYTES) {
      this.#keptBytes -= this.#kept.shift()?.length ?? 0;
      this.#first += 1;
    }
    for (const page of this.#pages) page.send(text);
  }
}

/**
 * Made one by one, as the page takes them. Only the last one has the id: a page that has not got all of them has none to go on
 * from, and begins again.
 */
function* textsOf(events: readonly StudioEvent[], id: string): Generator<string> {
  const last = events.length - 1;
  for (const [index, event] of events.entries())
    yield eventText(event, index === last ? id : undefined);
}

function eventText({ name, data }: StudioEvent, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${wireJson(data)}\n\n`;
}
