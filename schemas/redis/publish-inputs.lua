-- Puts the population inputs of a review in force, unless those of the same or a later one are.
--
-- KEYS  1 inputs
-- ARGV  1 instant of the review, epoch milliseconds   2 the inputs
-- Returns 1 when they were put in force, 0 when not.

local since = redis.call('HGET', KEYS[1], 'since')
if since and tonumber(since) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'since', ARGV[1], 'inputs', ARGV[2])
return 1
