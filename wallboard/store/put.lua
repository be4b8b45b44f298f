-- Append events to their streams; one call a batch.
-- KEYS: none by name (all keys share the prefix's hash tag). ARGV: prefix, then pairs of stream and JSON.
for i = 2, #ARGV, 2 do
  redis.call('XADD', ARGV[1] .. 'feed:' .. ARGV[i], '*', 'd', ARGV[i + 1])
end
return (#ARGV - 1) / 2
