import type { ChatAnswer, SentReply } from './protocol.ts';
import { type UiPart, endOfUiStream, toUiEvents, uiPartsOf, uiWordsOf } from './ui-stream.ts';

/** The part of the client's message that a draft is written into. */
interface OpenPart {
  readonly id: string;
  readonly text: string;
}

const UTF8 = /* @__PURE__ */ new TextEncoder();

/**
 * A UI message stream of the AI SDK that begins with drafts. The words of a text part cannot be taken back: if the committed
 * reply begins with the draft, its words continue the same part; otherwise the part ends as `withdrawn`.
 */
export class UiDraftStream {
  readonly body: ReadableStream<Uint8Array>;
  /** Resolves with the first draft. */
  readonly begun: Promise<void>;
  readonly #id: string;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #begin = (): void => {};
  #hasBegun = false;
  #open: OpenPart | undefined;
  #parts = 0;

  /** @param id that of the message which is answered */
  constructor(id: string) {
    this.#id = id;
    this.begun = new Promise((resolve) => (this.#begin = resolve));
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.#controller = undefined;
      },
    });
  }

  /** The text so far; empty if the draft is over, and no reply took its place. */
  draft(text: string): void {
    // The next draft holds what a client that reads slowly does not get now.
    if (this.#hasBegun && (this.#controller?.desiredSize ?? 0) <= 0) return;
    if (text === '') return this.#withdraw();
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#send({ type: 'start', messageId: `answer-${this.#id}` });
      this.#begin();
    }
    if (this.#open !== undefined && !text.startsWith(this.#open.text)) this.#withdraw();
    this.#write(text);
  }

  /** What the turn said. */
  finish({ outcome, pushed, replies }: ChatAnswer): void {
    const all = [...pushed, ...replies];
    const shown = this.#open;
    const continued =
      shown && all.find(({ reply }) => uiWordsOf(reply)?.startsWith(shown.text) === true);
    if (continued === undefined) this.#withdraw();
    else this.#continue(continued);
    for (const sent of all) if (sent !== continued) this.#send(...uiPartsOf(sent));
    this.#send({ type: 'message-metadata', messageMetadata: { outcome } });
    this.#close();
  }

  /** The message was not taken, and has to be sent again. */
  fail(): void {
    this.#withdraw();
    this.#send({ type: 'error', errorText: 'try_again' });
    this.#close();
  }

  #write(text: string): void {
    let part = this.#open;
    if (part === undefined) {
      this.#parts += 1;
      part = { id: `draft-${this.#parts}`, text: '' };
      this.#send({ type: 'text-start', id: part.id });
    }
    const { id } = part;
    const delta = text.slice(part.text.length);
    if (delta !== '') this.#send({ type: 'text-delta', id, delta });
    this.#open = { id, text };
  }

  #continue({ id, reply }: SentReply): void {
    this.#write(uiWordsOf(reply) ?? '');
    if (this.#open !== undefined) this.#send({ type: 'text-end', id: this.#open.id });
    this.#open = undefined;
    if (reply.type !== 'text') this.#send({ type: `data-${reply.type}`, id, data: reply });
  }

  #withdraw(): void {
    if (this.#open === undefined) return;
    const providerMetadata = { colloquy: { withdrawn: true } };
    this.#send({ type: 'text-end', id: this.#open.id, providerMetadata });
    this.#open = undefined;
  }

  #send(...parts: readonly UiPart[]): void {
    this.#controller?.enqueue(UTF8.encode(toUiEvents(parts)));
  }

  #close(): void {
    this.#controller?.enqueue(UTF8.encode(endOfUiStream()));
    this.#controller?.close();
    this.#controller = undefined;
  }
}
