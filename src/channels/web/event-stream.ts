import { wellFormedJson } from '../text-parts.ts';
import type { ChatEvent } from './protocol.ts';

/** The maximum of bytes that wait for one page. A page that reads too slowly connects again. */
const MAX_QUEUED_BYTES = 256 * 1024;
/** Milliseconds after which a browser connects again. */
const RECONNECT_MS = 1000;

const UTF8 = /* @__PURE__ */ new TextEncoder();

export const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Proxies hold streams back to fill their buffers, unless they are asked not to.
  'x-accel-buffering': 'no',
} as const;

/** The events of one connected page. */
export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #onEnd: (stream: EventStream) => void;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  /** @param onEnd is called once, when either side has ended it */
  constructor(onEnd: (stream: EventStream) => void) {
    this.#onEnd = onEnd;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
          controller.enqueue(UTF8.encode(`retry: ${RECONNECT_MS}\n\n`));
        },
        cancel: () => this.#end(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_QUEUED_BYTES }),
    );
  }

  /** Sends an event, or ends the stream of a page that has not read what came before. */
  send(event: ChatEvent): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    if ((controller.desiredSize ?? 0) > 0) {
      controller.enqueue(UTF8.encode(`data: ${wellFormedJson(event)}\n\n`));
      return;
    }
    this.#end();
    controller.error(new Error('The page reads its stream too slowly.'));
  }

  /** Sends an event that the next one of its kind replaces, unless the page has not read what came before. */
  offer(event: ChatEvent): void {
    if (this.#controller?.desiredSize === MAX_QUEUED_BYTES) this.send(event);
  }

  /** Ends it after what was sent. */
  close(): void {
    const controller = this.#controller;
    this.#end();
    controller?.close();
  }

  #end(): void {
    if (this.#controller === undefined) return;
    this.#controller = undefined;
    this.#onEnd(this);
  }
}
