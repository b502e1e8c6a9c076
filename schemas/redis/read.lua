-- Records of people.
--
-- KEYS  1 people   of a bucket that ids are in, and so on for every other
-- ARGV  1 how many ids
--       2 the ids, packed: number of the bucket's key from 0 on and bytes of the id, both unsigned of 4 bytes, little-endian;
--         the id
-- Returns {record or nil, …}, in the order of the ids.

local records = {}
local bucket, id, at = 0, '', 1
for i = 1, tonumber(ARGV[1]) do
  bucket, id, at = struct.unpack('<I4I4c0', ARGV[2], at)
  local people = KEYS[bucket + 1]
  local place = redis.call('LPOS', people, id)
  -- Ids are at even places; a record may happen to read like an id.
  if place and place % 2 == 1 then
    local places = redis.call('LPOS', people, id, 'COUNT', 0)
    place = false
    for _, each in ipairs(places) do
      if each % 2 == 0 then place = each end
    end
  end
  records[i] = place and redis.call('LINDEX', people, place + 1)
end
return records
