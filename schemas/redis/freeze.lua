-- Keeps the counters of a partition as they are at the instant of a review, for whoever sums them up. The first time
-- counts, so it may be asked again. Of older reviews as many are kept as a partition may lag behind another.
--
-- KEYS  1 partition   2 population   3 prices   4 categories   5 frozen
-- ARGV  1 token of the claim   2 revision: commits in the partition, at least
--       3 instant of the review, epoch milliseconds   4 how many reviews to keep
-- Returns 'frozen', or 'fenced' when another claim was made since, or the partition has fewer commits: it is not as of
-- the review in an older copy.

local stored = redis.call('HMGET', KEYS[1], 'token', 'revision')
if stored[1] ~= ARGV[1] or tonumber(stored[2] or '0') < tonumber(ARGV[2]) then return 'fenced' end
if redis.call('HEXISTS', KEYS[5], ARGV[3]) == 1 then return 'frozen' end

local counters = {
  redis.call('HGETALL', KEYS[2]),
  redis.call('HGETALL', KEYS[3]),
  redis.call('HGETALL', KEYS[4]),
}
redis.call('HSET', KEYS[5], ARGV[3], cjson.encode(counters))

local reviews = redis.call('HKEYS', KEYS[5])
if #reviews > tonumber(ARGV[4]) then
  table.sort(reviews, function(a, b) return tonumber(a) < tonumber(b) end)
  redis.call('HDEL', KEYS[5], reviews[1])
end
return 'frozen'
