import { type Script, defineScript } from './client.ts';

/*
 * Redis runs a script alone and writes all of its effects to the append-only file and to replicas as one. It does not
 * roll back one that fails in the middle, so in each of these everything that can fail (a key of another type, a full
 * memory) comes before the first effect, or is it.
 */

/**
 * Claims the prefix for a layout, and counts who opens it.
 * KEYS layout · ARGV signature → signature found, number of this opening, eviction policy or ''
 */
export const OPEN: Script = defineScript(`
redis.call('HSETNX', KEYS[1], 'signature', ARGV[1])
local found = redis.call('HGET', KEYS[1], 'signature')
if found ~= ARGV[1] then return {found, 0, ''} end
local info = redis.pcall('INFO', 'memory')
local policy = type(info) == 'string' and string.match(info, 'maxmemory_policy:([%w-]+)') or ''
return {found, redis.call('HINCRBY', KEYS[1], 'opened', 1), policy}
`);

/** KEYS record → record or nil */
export const LOAD: Script = defineScript(`return redis.call('GET', KEYS[1])`);

/**
 * Keeps a record if the stored revision is the expected one, and gives a lease back. A record that carries the stamp of
 * this very call was kept by it before: the client has sent it twice, because it lost the connection and with it the
 * first answer.
 *
 * A revision is the server's time in microseconds, or the next one after the last where that is later. So it grows also
 * after a crash or a failover that lost the last second, and what had been given in it is not given again. Modulo
 * the number of shards it is the shard, so no two shards give the same one.
 *
 * KEYS record, due, revision, lease? · ARGV expected or '', the rest of the record, wakeAt, openid, stamp, shard, shards, owner?
 * → revision, or nil where it is a conflict
 */
export const SAVE: Script = defineScript(`
local stored = redis.call('GETRANGE', KEYS[1], 0, 15)
if stored ~= ARGV[1] then
  local stamp = string.match(redis.call('GETRANGE', KEYS[1], 17, 80), '^%S+')
  if stamp ~= ARGV[5] then return false end
  return stored
end
local last = tonumber(redis.call('GET', KEYS[3])) or 0
local mine = KEYS[4] and redis.call('GET', KEYS[4]) == ARGV[8]
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local shards = tonumber(ARGV[7])
local revision = string.format('%016.0f', math.max(last + shards, now - math.fmod(now, shards) + ARGV[6]))
redis.call('SET', KEYS[3], revision)
redis.call('SET', KEYS[1], revision .. ARGV[2])
if mine then redis.call('DEL', KEYS[4]) end
return revision
`);

/** KEYS record, due · ARGV expected or '', openid → 1 or 0 */
export const DELETE: Script = defineScript(`
local stored = redis.call('GETRANGE', KEYS[1], 0, 15)
if stored == '' or (ARGV[1] ~= '' and stored ~= ARGV[1]) then return 0 end
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('DEL', KEYS[1])
return 1
`);

/** KEYS due · ARGV until, limit → openids and scores by turns */
export const DUE: Script = defineScript(
  `return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[2])`,
);

/** KEYS record, lease · ARGV owner, milliseconds → { record or nil }, or the milliseconds for which another has it */
export const TAKE: Script = defineScript(`
local owner = redis.call('GET', KEYS[2])
if owner and owner ~= ARGV[1] then return redis.call('PTTL', KEYS[2]) end
local record = redis.call('GET', KEYS[1])
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return {record}
`);

/** KEYS any, for its server is the one to ask → seconds since 1970, and microseconds beside them */
export const TIME: Script = defineScript(`return redis.call('TIME')`);

/** KEYS lease · ARGV owner */
export const RELEASE: Script = defineScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
`);
