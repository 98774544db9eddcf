/* Any keys while a program has the terminal, in any mode of that: what the terminal's other end
 * says of its size is taken out, the rest becomes lines or bytes. Nothing is read that was not
 * typed, no read waits for what is there, and in a mode of lines none has more than one. The first
 * bytes are the mode; from then on a byte 0 changes it, by the one that follows. */
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include "servers/shell/keyboard.h"
#include "servers/stream/terminal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct terminal terminal;
static struct terminal_echo echoed;
static uint8_t input[PIPE_BYTES], output[PIPE_BYTES];

static void check(bool holds)
{
        if (!holds)
                abort();
}

static void mode_set(uint8_t bits)
{
        struct terminal_mode mode = terminal.mode;
        mode.local ^= (bits & 1 ? ICANON : 0) | (bits & 2 ? ECHO : 0) | (bits & 4 ? ISIG : 0);
        mode.input ^= (bits & 8 ? ICRNL : 0) | (bits & 16 ? INLCR : 0) | (bits & 32 ? IGNCR : 0);
        mode.characters[VMIN] = bits >> 6 & 1;
        terminal_set_mode(&terminal, &mode, bits >> 7);
}

static void read_some(void)
{
        uint8_t got[64];
        size_t length;
        uint64_t older;
        bool there = terminal.input.put != terminal.input.taken;
        if (terminal_read(&terminal, 1, got, sizeof got, &length, &older) == PIPE_LATER) {
                check(!there && pipe_reader_drop(&terminal.input, &length) == 1);
                return;
        }
        uint8_t *end = memchr(got, '\n', length);
        check(length <= sizeof got);
        check(!(terminal.mode.local & ICANON) || !end || end == got + length - 1);
}

static void take_some_back(void)
{
        uint8_t got[16];
        const size_t there = terminal.line_length + pipe_length(&terminal.input);
        const size_t length = terminal_take_back(&terminal, got, sizeof got);
        check(length <= sizeof got && (length > 0 || there == 0));
        check(terminal.line_length + pipe_length(&terminal.input) == there - length);
}

static void type(const char *bytes, size_t length)
{
        terminal_type(&terminal, (const uint8_t *)bytes, length, &echoed);
        check(echoed.length <= TERMINAL_ECHO && terminal.line_length <= TERMINAL_LINE);
        check(terminal.end_count <= TERMINAL_ENDS);
        check(terminal.input.put - terminal.input.taken <= PIPE_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct keyboard_filter filter = {0};
        size_t taken = 0, passed = 0;
        terminal_begin(&terminal, input, output, 0, 0);
        for (size_t i = 0; i < size; i++) {
                char bytes[KEYBOARD_HELD];
                bool sized;
                if (data[i] == 0 && i + 1 < size) {
                        mode_set(data[++i]);
                        continue;
                }
                size_t length = keyboard_filter(&filter, (char)data[i], bytes, &sized);
                taken++;
                passed += length;
                if (sized)
                        passed = taken;
                check(passed + filter.length == taken);
                type(bytes, length);
                if (data[i] % 8 == 0)
                        read_some();
                if (data[i] % 32 == 1)
                        take_some_back();
        }
        return 0;
}
