import { NONE, type ConversationRecord, type RunningService, type Timer } from './record.ts';
import { type Effect, actorPath, isWithin } from '../../dialogue/engine/effect.ts';
import { isAfter } from '../../dialogue/engine/delays.ts';
import { StepError } from '../../errors.ts';
import { jsonSize } from '../../internal/plain-data.ts';
import { freezeValue } from './frozen.ts';

/** The maximum of timers, and of services, that one conversation may have pending. */
const MAX_PENDING = 64;
/** The maximum of bytes, as JSON, of the events of its timers together, and of the inputs of its services together. */
const MAX_PENDING_BYTES = 4 * 1024 * 1024;

/** Applies the effects of a step to the timers and services of a conversation. The lists are copied when they change. */
export class Pending {
  timers: readonly Timer[];
  services: readonly RunningService[];
  started: readonly RunningService[] = NONE;
  stopped: readonly string[] = NONE;
  readonly #now: number;
  readonly #createId: () => string;

  constructor(
    base: ConversationRecord | undefined,
    used: Timer | RunningService | undefined,
    now: number,
    createId: () => string,
  ) {
    this.timers = without(base?.timers ?? NONE, (timer) => timer === used);
    this.services = without(base?.services ?? NONE, (service) => service === used);
    this.#now = now;
    this.#createId = createId;
  }

  apply(effect: Effect): void {
    switch (effect.type) {
      case 'set':
        return this.#set(effect);
      case 'clear':
        this.timers = without(this.timers, ({ actor, id }) =>
          effect.id === undefined
            ? effect.actor === '' || isWithin(actor, effect.actor)
            : actor === effect.actor && id === effect.id,
        );
        return;
      case 'start':
        return this.#start(effect);
      case 'stop':
        return this.#stop(effect);
      default:
    }
  }

  #set({ actor, id, event, delayMs }: Effect & { type: 'set' }): void {
    if (!Number.isFinite(delayMs)) {
      throw new StepError(
        'bad_delay',
        `A delay is a finite number of milliseconds; that of '${id ?? event.type}' was not.`,
      );
    }
    const timer: Timer = {
      actor,
      id: id ?? `anonymous.${this.#createId()}`,
      event: freezeEvent(event),
      dueAt: this.#now + Math.max(delayMs, 0),
    };
    const others = without(this.timers, (other) => other.actor === actor && other.id === timer.id);
    this.timers = withOneMore(others, timer);
    limit(this.timers, 'timers', isBare(timer.event) ? nothing : eventOf);
  }

  #start({ actor, id, src, input }: Effect & { type: 'start' }): void {
    this.#stop({ type: 'stop', actor, id });
    const service = { actor, id, src, input: freezeValue(input), token: this.#createId() };
    this.services = withOneMore(this.services, service);
    this.started = withOneMore(this.started, service);
    limit(this.services, 'services', inputOf);
  }

  #stop({ actor, id, pauses }: Effect & { type: 'stop' }): void {
    const path = actorPath(actor, id);
    const isStopped = (service: RunningService): boolean =>
      (service.actor === actor && service.id === id) || isWithin(service.actor, path);
    for (const service of this.services) {
      if (isStopped(service)) this.stopped = [...this.stopped, service.token];
    }
    this.services = without(this.services, isStopped);
    this.started = without(this.started, isStopped);
    this.timers = without(
      this.timers,
      (timer) => isWithin(timer.actor, path) && (pauses !== true || isAfter(timer.id)),
    );
  }
}

/** Frozen copies of events that have only a type: all users of a machine share the one of an `after`. */
const BARE_EVENTS = new WeakMap<object, { readonly type: string }>();

function freezeEvent(event: { readonly type: string }): { readonly type: string } {
  if (!isBare(event)) return freezeValue(event);
  let frozen = BARE_EVENTS.get(event);
  if (frozen?.type !== event.type) BARE_EVENTS.set(event, (frozen = freezeValue(event)));
  return frozen;
}

/** The list without the items that match; the same list if no item does. */
export function without<T>(list: readonly T[], matches: (item: T) => boolean): readonly T[] {
  if (!list.some(matches)) return list;
  return list.length === 1 ? NONE : list.filter((item) => !matches(item));
}

/** Makes an array of exactly the needed size: V8 gives a literal that spreads room for sixteen more items. */
function withOneMore<T>(list: readonly T[], item: T): readonly T[] {
  return list.length === 0 ? [item] : list.concat(item);
}

function limit<T>(pending: readonly T[], what: string, partOf: (item: T) => unknown): void {
  if (pending.length > MAX_PENDING) {
    throw new StepError(
      'too_many_pending',
      `A conversation may have ${MAX_PENDING} ${what} pending; give delayed events an id so that they replace one another.`,
    );
  }
  let bytes = 0;
  for (const item of pending) bytes += bytesOfPart(partOf(item));
  if (bytes <= MAX_PENDING_BYTES) return;
  throw new StepError(
    'too_many_pending',
    `The ${what} that a conversation has pending may hold ${MAX_PENDING_BYTES} bytes together, and these hold ${bytes}: keep what is large elsewhere, and have events and inputs name it.`,
    { details: { size: bytes, limit: MAX_PENDING_BYTES } },
  );
}

/** The bytes of the events of a conversation's timers and of the inputs of its services. */
export function bytesOfPending({
  timers,
  services,
}: Pick<ConversationRecord, 'timers' | 'services'>): number {
  let bytes = 0;
  for (const timer of timers) bytes += bytesOfPart(eventOf(timer));
  for (const service of services) bytes += bytesOfPart(inputOf(service));
  return bytes;
}

const eventOf = ({ event }: Timer): unknown => (isBare(event) ? undefined : event);
const inputOf = ({ input }: RunningService): unknown => input;
const nothing = (): undefined => undefined;

function bytesOfPart(part: unknown): number {
  return part === undefined ? 0 : jsonSize({ part });
}

/** Whether an event has only a type, as that of an `after` has. */
function isBare(event: { readonly type: string }): boolean {
  for (const key in event) if (key !== 'type') return false;
  return true;
}
