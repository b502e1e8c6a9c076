-- Takes a partition over: whoever held it before can commit nothing more.
--
-- KEYS  1 partition
-- ARGV  1 token   never used before
-- Returns all fields of the partition, as HGETALL gives them.

redis.call('HSET', KEYS[1], 'token', ARGV[1])
return redis.call('HGETALL', KEYS[1])
