-- Append events to their streams, all or none; one call a batch.
-- KEYS: a marker that makes a repetition harmless, or the head where there is none.
-- ARGV: prefix, life of the marker in seconds (0: no marker), then pairs of stream and JSON.
-- Answers the number of events appended: 0 for a repetition.
if ARGV[2] ~= '0' and not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[2]) then
  return 0
end
for i = 3, #ARGV, 2 do
  redis.call('XADD', ARGV[1] .. 'feed:' .. ARGV[i], '*', 'd', ARGV[i + 1])
end
return (#ARGV - 2) / 2
