-- Takes a partition over: whoever held it before can commit nothing more.
--
-- KEYS  1 partition
-- ARGV  1 token   never used before
-- Returns all fields of the partition, as HGETALL gives them.

-- A server that is full refuses what may take room, unless something was written before that cannot.
redis.call('HDEL', KEYS[1], 'token')
redis.call('HSET', KEYS[1], 'token', ARGV[1])
return redis.call('HGETALL', KEYS[1])
