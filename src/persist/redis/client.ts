import { createHash } from 'node:crypto';
import { UsageError } from '../../errors.ts';
import { replyOf } from './faults.ts';

/** What is used of an `ioredis` client: a `Redis`, or a `Cluster`. */
export interface IoredisClient {
  evalsha(sha: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(lua: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** What is used of a `redis` (node-redis) client: of a client, a cluster, a pool or a sentinel. */
export interface NodeRedisClient {
  evalSha(sha: string, options: ScriptInput): Promise<unknown>;
  eval(lua: string, options: ScriptInput): Promise<unknown>;
}

export interface ScriptInput {
  keys: string[];
  arguments: string[];
}

export type RedisClient = IoredisClient | NodeRedisClient;

/** A Lua script, and the name under which a server that has seen it before knows it. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

export function defineScript(lua: string): Script {
  return Object.freeze({ lua, sha: createHash('sha1').update(lua).digest('hex') });
}

/**
 * Runs a script on the server that has the slot of its keys. Everything goes by scripts, reads too: a client sends a
 * script to the primary, where it would send a plain read to a replica if it were told to read from them.
 */
export type RunScript = (script: Script, keys: string[], args: string[]) => Promise<unknown>;

/**
 * Sends scripts by name, and in full to a server that does not know the name (a new one, one that was restarted or
 * flushed, one that made room): one round trip, or two the first time.
 * @throws UsageError `bad_client`
 */
export function scriptRunner(client: RedisClient): RunScript {
  const { byName, inFull } = sendersOf(client);
  return async (script, keys, args) => {
    try {
      return await byName(script.sha, keys, args);
    } catch (error) {
      if (replyOf(error) !== 'NOSCRIPT') throw error;
      return inFull(script.lua, keys, args);
    }
  };
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
    'redis() takes a client: an ioredis `Redis` or `Cluster`, or what `createClient()` of the package redis returns. This has neither `evalsha` nor `evalSha`.',
  );
}
