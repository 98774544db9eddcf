-- outlives.lua FOLDER: reads FOLDER/text, and writes a file and reads it back, again and again until FOLDER/go is
-- there, though the server of these files dies meanwhile. What is read is whole, or the call says what is wrong.
local folder = ...
local own = os.tmpname()

local function read(name)
    local file, wrong = io.open(name)
    if not file then return nil, wrong end
    local text
    text, wrong = file:read("a")
    file:close()
    return text, wrong
end

local function write(name, text)
    local file, wrong = io.open(name, "w")
    if not file then return nil, wrong end
    local written
    written, wrong = file:write(text)
    local closed, late = file:close()
    return written and closed, wrong or late
end

-- For as long as it is away.
local function read_at_last(name)
    local text
    repeat text = read(name) until text
    return text
end

local wanted = read_at_last(folder .. "/text")
local round = 0
io.write("begun\n")
io.flush()
while not read(folder .. "/go") do
    local text, wrong = read(folder .. "/text")
    assert(not text or text == wanted, text)
    assert(text or not wrong:find("No such file"), wrong)
    round = round + 1
    if write(own, "round " .. round) then
        text = read(own)
        assert(not text or text == "round " .. round, text)
    end
end
assert(read_at_last(folder .. "/text") == wanted)
os.remove(own)
print("done")
