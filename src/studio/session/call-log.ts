import { isDeepStrictEqual } from 'node:util';
import type { TranscriptLine } from '../../testing/transcript.ts';

/** How a service or a recognizer ended. */
export type CallEnd = { readonly output: unknown } | { readonly error: unknown };

/** A call of a service or of a recognizer. */
interface Call {
  readonly kind: 'service' | 'recognizer';
  readonly name: string;
  readonly input: unknown;
  /** Of a run of a service; a recognizer has none. */
  readonly token: string | undefined;
  /** The user whose conversation waits for it, if that is known. */
  readonly openid: string | undefined;
}

/** A call as it went. */
export interface LoggedCall extends Call {
  /** Epoch milliseconds of virtual time. */
  readonly startedAt: number;
  /** The last line of the transcript when it began; undefined if there was none. */
  readonly line: TranscriptLine | undefined;
  /** Its place among the beginnings and ends of all calls. */
  readonly order: number;
  /** Undefined while it runs. */
  end?: { readonly how: CallEnd; readonly at: number; readonly order: number };
  /** Whether it continues a run that began before a journey through time, and is no other call. */
  readonly isResumed: boolean;
}

/** An outcome that is known from a time that was taken back. */
export interface KnownEnd extends Call {
  readonly how: CallEnd;
  /** Virtual milliseconds that it took. */
  readonly tookMs: number;
  readonly endedAt: number;
}

/** The maximum of calls that are remembered, and of known outcomes; the oldest leave first. */
const MAX_CALLS = 1000;

/**
 * The calls of services and recognizers, and how they ended. After a journey back in time, what ended later is known: a
 * call that is made again gets that outcome, and nothing runs.
 */
export class CallLog {
  #calls: LoggedCall[] = [];
  #known: KnownEnd[] = [];
  #order = 0;

  /** The moment, to come back to by `rewind`. */
  get mark(): number {
    return this.#order;
  }

  /** The calls of services, in the order in which they began. */
  get services(): readonly LoggedCall[] {
    return this.#calls.filter(({ kind }) => kind === 'service');
  }

  begin(call: Call, startedAt: number, line: TranscriptLine | undefined): LoggedCall {
    const resumed = this.#calls.find(
      ({ token, end, isResumed }) =>
        isResumed && end === undefined && token !== undefined && token === call.token,
    );
    if (resumed !== undefined) return resumed;
    this.#order += 1;
    const logged: LoggedCall = {
      ...call,
      input: copyOf(call.input),
      startedAt,
      line,
      order: this.#order,
      isResumed: false,
    };
    this.#calls.push(logged);
    if (this.#calls.length > MAX_CALLS) this.#calls.shift();
    return logged;
  }

  end(call: LoggedCall, how: CallEnd, at: number): void {
    this.#order += 1;
    call.end = { how, at, order: this.#order };
  }

  /** Takes the outcome of a call that is known; undefined if none is. A run that continues ends when it ended then. */
  take({ kind, name, input, token }: Omit<Call, 'openid'>): KnownEnd | undefined {
    const isOf = (known: KnownEnd): boolean => known.kind === kind && known.name === name;
    let index = this.#known.findIndex((known) => token !== undefined && known.token === token);
    if (index < 0) {
      index = this.#known.findIndex(
        (known) => isOf(known) && isDeepStrictEqual(known.input, input),
      );
    }
    return index < 0 ? undefined : this.#known.splice(index, 1)[0];
  }

  /** From now on, calls of this service are made again. */
  forget(name: string): void {
    this.#known = this.#known.filter((known) => known.kind !== 'service' || known.name !== name);
  }

  /** The process has ended: of the calls that run, no end is heard. */
  cutOff(): void {
    this.#calls = this.#calls.map((call) => (call.end === undefined ? { ...call } : call));
  }

  /** Goes back to a moment. What ended later is known from now on. */
  rewind(mark: number): void {
    const isLater = ({ end }: LoggedCall): boolean => end !== undefined && end.order > mark;
    const later = this.#calls.filter(isLater).flatMap(knownOf);
    this.#known = [...later, ...this.#known].slice(0, MAX_CALLS);
    this.#calls = this.#calls
      .filter(({ order }) => order <= mark)
      .map((call) => {
        if (call.end !== undefined && !isLater(call)) return call;
        const { end: _end, ...open } = call;
        return { ...open, isResumed: true };
      });
  }
}

function knownOf(call: LoggedCall): KnownEnd[] {
  const { kind, name, input, token, openid, startedAt, end } = call;
  if (end === undefined) return [];
  const { how, at } = end;
  return [{ kind, name, input, token, openid, how, tookMs: at - startedAt, endedAt: at }];
}

/** A copy, since a service may change what it got. */
function copyOf(input: unknown): unknown {
  try {
    return structuredClone(input);
  } catch {
    return input;
  }
}
