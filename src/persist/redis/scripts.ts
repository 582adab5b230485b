import { type Script, defineScript } from './client.ts';

/*
 * Redis runs a script alone and writes all of its effects to the append-only file and to replicas together. It does not
 * roll back a script that fails in the middle. So in each of these scripts, everything that can fail (a key of another
 * type, a full memory) is before the first effect, or is the first effect.
 *
 * LOAD, TAKE and SAVE work on several records of one shard, independently: the answer for a record that fails is a list
 * with the text of its error, and the others succeed.
 */

/** The parts of a record's head as text. A head with a revision and without a lease is of format 1. */
const HEADS = `
local NONE = '0000000000000000'
local FREE = '0000000000000----------------------'
local function isFormer(head)
  return string.byte(head, 17) == 32
end
local function filedAtOf(head)
  if isFormer(head) then return string.match(head, '^%S+ (%S+)', 18) end
  return string.match(head, '^%S+', 52)
end
local function wakeAtAndStampOf(head)
  if isFormer(head) then
    local stamp, wakeAt = string.match(head, '^(%S+) (%S+)\\n', 18)
    return wakeAt, stamp
  end
  return string.match(head, '^(%S+) (%S+)\\n', 77)
end
`;

/** @param each the body of a function with the number of a record and its key as parameters */
function forEachKey(first: number, each: string): string {
  return `
local function each(index, key)
${each}
end
local answers = {}
for index = 1, #KEYS - ${first - 1} do
  local done, answer = pcall(each, index, KEYS[index + ${first - 1}])
  answers[index] = done and answer or not done and { type(answer) == 'table' and answer.err or answer }
end
return answers
`;
}

const POLICY_OF_SERVER = `
local info = redis.pcall('INFO', 'memory')
local policy = type(info) == 'string' and string.match(info, 'maxmemory_policy:([%w-]+)') or ''`;

/**
 * Claims the prefix for a layout, and counts its openings. A prefix of the former format gets this one.
 * KEYS layout · ARGV signature, that of the former format → signature found, number of this opening, eviction policy or ''
 */
export const OPEN: Script = defineScript(`
redis.call('HSETNX', KEYS[1], 'signature', ARGV[1])
local found = redis.call('HGET', KEYS[1], 'signature')
if found == ARGV[2] then
  redis.call('HSET', KEYS[1], 'signature', ARGV[1])
elseif found ~= ARGV[1] then
  return {found, 0, ''}
end
${POLICY_OF_SERVER}
return {ARGV[1], redis.call('HINCRBY', KEYS[1], 'opened', 1), policy}
`);

/** KEYS any key of the server that is asked → its eviction policy, or '' if it does not say */
export const POLICY: Script = defineScript(`${POLICY_OF_SERVER}
return policy
`);

/** KEYS records → for each: record or nil */
export const LOAD: Script = defineScript(forEachKey(1, `return redis.call('GET', key)`));

/**
 * Saves records, each if the stored revision is the expected one, and gives their leases back. A stored record with the
 * stamp of this call was saved by it before: the client sent the call twice, because it lost the connection before the
 * first answer.
 *
 * A revision is the server's time in microseconds, or the last revision plus one where that is later. So it grows also
 * after a crash or a failover that lost the last second, and revisions of that second are not given again. The last
 * revision of a new record is in the shard's counter, which a delete sets.
 *
 * A record that is due later than its time in the index keeps that place, because its next turn will make it later again;
 * MOVE moves it.
 *
 * A record arrives with the expected revision, without a lease, and with its wakeAt as its time in the index; what differs
 * is corrected in place. Lua reads each byte of a new text, so the record is the only text of its length.
 *
 * KEYS due, revision, records · ARGV name of the owner or '', records → for each: revision, or nil for a conflict
 */
