import { UsageError } from '../../errors.ts';

/** A WebSocket of the platform, or of the package ws: what of it is used here. */
interface PlainSocket {
  send(text: string): void;
  close(): void;
  addEventListener(
    type: 'message' | 'close' | 'error',
    listener: (event: { readonly data?: unknown }) => void,
  ): void;
}

/** What makes a WebSocket: that of the platform, or of the package ws. */
export type WebSocketClass = new (url: string) => object;

interface SocketOptions {
  onText(text: string): void;
  /** Its state has changed. */
  onChange(): void;
}

/** One connection of Socket Mode. */
export class SlackSocket {
  readonly #socket: PlainSocket;
  readonly #options: SocketOptions;
  /** Number of envelopes that came by it and are not done with. */
  #open = 0;
  #isRetired = false;
  #isGreeted = false;
  #isLeaving = false;
  #isClosed = false;

  constructor(WebSocket: WebSocketClass, url: string, options: SocketOptions) {
    this.#options = options;
    this.#socket = new WebSocket(url) as PlainSocket;
    this.#socket.addEventListener('message', ({ data }) => {
      // Envelopes are texts.
      if (typeof data === 'string') options.onText(data);
    });
    // An error is followed by the end.
    this.#socket.addEventListener('error', () => this.#end());
    this.#socket.addEventListener('close', () => this.#end());
  }

  /** Whether Slack gives envelopes by it. */
  get isGreeted(): boolean {
    return this.#isGreeted;
  }

  /** Whether Slack wants another one in its place. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  greet(): void {
    this.#isGreeted = true;
    this.#options.onChange();
  }

  leave(): void {
    this.#isLeaving = true;
    this.#options.onChange();
  }

  /** An envelope has come that is to be acknowledged. */
  begin(): void {
    this.#open += 1;
  }

  /**
   * An envelope is done with.
   * @param envelope that is acknowledged; without it, Slack gives it again. Where the connection is closed already, too: it counts once
   */
  finish(envelope?: string): void {
    this.#open -= 1;
    if (envelope !== undefined && !this.#isClosed) {
      this.#socket.send(JSON.stringify({ envelope_id: envelope }));
    }
    if (this.#isRetired && this.#open <= 0) this.#socket.close();
  }

  /** Closes it when all that came by it is done with. */
  retire(): void {
    this.#isRetired = true;
    if (this.#open <= 0) this.#socket.close();
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.onChange();
  }
}

/** @throws UsageError `bad_option` where there is none */
export function webSocketOf(
  WebSocket: WebSocketClass | undefined = globalThis.WebSocket,
): WebSocketClass {
  if (typeof WebSocket === 'function') return WebSocket;
  throw new UsageError(
    'bad_option',
    'Socket Mode of slack() needs a WebSocket, which this runtime does not have: Node.js has one from version 22 on. Install the package ws, and pass its `WebSocket` to slack().',
  );
}
