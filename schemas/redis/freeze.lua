-- Keeps the counters of a partition as they are at the instant of a review, for whoever sums them up. The first time
-- counts, so it may be asked again. Of older reviews as many are kept as a partition may lag behind another.
--
-- KEYS  1 partition   2 population   3 prices   4 categories   5 frozen
-- ARGV  1 token of the claim   2 instant of the review, epoch milliseconds   3 how many reviews to keep
-- Returns 'frozen', or 'fenced' when another claim was made since.

if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 'fenced' end
if redis.call('HEXISTS', KEYS[5], ARGV[2]) == 1 then return 'frozen' end

local counters = {
  redis.call('HGETALL', KEYS[2]),
  redis.call('HGETALL', KEYS[3]),
  redis.call('HGETALL', KEYS[4]),
}
redis.call('HSET', KEYS[5], ARGV[2], cjson.encode(counters))

local reviews = redis.call('HKEYS', KEYS[5])
if #reviews > tonumber(ARGV[3]) then
  table.sort(reviews, function(a, b) return tonumber(a) < tonumber(b) end)
  redis.call('HDEL', KEYS[5], reviews[1])
end
return 'frozen'