export const SAVE: Script = defineScript(`${HEADS}
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
${forEachKey(
  3,
  `
local given = ARGV[index + 1]
local head = redis.call('GETRANGE', key, 0, 75)
local stored = head == '' and NONE or string.sub(head, 1, 16)
if stored ~= string.sub(given, 1, 16) then
  local _, stamp = wakeAtAndStampOf(redis.call('GETRANGE', key, 0, 159))
  local _, saved = wakeAtAndStampOf(string.sub(given, 1, 160))
  if stored == NONE or stamp ~= saved then return false end
  return stored
end
local last = tonumber(stored == NONE and redis.call('GET', KEYS[2]) or stored)
local at = string.sub(given, 52, 75)
local filedAt = stored ~= NONE and filedAtOf(head)
if filedAt and tonumber(at) >= tonumber(filedAt) then
  at = string.format('%-24s', filedAt)
else
  redis.call('ZADD', KEYS[1], string.match(at, '%S+'), string.sub(key, #KEYS[1] + 5))
end
local lease = string.sub(head, 17, 51)
if #lease < 35 or isFormer(head) or string.sub(lease, 14) == ARGV[1] then lease = FREE end
local revision = string.format('%016.0f', math.max(last + 1, now))
redis.call('SET', key, given)
redis.call('SETRANGE', key, 0, revision .. lease .. at)
return revision`,
)}`);

/** KEYS record, due, revision · ARGV expected or '', openid → 1 or 0 */
export const DELETE: Script = defineScript(`${HEADS}
local head = redis.call('GETRANGE', KEYS[1], 0, 50)
local stored = string.sub(head, 1, 16)
if head == '' or stored == NONE or (ARGV[1] ~= '' and stored ~= ARGV[1]) then return 0 end
local last = tonumber(redis.call('GET', KEYS[3])) or 0
local time = redis.call('TIME')
local heldForMs = (tonumber(string.sub(head, 17, 29)) or 0) - math.floor(time[1] * 1000 + time[2] / 1000)
redis.call('ZREM', KEYS[2], ARGV[2])
if not isFormer(head) and heldForMs > 0 then
  redis.call('SET', KEYS[1], NONE .. string.sub(head, 17, 51), 'PX', heldForMs)
else
  redis.call('DEL', KEYS[1])
end
if tonumber(stored) > last then redis.call('SET', KEYS[3], stored) end
return 1
`);

/** KEYS due · ARGV until, limit → openids and scores, alternating */
export const DUE: Script = defineScript(
  `return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[2])`,
);

/**
 * The openids of a shard behind ARGV[1], in the order of their bytes. The index of due records has all of them, in an order
 * that changes with each turn, so the pages are taken from a copy of it without times. The first page of a shard makes the
 * copy again, so that it has every record that was there when the pages began. Where the copy has expired, a later page makes
 * it again: what was there all the time has the same place in it.
 * KEYS due, list · ARGV openid or '' for the first page of the shard, limit, milliseconds for which the copy is kept → openids
 */
export const LIST: Script = defineScript(`
local after = '-'
if ARGV[1] ~= '' then after = '(' .. ARGV[1] end
if ARGV[1] == '' or redis.call('EXISTS', KEYS[2]) == 0 then
  if redis.call('ZUNIONSTORE', KEYS[2], 1, KEYS[1], 'WEIGHTS', 0) == 0 then return {} end
end
local openids = redis.call('ZRANGEBYLEX', KEYS[2], after, '+', 'LIMIT', 0, ARGV[2])
if #openids < tonumber(ARGV[2]) then redis.call('DEL', KEYS[2]) else redis.call('PEXPIRE', KEYS[2], ARGV[3]) end
return openids
`);

/**
 * Moves records whose time in the index is before their wakeAt to that. An entry is removed before it is added again, so
 * that this works with a full memory, too.
 * KEYS due, records → the number of moved records
 */
export const MOVE: Script = defineScript(`${HEADS}
local moved = 0
for index = 2, #KEYS do
  local key = KEYS[index]
  local head = redis.pcall('GETRANGE', key, 0, 159)
  local filedAt, wakeAt
  if type(head) == 'string' and not isFormer(head) then
    filedAt, wakeAt = filedAtOf(head), wakeAtAndStampOf(head)
  end
  if wakeAt and tonumber(wakeAt) > tonumber(filedAt) then
    local openid = string.sub(key, #KEYS[1] + 5)
    redis.call('ZREM', KEYS[1], openid)
    redis.call('ZADD', KEYS[1], wakeAt, openid)
    redis.call('SETRANGE', key, 51, string.format('%-24s', wakeAt))
    moved = moved + 1
  end
end
return moved
`);

/**
 * The lease is in the record. Without a record it is in a key that Redis drops when the lease expires. A record of the
 * former format is converted. A value that is not a record is returned unchanged.
 * KEYS records · ARGV name of the owner, milliseconds → for each: record or nil; if another owner has the lease, 'held' and
 * the milliseconds that are left
 */
export const TAKE: Script = defineScript(`${HEADS}
local time = redis.call('TIME')
local now = math.floor(time[1] * 1000 + time[2] / 1000)
local lease = string.format('%013.0f', math.min(now + ARGV[2], 9999999999999)) .. ARGV[1]
${forEachKey(
  1,
  `
local record = redis.call('GET', key)
if record and isFormer(record) then
  local wakeAt, stamp = wakeAtAndStampOf(record)
  if not stamp then return record end
  local rest = ' ' .. wakeAt .. ' ' .. stamp .. '\\n' .. string.sub(record, 20 + #stamp + #wakeAt)
  redis.call('SET', key, string.sub(record, 1, 16) .. lease .. string.format('%-24s', wakeAt) .. rest)
  return record
end
if record then
  local heldUntil = tonumber(string.sub(record, 17, 29))
  if #record < 51 or not heldUntil then return record end
  if heldUntil > now and string.sub(record, 30, 51) ~= ARGV[1] then return { 'held', heldUntil - now } end
  if #record > 51 then
    redis.call('SETRANGE', key, 16, lease)
    return record
  end
end
redis.call('SET', key, NONE .. lease, 'PX', ARGV[2])
return false`,
)}`);

/** KEYS any key of the server that is asked → seconds since 1970, and the microseconds of the current second */
export const TIME: Script = defineScript(`return redis.call('TIME')`);

/** KEYS record · ARGV name of the owner */
export const RELEASE: Script = defineScript(`${HEADS}
local head = redis.call('GETRANGE', KEYS[1], 0, 51)
if string.sub(head, 30, 51) ~= ARGV[1] then return 0 end
if #head == 51 then redis.call('DEL', KEYS[1]) else redis.call('SETRANGE', KEYS[1], 16, FREE) end
return 0
`);
