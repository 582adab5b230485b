import { PersistError } from '../../errors.ts';

type Code = 'unavailable' | 'refused' | 'corrupt';

/**
 * What a reply of the server means for a caller, and what to do about it, by the first word of the reply
 * (https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors).
 */
const MEANINGS: Readonly<Record<string, readonly [code: Code, text: string]>> = {
  LOADING: ['unavailable', 'It is reading its data from disk; try again.'],
  BUSY: ['unavailable', 'A script of another client runs for a long time; try again.'],
  READONLY: ['unavailable', 'It is a replica; try again when the client has found the primary.'],
  MASTERDOWN: ['unavailable', 'It is a replica that has lost its primary; try again.'],
  CLUSTERDOWN: ['unavailable', 'A part of the cluster is down; try again.'],
  TRYAGAIN: ['unavailable', 'The slot is moving to another node; try again.'],
  NOREPLICAS: [
    'unavailable',
    'It has fewer replicas than `min-replicas-to-write`; nothing was saved.',
  ],
  MISCONF: ['unavailable', 'It cannot write to its disk; look at its log. Nothing was saved.'],
  OOM: ['unavailable', 'It is at its `maxmemory`; give it more. Nothing was saved.'],
  WRONGTYPE: [
    'corrupt',
    'A key under the prefix is not from colloquy; choose a prefix that no one else uses.',
  ],
  NOAUTH: ['refused', 'It requires a password; give the client one.'],
  WRONGPASS: ['refused', "The client's user or password is wrong."],
  NOPERM: [
    'refused',
    "The client's user has no right to that; docs/persisters.md lists the commands and keys.",
  ],
  MOVED: ['refused', 'It is a node of a cluster; pass a cluster client.'],
  ASK: ['refused', 'It is a node of a cluster; pass a cluster client.'],
};

/** The errors of clients for a call that they gave up: "Command timed out" of ioredis, `TimeoutError` of node-redis. */
const GIVEN_UP = /timed out|timeout/i;

/**
 * Our error for an error of a client. Errors of clients quote the command (openid and body), and may quote the connection:
 * neither their text nor the error as a cause is kept, only its kind.
 */
export function faultOf(thrown: unknown, openid?: string): PersistError {
  const reply = isMoving(thrown) ? 'TRYAGAIN' : replyOf(thrown);
  if (reply !== undefined) {
    const [code, text] = MEANINGS[reply] ?? ['refused', 'See its reply for the reason.'];
    return new PersistError(code, `Redis refused the call with ${reply}. ${text}`, {
      retryable: code === 'unavailable',
      openid,
      details: { reply },
    });
  }
  const isGivenUp =
    thrown instanceof Error && GIVEN_UP.test(`${thrown.constructor.name} ${thrown.message}`);
  const what = isGivenUp
    ? 'waited too long for an answer'
    : 'is not connected, or lost its connection during the call';
  return new PersistError(
    isGivenUp ? 'timeout' : 'unavailable',
    `The Redis client ${what}; whether a write took effect is not known until the record is read again.`,
    { retryable: true, openid, details: { reason: reasonOf(thrown) } },
  );
}

const MOVING: ReadonlySet<string | undefined> = new Set([
  'MOVED',
  'ASK',
  'TRYAGAIN',
  'CLUSTERDOWN',
]);

/** An error that a cluster client gave up on, because the slot of the call is moving to another node. */
export class SlotMoving extends Error {}

/** Whether a script was stopped, or ioredis followed too many redirections, because a slot moves. */
function isMoving(thrown: unknown): boolean {
  if (thrown instanceof SlotMoving) return true;
  return (
    thrown instanceof Error &&
    /attempted to access a non local key|^Too many Cluster redirections/i.test(thrown.message)
  );
}

/**
 * Whether a node refused a call, before it did anything, because a slot moves.
 * @param thrown by a cluster client: if another client is given a cluster, trying again does not help
 */
export function isRefusedByMove(thrown: unknown): boolean {
  return isMoving(thrown) || MOVING.has(replyOf(thrown));
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
export function illFormed(openid: string): PersistError {
  return new PersistError(
    'refused',
    'This body has a lone surrogate, which UTF-8 does not have. The codec has to write it as an escape, as JSON does.',
    { openid },
  );
}
export function closedError(): PersistError {
  return new PersistError('closed', 'The Redis persister is closed; make a new one.');
}
