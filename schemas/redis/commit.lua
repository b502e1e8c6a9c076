-- Everything one turn changes in a partition, at once or not at all.
--
-- KEYS  1 partition   2 people   3 due   4 population   5 prices   6 categories   7 outbox
-- ARGV  1 token       of the claim
--       2 revision    commits in the partition before this one
--       3 clock       epoch milliseconds
--       4 scored by   version of the models
--       5 how many categories may have a price
--       6–12 how many follow of each: offsets, people, due, idle, population, prices, outbox; then these:
--       source, next offset      per offset
--       id, record               per person
--       instant, id              per person that is due at an instant
--       id                       per person that is never due
--       field, by                per counter of the population
--       category, bucket, by     per counter of prices
--       entry                    per outbox entry
-- Returns 'committed', also when this very commit was made before and only its answer was lost; 'fenced' when
-- another claim was made since, when the partition is not at this revision (an older copy was restored), or when an
-- offset would go back. Nothing is written before all of that is known.

-- Lua hands no more values than this from a table to a call.
local MOST_ARGUMENTS = 4000
local FIRST = 13

local stored = redis.call('HMGET', KEYS[1], 'token', 'revision', 'clock')
local revision = tonumber(stored[2] or '0')
if stored[1] ~= ARGV[1] then return 'fenced' end
if revision == tonumber(ARGV[2]) + 1 then return 'committed' end
if revision ~= tonumber(ARGV[2]) then return 'fenced' end

local offsets, people, due, idle, population, prices, outbox =
  tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9]),
  tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])

for i = FIRST, FIRST + offsets * 2 - 1, 2 do
  local before = redis.call('HGET', KEYS[1], 'next:' .. ARGV[i]) or '0'
  if tonumber(ARGV[i + 1]) < tonumber(before) then return 'fenced' end
end

local function write(command, key, first, count)
  local last = first + count - 1
  for from = first, last, MOST_ARGUMENTS do
    redis.call(command, key, unpack(ARGV, from, math.min(from + MOST_ARGUMENTS - 1, last)))
  end
  return last + 1
end

local function add(key, field, by)
  if redis.call('HINCRBY', key, field, by) == 0 then redis.call('HDEL', key, field) end
end

local at = FIRST
for i = at, at + offsets * 2 - 1, 2 do
  redis.call('HSET', KEYS[1], 'next:' .. ARGV[i], ARGV[i + 1])
end
at = at + offsets * 2

at = write('HSET', KEYS[2], at, people * 2)
at = write('ZADD', KEYS[3], at, due * 2)
at = write('ZREM', KEYS[3], at, idle)

for i = at, at + population * 2 - 1, 2 do add(KEYS[4], ARGV[i], ARGV[i + 1]) end
at = at + population * 2

for i = at, at + prices * 3 - 1, 3 do
  local number = redis.call('HGET', KEYS[6], ARGV[i])
  if not number and redis.call('HLEN', KEYS[6]) < tonumber(ARGV[5]) then
    number = redis.call('HLEN', KEYS[6])
    redis.call('HSET', KEYS[6], ARGV[i], number)
  end
  if number then add(KEYS[5], number .. ':' .. ARGV[i + 1], ARGV[i + 2]) end
end
at = at + prices * 3

write('RPUSH', KEYS[7], at, outbox)

redis.call('HSET', KEYS[1], 'revision', revision + 1, 'scored-by', ARGV[4])
if tonumber(ARGV[3]) > tonumber(stored[3] or '0') then redis.call('HSET', KEYS[1], 'clock', ARGV[3]) end
return 'committed'
