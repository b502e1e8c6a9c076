-- Lets other partitions know how far this one has come.
--
-- KEYS  1 partition
-- ARGV  1 token of the claim   2 progress
-- Returns 1 when it was noted, 0 when another claim was made since.

if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
-- As in claim.lua: a full server must take it, since no outbox is trimmed before.
redis.call('HDEL', KEYS[1], 'progress')
redis.call('HSET', KEYS[1], 'progress', ARGV[2])
return 1
