-- Puts the population inputs of a review in force, unless they are already.
--
-- KEYS  1 inputs
-- ARGV  1 instant of the review, epoch milliseconds   2 the inputs   3 how many reviews to keep
-- Returns 1 when they were put in force, 0 when they had been.

if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end

local reviews = redis.call('HKEYS', KEYS[1])
if #reviews > tonumber(ARGV[3]) then
  table.sort(reviews, function(a, b) return tonumber(a) < tonumber(b) end)
  redis.call('HDEL', KEYS[1], reviews[1])
end
return 1
