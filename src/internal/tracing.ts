import { builtin } from './builtin.ts';

/** A named channel with any number of subscribers. Without one, the publisher does not even make a message. */
export interface TraceChannel<Message> {
  readonly hasSubscribers: boolean;
  publish(message: Message): void;
  /** The subscriber must not throw: what it throws is an uncaught exception of the process. */
  subscribe(subscriber: (message: Message) => void): void;
  unsubscribe(subscriber: (message: Message) => void): boolean;
}

/**
 * The channel of this name: that of Node's `diagnostics_channel` if the runtime has it, otherwise one of our own. All
 * copies of the library in a process share it.
 */
export function channel<Message>(name: string): TraceChannel<Message> {
  const diagnostics = builtin('node:diagnostics_channel') as Diagnostics | undefined;
  return (diagnostics?.channel(name) ?? ownChannel(name)) as TraceChannel<Message>;
}

interface Diagnostics {
  readonly channel: (name: string) => unknown;
}

const OWN = Symbol.for('colloquy.channels');

/** For a runtime without Node's channels. */
export function ownChannel(name: string): TraceChannel<unknown> {
  const shared = globalThis as { [OWN]?: Map<string, OwnChannel> };
  const channels = (shared[OWN] ??= new Map());
  let found = channels.get(name);
  if (found === undefined) channels.set(name, (found = new OwnChannel()));
  return found;
}

class OwnChannel implements TraceChannel<unknown> {
  #subscribers: readonly ((message: unknown) => void)[] = [];

  get hasSubscribers(): boolean {
    return this.#subscribers.length > 0;
  }

  publish(message: unknown): void {
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(message);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  subscribe(subscriber: (message: unknown) => void): void {
    this.#subscribers = [...this.#subscribers, subscriber];
  }

  unsubscribe(subscriber: (message: unknown) => void): boolean {
    const at = this.#subscribers.indexOf(subscriber);
    if (at < 0) return false;
    this.#subscribers = this.#subscribers.toSpliced(at, 1);
    return true;
  }
}
