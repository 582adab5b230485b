import { createHash } from 'node:crypto';
import { UsageError } from '../../errors.ts';
import { systemClock } from '../../clock.ts';
import { SlotMoving, isRefusedByMove, replyOf } from './faults.ts';
import { sleep } from '../../internal/async.ts';

/** The used part of an `ioredis` client: of a `Redis`, or a `Cluster`. */
export interface IoredisClient {
  /** Runs a script that the server knows, by the SHA-1 of its text. */
  evalsha(sha: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  /** Runs a script by its text. */
  eval(lua: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** The used part of a `redis` (node-redis) client, cluster, pool or sentinel. */
export interface NodeRedisClient {
  /** Runs a script that the server knows, by the SHA-1 of its text. */
  evalSha(sha: string, options: ScriptInput): Promise<unknown>;
  /** Runs a script by its text. */
  eval(lua: string, options: ScriptInput): Promise<unknown>;
}

/** What a script is run with. */
export interface ScriptInput {
  /** The keys that it uses, all in one slot of a cluster. */
  keys: string[];
  /** What it takes besides. */
  arguments: string[];
}

/** Your client. You create, configure and close it. */
export type RedisClient = IoredisClient | NodeRedisClient;

/** A Lua script, and the name by which a server knows it after its first run. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

export function defineScript(lua: string): Script {
  return Object.freeze({ lua, sha: createHash('sha1').update(lua).digest('hex') });
}

/**
 * Runs a script on the server with the slot of its keys. Reads are scripts, too: a client sends a script to the primary,
 * but a plain read to a replica if it is configured to read from replicas.
 */
export type RunScript = (script: Script, keys: string[], args: string[]) => Promise<unknown>;

/**
 * Sends scripts by name, and in full to a server that does not know the name (a new one, or one that was restarted or
 * flushed): one round trip, or two the first time. What a cluster refuses because a slot moves is sent again.
 * @throws UsageError `bad_client`
 */
export function scriptRunner(client: RedisClient): RunScript {
  const { byName, inFull } = sendersOf(client);
  const send: RunScript = async (script, keys, args) => {
    try {
      return await byName(script.sha, keys, args);
    } catch (error) {
      if (replyOf(error) !== 'NOSCRIPT') throw error;
      return inFull(script.lua, keys, args);
    }
  };
  return isCluster(client) ? patient(send) : send;
}

/** Milliseconds before each further try of a call to a slot that moves. A slot moves key by key, and each key in a moment. */
const PAUSES_MS = [20, 40, 80, 160];

function patient(send: RunScript): RunScript {
  return async (script, keys, args) => {
    for (let tries = 0; ; tries += 1) {
      try {
        return await send(script, keys, args);
      } catch (error) {
        if (!isRefusedByMove(error)) throw error;
        const pauseMs = PAUSES_MS[tries];
        if (pauseMs === undefined) throw new SlotMoving('The slot is moving.');
        await sleep(systemClock, pauseMs);
      }
    }
  };
}

/** `isCluster` is a property of ioredis, `nodeByAddress` of node-redis. */
function isCluster(client: object): boolean {
  return ('isCluster' in client && client.isCluster === true) || 'nodeByAddress' in client;
}

type Send = (script: string, keys: string[], args: string[]) => Promise<unknown>;

function sendersOf(client: RedisClient): { byName: Send; inFull: Send } {
  if (typeof client === 'object' && client !== null) {
    if ('evalSha' in client) {
      return {
        byName: (sha, keys, args) => client.evalSha(sha, { keys, arguments: args }),
        inFull: (lua, keys, args) => client.eval(lua, { keys, arguments: args }),
      };
    }
    if ('evalsha' in client) {
      return {
        byName: (sha, keys, args) => client.evalsha(sha, keys.length, ...keys, ...args),
        inFull: (lua, keys, args) => client.eval(lua, keys.length, ...keys, ...args),
      };
    }
  }
  throw new UsageError(
    'bad_client',
    'redis() takes a client: an ioredis `Redis` or `Cluster`, or the result of `createClient()` of the package redis. This value has neither `evalsha` nor `evalSha`.',
  );
}
