-- Forgets outbox entries that were published. What was forgotten before may be named again.
--
-- KEYS  1 partition   2 outbox
-- ARGV  1 token of the claim   2 revision: commits in the partition, at least   3 number of the last entry to forget
-- Returns how many were forgotten; none for who was fenced, or whose commits an older copy does not hold, lest they
-- forget what was never published.

local stored = redis.call('HMGET', KEYS[1], 'token', 'revision')
if stored[1] ~= ARGV[1] or tonumber(stored[2] or '0') < tonumber(ARGV[2]) then return 0 end
local first = tonumber(redis.call('HGET', KEYS[1], 'trimmed') or '0')
local count = math.min(tonumber(ARGV[3]) + 1 - first, redis.call('LLEN', KEYS[2]))
if count <= 0 then return 0 end
redis.call('LTRIM', KEYS[2], count, -1)
redis.call('HSET', KEYS[1], 'trimmed', string.format('%.0f', first + count))
return count
