import { type Script, defineScript } from './client.ts';

/*
 * Redis runs a script alone and writes all of its effects to the append-only file and to replicas as one. It does not
 * roll back one that fails in the middle, so in each of these everything that can fail (a key of another type, a full
 * memory) comes before the first effect, or is it.
 *
 * LOAD, TAKE and SAVE work on several records of one shard, each for itself: what one of them fails with is its answer,
 * as a list with the text of the error, and the others come through.
 */

/** The parts of a head are given as text; what has a revision and no lease is of format 1. */
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

/** @param each the body of a function of the number of a record and its key */
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

/**
 * Claims the prefix for a layout, and counts who opens it. One of the format before becomes one of this.
 * KEYS layout · ARGV signature, that of the format before → signature found, number of this opening, eviction policy or ''
 */
export const OPEN: Script = defineScript(`
redis.call('HSETNX', KEYS[1], 'signature', ARGV[1])
local found = redis.call('HGET', KEYS[1], 'signature')
if found == ARGV[2] then
  redis.call('HSET', KEYS[1], 'signature', ARGV[1])
elseif found ~= ARGV[1] then
  return {found, 0, ''}
end
local info = redis.pcall('INFO', 'memory')
local policy = type(info) == 'string' and string.match(info, 'maxmemory_policy:([%w-]+)') or ''
return {ARGV[1], redis.call('HINCRBY', KEYS[1], 'opened', 1), policy}
`);

/** KEYS records → for each: record or nil */
export const LOAD: Script = defineScript(forEachKey(1, `return redis.call('GET', key)`));

/**
 * Keeps records, each if the stored revision is the expected one, and gives their leases back. A record that carries the
 * stamp of this very call was kept by it before: the client has sent it twice, because it lost the connection and with it the
 * first answer.
 *
 * A revision is the server's time in microseconds, or the next one after the last where that is later. So it grows also
 * after a crash or a failover that lost the last second, and what had been given in it is not given again. The last one
 * of a record that is new is that of the shard's counter, which a delete leaves behind.
 *
 * A record that falls due later than it is filed stays where it is in the index, for it will do so again with its next
 * turn; MOVE moves it on.
 *
 * A record comes as it is to be kept, with the expected revision, no lease, and filed at its wakeAt; what is otherwise is
 * put right where it stands. Lua looks at each byte of a text that is new to it, so there is none but that one of this length.
 *
 * KEYS due, revision, records · ARGV name of the owner or '', records → for each: revision, or nil where it is a conflict
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

/** KEYS due · ARGV until, limit → openids and scores by turns */
export const DUE: Script = defineScript(
  `return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[2])`,
);

/**
 * Moves records to their time in the index that stand there too early. An entry is removed before it is put elsewhere: what
 * only moves goes through with a full memory, too.
 * KEYS due, records → how many have been moved
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
 * The lease stands in the record; where there is none, in a key without a record, which Redis drops when it runs out. A
 * record of the format before is written anew. What is no record is given back as it is.
 * KEYS records · ARGV name of the owner, milliseconds → for each: record or nil, or where another has it 'held' and for how many milliseconds
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

/** KEYS any, for its server is the one to ask → seconds since 1970, and microseconds beside them */
export const TIME: Script = defineScript(`return redis.call('TIME')`);

/** KEYS record · ARGV name of the owner */
export const RELEASE: Script = defineScript(`${HEADS}
local head = redis.call('GETRANGE', KEYS[1], 0, 51)
if string.sub(head, 30, 51) ~= ARGV[1] then return 0 end
if #head == 51 then redis.call('DEL', KEYS[1]) else redis.call('SETRANGE', KEYS[1], 16, FREE) end
return 0
`);
