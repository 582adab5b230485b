import { PersistError } from '../../errors.ts';

/** The meaning of a reply of the server for a caller, and what to do about it. */
interface Meaning {
  readonly code: 'unavailable' | 'refused' | 'corrupt';
  readonly text: string;
}

const NOT_NOW = (text: string): Meaning => ({ code: 'unavailable', text });
const NOT_EVER = (text: string): Meaning => ({ code: 'refused', text });

/** Replies by their first word (https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors). */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ['LOADING', NOT_NOW('It is reading its data from disk; try again.')],
  ['BUSY', NOT_NOW('A script of another client runs for a long time; try again.')],
  ['READONLY', NOT_NOW('It is a replica; try again when the client has found the primary.')],
  ['MASTERDOWN', NOT_NOW('It is a replica that has lost its primary; try again.')],
  ['CLUSTERDOWN', NOT_NOW('A part of the cluster is down; try again.')],
  ['TRYAGAIN', NOT_NOW('The slot is moving to another node; try again.')],
  ['NOREPLICAS', NOT_NOW('It has fewer replicas than `min-replicas-to-write`; nothing was saved.')],
  ['MISCONF', NOT_NOW('It cannot write to its disk; look at its log. Nothing was saved.')],
  ['OOM', NOT_NOW('It is at its `maxmemory`; give it more. Nothing was saved.')],
  [
    'WRONGTYPE',
    {
      code: 'corrupt',
      text: 'A key under the prefix is not from colloquy; choose a prefix that no one else uses.',
    },
  ],
  ['NOAUTH', NOT_EVER('It requires a password; give the client one.')],
  ['WRONGPASS', NOT_EVER("The client's user or password is wrong.")],
  [
    'NOPERM',
    NOT_EVER(
      "The client's user has no right to that; the documentation of redis() lists the commands and keys.",
    ),
  ],
  ['MOVED', NOT_EVER('It is a node of a cluster; pass a cluster client.')],
  ['ASK', NOT_EVER('It is a node of a cluster; pass a cluster client.')],
]);

/** The errors of clients for a call that they gave up: "Command timed out" of ioredis, `TimeoutError` of node-redis. */
const GIVEN_UP = /timed out|timeout/i;

/**
 * Our error for an error of a client. Errors of clients quote the command (openid and body), and may quote the connection:
 * neither their text nor the error as a cause is kept, only its kind.
 */
export function faultOf(thrown: unknown, openid?: string): PersistError {
  const reply = replyOf(thrown);
  if (reply !== undefined) {
    const { code, text } = MEANINGS.get(reply) ?? NOT_EVER('See its reply for the reason.');
    return new PersistError(code, `Redis refused the call with ${reply}. ${text}`, {
      retryable: code === 'unavailable',
      openid,
      details: { reply },
    });
  }
  const details = { reason: reasonOf(thrown) };
  if (thrown instanceof Error && GIVEN_UP.test(`${thrown.constructor.name} ${thrown.message}`)) {
    return new PersistError(
      'timeout',
      'The Redis client waited too long for an answer; whether a write took effect is not known until the record is read again.',
      { retryable: true, openid, details },
    );
  }
  return new PersistError(
    'unavailable',
    'The Redis client is not connected, or lost its connection during the call; whether a write took effect is not known until the record is read again.',
    { retryable: true, openid, details },
  );
}

/** @param what is wrong with a stored record */
export function corruptRecord(what: string, openid?: string): PersistError {
  return new PersistError(
    'corrupt',
    `A key of Redis under the prefix ${what}; did another program write it?`,
    { openid },
  );
}

/** The first word of the server's reply; undefined for an error of the client itself. */
export function replyOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  // Before version 7, the reply to a command inside a script is wrapped: `ERR Error running script … : WRONGTYPE …`.
  const inner = /@user_script: ?\d+: (?:@user_script: ?\d+: )?-?([A-Z]{3,24}) /.exec(
    thrown.message,
  );
  return inner?.[1] ?? /^-?([A-Z]{3,24})(?: |$)/.exec(thrown.message)?.[1];
}

/** For example `ECONNREFUSED` or `MaxRetriesPerRequestError`. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown;
  const { code } = thrown as { code?: unknown };
  const candidates = [code, thrown.constructor.name, thrown.name];
  const isName = (name: unknown): name is string =>
    typeof name === 'string' && /^\w{1,64}$/.test(name);
  return candidates.find(isName) ?? 'Error';
}
