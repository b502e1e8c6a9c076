-- Lets other partitions know how far this one has come.
--
-- KEYS  1 partition
-- ARGV  1 token of the claim   2 revision: commits in the partition, at least   3 progress
-- Returns 1 when it was noted, 0 when another claim was made since, or the partition has fewer commits: what is noted would
-- rest on some that an older copy does not hold.

local stored = redis.call('HMGET', KEYS[1], 'token', 'revision')
if stored[1] ~= ARGV[1] or tonumber(stored[2] or '0') < tonumber(ARGV[2]) then return 0 end
-- As in claim.lua: a full server must take it, since no outbox is trimmed before.
redis.call('HDEL', KEYS[1], 'progress')
redis.call('HSET', KEYS[1], 'progress', ARGV[3])
return 1
