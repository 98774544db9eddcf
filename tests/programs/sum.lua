-- Writes a file, reads it back, and says what it adds up to; errors come back through pcall.
local name = os.tmpname()
local out = assert(io.open(name, "w"))
for i = 1, 1000 do out:write(i, " line ", i, "\n") end
out:close()
local sum, lines = 0, 0
for line in io.lines(name) do
    sum = sum + tonumber(line:match("^(%d+) "))
    lines = lines + 1
end
assert(os.remove(name))
local ok, wrong = pcall(error, "thrown")
local turns = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
print(lines, sum, ok, wrong, turns() + turns() + turns())
