-- Take the engine's lease where nobody has it, renew it while it is ours. KEYS: lease. ARGV: token, milliseconds.
-- One that ran out during a long load is simply taken again: had another engine committed meanwhile, our next
-- commit would be refused by its number.
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
