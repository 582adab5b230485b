import { jsonCodec } from '../context/record/json-codec.ts';
import { type Stub, failureOf, hangs, takes } from './services.ts';
import { given } from '../internal/given.ts';
import { formatSpan, spanIn } from '../internal/event-words.ts';
import type { Fail } from './transcript-time.ts';

/** What services bring, in transcripts: `book gives {"id":7} after 1m`, `book fails`, `book hangs`; and `deadline 5s`. */

/** How the next call of a service goes that comes after this line, and after those that earlier lines are about. */
export interface ServiceLine {
  readonly kind: 'service';
  /** The name of the service. */
  readonly name: string;
  /** How the call ends; `hangs` is never. */
  readonly does: 'gives' | 'fails' | 'hangs';
  /** What it gives, plain data; or the message of the error that it fails with. */
  readonly what?: unknown;
  /** Milliseconds that it takes, in virtual time. */
  readonly afterMs?: number;
}

/** From here on an answer waits at most `ms` for services; 0: it does not wait. */
export interface DeadlineLine {
  readonly kind: 'deadline';
  /** Milliseconds. */
  readonly ms: number;
}

const SERVICE = /^([^\s"]+|"(?:[^"\\]|\\.)*") (gives|fails|hangs)((?: .*)?)$/su;
const AFTER = /^(.*) after (\d\w*)$/su;

export function parseService(content: string, fail: Fail): ServiceLine | DeadlineLine {
  const [, named, does, rest = ''] = SERVICE.exec(content) ?? [];
  if (named === undefined) {
    const ms = spanIn(/^deadline (\S+)$/u.exec(content)?.[1] ?? '');
    return ms === undefined ? fail(NO_SERVICE) : { kind: 'deadline', ms };
  }
  const name = named.startsWith('"') ? (jsonIn(named, fail) as string) : named;
  const [, before = rest, after] = AFTER.exec(rest) ?? [];
  const afterMs = after === undefined ? undefined : (spanIn(after) ?? fail(NO_SERVICE));
  const json = before.trim();
  const what = json === '' ? undefined : jsonIn(json, fail);
  const isOdd = does === 'hangs' && rest !== '';
  if (isOdd || (does === 'fails' && what !== undefined && typeof what !== 'string')) {
    return fail(NO_SERVICE);
  }
  return {
    kind: 'service',
    name,
    does: does as ServiceLine['does'],
    ...given({ what, afterMs }),
  };
}

const NO_SERVICE =
  'should say how a service goes, as book gives {"id":7} after 1m, book fails "sold out" or book hangs; or how long answers wait for services, as deadline 5s';

function jsonIn(text: string, fail: Fail): unknown {
  try {
    return jsonCodec.decode(text);
  } catch {
    return fail('has something in it that should be JSON and is not');
  }
}

/** @throws ColloquyError `not_plain` for what a service gives and JSON has no words for */
export function formatService(line: ServiceLine | DeadlineLine): string {
  if (line.kind === 'deadline') return `deadline ${formatSpan(line.ms)}`;
  const { name, does, what, afterMs } = line;
  const named = /^[^\s"]+$/u.test(name) && name.isWellFormed() ? name : JSON.stringify(name);
  const said = what === undefined ? '' : ` ${jsonCodec.encode(what)}`;
  return `${named} ${does}${said}${afterMs === undefined ? '' : ` after ${formatSpan(afterMs)}`}`;
}

/** A stub that goes as the line says. */
export function stubOf({ name, does, what, afterMs = 0 }: Omit<ServiceLine, 'kind'>): Stub {
  if (does === 'hangs') return hangs();
  const end: Stub = async () => {
    if (does === 'gives') return what;
    throw new Error(typeof what === 'string' ? what : failureOf(name));
  };
  return afterMs > 0 ? takes(afterMs, end) : end;
}
