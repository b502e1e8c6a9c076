-- Who of some buckets is due.
--
-- KEYS  1 due   2 people   of the first bucket, and so on for every bucket
-- ARGV  1 until when, that instant included   2 how many of a bucket at most
-- Returns {instant, id, instant, id, …}, in order within each bucket.

local found = {}
for i = 1, #KEYS, 2 do
  local due = redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[2])
  for j = 1, #due, 2 do
    table.insert(found, due[j + 1])
    table.insert(found, redis.call('LINDEX', KEYS[i + 1], due[j] * 2))
  end
end
return found
