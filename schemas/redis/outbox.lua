-- The oldest entries of the outbox and the number of the first of them, as of one instant.
--
-- KEYS  1 partition   2 outbox
-- ARGV  1 how many
-- Returns {number of the first, {entry, …}}.

local first = redis.call('HGET', KEYS[1], 'trimmed') or '0'
return { first, redis.call('LRANGE', KEYS[2], 0, tonumber(ARGV[1]) - 1) }
