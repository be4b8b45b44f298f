-- One commit: everything of a batch, or nothing.
-- KEYS: head, lease, wall, audit, dead, outbox
-- ARGV: token, epoch, previous n, prefix, then sections, each led by its number of items:
--   wall fields, state sets (kind id json), state removals (kind id), memory sets (kind id json),
--   memory removals (kind id), results (name json), audit lines, dead records, outbox, head fields
-- Answers the id of the wall entry, or an error FENCED with what differs.
local at = 4
local function items(width)
  at = at + 1
  local count = tonumber(ARGV[at])
  local first = at + 1
  at = at + count * width
  return first, count
end

if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return redis.error_reply('FENCED the lease is not ours')
end
local head = redis.call('HMGET', KEYS[1], 'epoch', 'n')
if (head[1] or '') ~= ARGV[2] then
  return redis.error_reply('FENCED the epoch is ' .. tostring(head[1]))
end
if (head[2] or '0') ~= ARGV[3] then
  return redis.error_reply('FENCED n is ' .. tostring(head[2]))
end

local prefix = ARGV[4]
local first, count = items(2)
local wall = {}
for i = 0, count * 2 - 1 do wall[i + 1] = ARGV[first + i] end
local wall_id = redis.call('XADD', KEYS[3], '*', unpack(wall))

first, count = items(3)
for i = 0, count - 1 do
  local k = first + i * 3
  redis.call('HSET', prefix .. 'state:' .. ARGV[k], ARGV[k + 1], ARGV[k + 2])
end
first, count = items(2)
for i = 0, count - 1 do
  local k = first + i * 2
  redis.call('HDEL', prefix .. 'state:' .. ARGV[k], ARGV[k + 1])
end
first, count = items(3)
for i = 0, count - 1 do
  local k = first + i * 3
  redis.call('HSET', prefix .. 'mem:' .. ARGV[k], ARGV[k + 1], ARGV[k + 2])
end
first, count = items(2)
for i = 0, count - 1 do
  local k = first + i * 2
  redis.call('HDEL', prefix .. 'mem:' .. ARGV[k], ARGV[k + 1])
end
first, count = items(2)
for i = 0, count - 1 do
  local k = first + i * 2
  -- the first answer stands; a day is longer than any page keeps a command
  redis.call('SET', prefix .. 'result:' .. ARGV[k], ARGV[k + 1], 'NX', 'EX', 86400)
end
for section, key in ipairs({KEYS[4], KEYS[5], KEYS[6]}) do
  first, count = items(1)
  for i = 0, count - 1 do redis.call('XADD', key, '*', 'd', ARGV[first + i]) end
end
first, count = items(2)
for i = 0, count - 1 do
  local k = first + i * 2
  redis.call('HSET', KEYS[1], ARGV[k], ARGV[k + 1])
end
redis.call('HSET', KEYS[1], 'wall_id', wall_id)
return wall_id
