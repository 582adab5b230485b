import { ColloquyError } from '../../errors.ts';
import { Barrier } from '../../internal/async.ts';
import { fieldsOf, given, nameOf } from '../../internal/fields.ts';
import type { ChannelSource, SourceOpening } from '../channel.ts';
import type { Delivery } from '../reception.ts';
import { badBody, parseJson } from '../json-body.ts';
import { type Fetch, postJson } from '../web-api.ts';
import { refusalOf } from './push.ts';
import { SlackSocket, type WebSocketClass } from './socket.ts';

/** How long Slack may take to give an address, and to greet. */
const OPENING_MS = 10_000;
/**
 * A connection is replaced after this time. No event reports a dead one, as after a laptop slept; what Slack could not give by it
 * comes by the next one.
 */
const REFRESH_MS = 300_000;

export interface SocketModeOptions {
  readonly baseUrl: string;
  readonly fetch: Fetch;
  readonly appToken: string;
  readonly WebSocket: WebSocketClass;
  /** The longest envelope, in characters. */
  readonly maxLength: number;
  /** Makes messages of what an envelope carries. @throws MessageError where it is none */
  read(type: string, payload: unknown): Delivery;
}

/**
 * Asks Slack for its events by Socket Mode (https://docs.slack.dev/apis/events-api/using-socket-mode). Slack gives an envelope, and
 * gives an event again that is not acknowledged within three seconds, by any connection. So there is nothing to store: an envelope is
 * acknowledged when its messages are committed.
 */
export function createSocketMode(options: SocketModeOptions): ChannelSource {
  return { open: (opening) => new SocketMode(options, opening).run() };
}

class SocketMode {
  readonly #options: SocketModeOptions;
  readonly #opening: SourceOpening;
  readonly #progress = new Barrier();
  /** Number of envelopes that are not acknowledged. */
  #pending = 0;
  #fault: { readonly error: unknown } | undefined;

  constructor(options: SocketModeOptions, opening: SourceOpening) {
    this.#options = options;
    this.#opening = opening;
    opening.signal.addEventListener('abort', () => this.#progress.check(), { once: true });
  }

  async run(): Promise<void> {
    const { clock, signal } = this.#opening;
    let current: SlackSocket | undefined;
    try {
      while (!this.#isOver()) {
        const next = await this.#connect();
        // The one before is open until the next one has greeted, so that nothing falls between them.
        current?.retire();
        current = next;
        const isReplaced = (): boolean => this.#isOver() || next.isLeaving || next.isClosed;
        await this.#progress.until(isReplaced, { clock, at: clock.now() + REFRESH_MS });
        if (next.isClosed && !this.#isOver()) throw failed('closed');
      }
    } catch (error) {
      if (!signal.aborted) this.#fault ??= { error };
    }
    // What was taken is acknowledged by the connection that is still there.
    current?.retire();
    await this.#progress.until(() => this.#pending === 0);
    if (!signal.aborted && this.#fault !== undefined) throw this.#fault.error;
  }

  #isOver(): boolean {
    return this.#opening.signal.aborted || this.#fault !== undefined;
  }

  async #connect(): Promise<SlackSocket> {
    const { clock, signal } = this.#opening;
    const socket = new SlackSocket(this.#options.WebSocket, await this.#address(), {
      onText: (text) => this.#hear(socket, text),
      onChange: () => this.#progress.check(),
    });
    const isThere = (): boolean => socket.isGreeted || socket.isClosed || signal.aborted;
    await this.#progress.until(isThere, { clock, at: clock.now() + OPENING_MS });
    if (socket.isGreeted && !socket.isClosed) return socket;
    socket.retire();
    signal.throwIfAborted();
    throw failed(socket.isClosed ? 'closed' : 'timeout');
  }

  /** The address of a connection, for one use. */
  async #address(): Promise<string> {
    const { baseUrl, fetch, appToken } = this.#options;
    const { clock, signal } = this.#opening;
    const limit = new AbortController();
    const cancel = clock.wake(clock.now() + OPENING_MS, () => limit.abort(), {
      holdsProcess: true,
    });
    try {
      const answer = await postJson(fetch, {
        channel: 'slack',
        url: `${baseUrl}/apps.connections.open`,
        headers: { authorization: `Bearer ${appToken}` },
        body: '{}',
        signal: AbortSignal.any([limit.signal, signal]),
        noAnswer: (reason) => failed(limit.signal.aborted ? 'timeout' : reason),
      });
      const refusal = refusalOf(answer);
      const { retryAfterMs, reason } = refusal?.details ?? {};
      if (refusal?.code === 'unauthorized') throw refusedFor(String(reason));
      const url = nameOf(fieldsOf(answer.data)['url']);
      if (refusal === undefined && url !== undefined) return url;
      throw failed(
        `HTTP ${answer.status}`,
        typeof retryAfterMs === 'number' ? retryAfterMs : undefined,
      );
    } finally {
      cancel();
    }
  }

  #hear(socket: SlackSocket, text: string): void {
    let envelope: string | undefined;
    let delivery: Delivery;
    try {
      if (text.length > this.#options.maxLength) throw badBody('a shorter envelope');
      const { envelope_id: id, type, payload, reason } = fieldsOf(parseJson(text));
      if (type === 'hello') return socket.greet();
      if (type === 'disconnect') return this.#leave(socket, reason);
      envelope = nameOf(id);
      if (envelope === undefined) return;
      delivery = this.#options.read(String(type), payload);
    } catch (error) {
      // As of a webhook: it would come again and again, and never be another one.
      this.#opening.report(ColloquyError.is(error) ? error : badBody('an envelope of Slack'));
      if (envelope === undefined) return;
      socket.begin();
      socket.finish(envelope);
      return;
    }
    const id = envelope;
    this.#pending += 1;
    socket.begin();
    void this.#opening
      .take(delivery)
      .then(
        () => socket.finish(id),
        (error: unknown) => {
          this.#fault ??= { error };
          socket.finish();
        },
      )
      .finally(() => {
        this.#pending -= 1;
        this.#progress.check();
      });
  }

  /** Slack closes the connection soon, and gives another one; unless Socket Mode was turned off. */
  #leave(socket: SlackSocket, reason: unknown): void {
    if (reason === 'link_disabled') this.#fault ??= { error: refusedFor('link_disabled') };
    socket.leave();
  }
}

function failed(reason: string, retryAfterMs?: number): ColloquyError {
  return new ColloquyError(
    'source_failed',
    `Slack gave no connection to a source, or ended it (${reason}). It is asked again; Slack gives events again that were not acknowledged.`,
    { retryable: true, details: { channel: 'slack', reason, ...given({ retryAfterMs }) } },
  );
}

function refusedFor(reason: string): ColloquyError {
  const why =
    reason === 'link_disabled'
      ? 'Socket Mode of the app is off. Turn it on in its settings'
      : 'it does not take the app-level token, which begins with xapp- and has the scope connections:write. Take it from Basic Information of the app';
  return new ColloquyError(
    'source_refused',
    `Slack refused a source (${reason}): ${why}, and start again.`,
    { details: { channel: 'slack', reason } },
  );
}
