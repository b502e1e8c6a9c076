-- Everything one turn changes in a partition, at once or not at all.
--
-- KEYS  1 partition   2 heads   3 population   4 prices   5 categories   6 outbox
--       then per split: people, due of the bucket that is split; people, due of the new one
--       then per bucket that people are written to: people, due
-- ARGV  1 token       of the claim
--       2 revision    commits in the partition before this one
--       3 clock       epoch milliseconds
--       4 scored by   version of the models
--       5 how many categories may have a price
--       6 how many buckets there are after the splits
--       7 by how much each new bucket's number is above that of the one that is split, separated by commas
--       8–12 how many follow of each: people, offsets, population, prices, outbox; then these:
--       people                   all, packed; a person is the number of their bucket's keys from 0 on, unsigned of 4 bytes;
--                                the instant they are due, a double, infinite for never; bytes of the id, unsigned of 4;
--                                the id; bytes of the record, unsigned of 4; the record. Little-endian
--       source, next offset      per offset
--       field, by                per counter of the population
--       category, bucket, by     per counter of prices
--       entry                    per outbox entry
-- Returns {'committed', people in the partition}, also when this very commit was made before and only its answer was
-- lost; {'fenced'} when another claim was made since, when the partition is not at this revision (an older copy was
-- restored), or when an offset would go back. Nothing is written before all of that is known.

-- Lua hands no more values than this from a table to a call; even, since most come in pairs.
local MOST_ARGUMENTS = 4000
local FIRST_KEY = 7
local FIRST = 13

local call = redis.call

local stored = call('HMGET', KEYS[1], 'token', 'revision', 'clock', 'people')
local revision, known = tonumber(stored[2] or '0'), tonumber(stored[4] or '0')
if stored[1] ~= ARGV[1] then return { 'fenced' } end
if revision == tonumber(ARGV[2]) + 1 then return { 'committed', known } end
if revision ~= tonumber(ARGV[2]) then return { 'fenced' } end

local people, offsets, population, prices, outbox =
  tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local firstOffset = FIRST + 1

for i = firstOffset, firstOffset + offsets * 2 - 1, 2 do
  local before = call('HGET', KEYS[1], 'next:' .. ARGV[i]) or '0'
  if tonumber(ARGV[i + 1]) < tonumber(before) then return { 'fenced' } end
end

local function write(command, key, values, first, last)
  for from = first, last, MOST_ARGUMENTS do
    call(command, key, unpack(values, from, math.min(from + MOST_ARGUMENTS - 1, last)))
  end
end

local function add(key, field, by)
  if call('HINCRBY', key, field, by) == 0 then call('HDEL', key, field) end
end

-- As src/adapters/redis/buckets.ts has it.
local function hash(id)
  local tobit, shl, shr, xor = bit.tobit, bit.lshift, bit.rshift, bit.bxor
  local h = 0
  for i = 1, #id do
    h = tobit(h + string.byte(id, i))
    h = tobit(h + shl(h, 10))
    h = xor(h, shr(h, 6))
  end
  h = tobit(h + shl(h, 3))
  h = xor(h, shr(h, 11))
  return tobit(h + shl(h, 15)) % 4294967296
end

-- Both are written anew: a sorted set that was large once stays so until then.
local function split(list, due, newList, newDue, span)
  local all = call('LRANGE', list, 0, -1)
  if #all == 0 then return end
  local dueAt = {}
  local queue = call('ZRANGE', due, 0, -1, 'WITHSCORES')
  for i = 1, #queue, 2 do dueAt[tonumber(queue[i])] = queue[i + 1] end
  local kept, moved = { people = {}, due = {} }, { people = {}, due = {} }
  for i = 1, #all, 2 do
    local half = math.floor(hash(all[i]) / span) % 2 == 1 and moved or kept
    local at = dueAt[(i - 1) / 2]
    if at then
      table.insert(half.due, at)
      table.insert(half.due, #half.people / 2)
    end
    table.insert(half.people, all[i])
    table.insert(half.people, all[i + 1])
  end
  call('DEL', list, due)
  write('RPUSH', list, kept.people, 1, #kept.people)
  write('ZADD', due, kept.due, 1, #kept.due)
  write('RPUSH', newList, moved.people, 1, #moved.people)
  write('ZADD', newDue, moved.due, 1, #moved.due)
end

-- Ids are at even places; a record may happen to read like an id.
local function placeOf(list, id)
  local place = call('LPOS', list, id)
  if not place or place % 2 == 0 then return place end
  for _, each in ipairs(call('LPOS', list, id, 'COUNT', 0)) do
    if each % 2 == 0 then return each end
  end
end

-- Before anything else: a full server refuses this, but neither a DEL nor what follows one.
call('HSET', KEYS[1], 'buckets', ARGV[6])

local changed = {}
local key = FIRST_KEY
for span in string.gmatch(ARGV[7], '%d+') do
  split(KEYS[key], KEYS[key + 1], KEYS[key + 2], KEYS[key + 3], tonumber(span))
  changed[KEYS[key + 1]], changed[KEYS[key + 3]] = true, true
  key = key + 4
end

local added = 0
local bucket, instant, id, record, from = 0, 0, '', '', 1
for _ = 1, people do
  bucket, instant, id, record, from = struct.unpack('<I4dI4c0I4c0', ARGV[FIRST], from)
  local list, due = KEYS[key + 2 * bucket], KEYS[key + 2 * bucket + 1]
  local place = placeOf(list, id)
  if place then
    call('LSET', list, place + 1, record)
  else
    place = call('RPUSH', list, id, record) - 2
    added = added + 1
  end
  if instant == math.huge then
    call('ZREM', due, place / 2)
  else
    call('ZADD', due, instant, place / 2)
  end
  changed[due] = true
end

local heads, idle = {}, {}
for due in pairs(changed) do
  local bucket = string.match(due, '%d+$')
  local first = call('ZRANGE', due, 0, 0, 'WITHSCORES')
  if first[2] then
    table.insert(heads, first[2])
    table.insert(heads, bucket)
  else
    table.insert(idle, bucket)
  end
end
write('ZADD', KEYS[2], heads, 1, #heads)
write('ZREM', KEYS[2], idle, 1, #idle)

local at = firstOffset
for i = at, at + offsets * 2 - 1, 2 do call('HSET', KEYS[1], 'next:' .. ARGV[i], ARGV[i + 1]) end
at = at + offsets * 2

for i = at, at + population * 2 - 1, 2 do add(KEYS[3], ARGV[i], ARGV[i + 1]) end
at = at + population * 2

for i = at, at + prices * 3 - 1, 3 do
  local number = call('HGET', KEYS[5], ARGV[i])
  if not number and call('HLEN', KEYS[5]) < tonumber(ARGV[5]) then
    number = call('HLEN', KEYS[5])
    call('HSET', KEYS[5], ARGV[i], number)
  end
  if number then add(KEYS[4], number .. ':' .. ARGV[i + 1], ARGV[i + 2]) end
end
at = at + prices * 3

write('RPUSH', KEYS[6], ARGV, at, #ARGV)

known = known + added
call('HSET', KEYS[1], 'revision', revision + 1, 'scored-by', ARGV[4], 'people', known)
if tonumber(ARGV[3]) > tonumber(stored[3] or '0') then call('HSET', KEYS[1], 'clock', ARGV[3]) end
return { 'committed', known }
