-- Records of people.
--
-- KEYS  1 people   of the bucket of the first id, and so on for every id
-- ARGV  1 id       and so on
-- Returns {record or nil, …}, in the order of the ids.

local records = {}
for i, people in ipairs(KEYS) do
  local place = redis.call('LPOS', people, ARGV[i])
  -- Ids are at even places; a record may happen to read like an id.
  if place and place % 2 == 1 then
    local places = redis.call('LPOS', people, ARGV[i], 'COUNT', 0)
    place = false
    for _, each in ipairs(places) do
      if each % 2 == 0 then place = each end
    end
  end
  records[i] = place and redis.call('LINDEX', people, place + 1)
end
return records
