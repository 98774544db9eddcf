/* The line discipline; see terminal.h. Modes that mean something here:
 *
 *      input    ICRNL INLCR IGNCR
 *      output   OPOST with ONLCR
 *      local    ISIG with VINTR VQUIT VSUSP, NOFLSH; ICANON with VERASE VKILL VEOF VEOL and, with
 *               IEXTEN, VWERASE; ECHO ECHOE ECHOK ECHOCTL ECHONL
 *      VMIN     0: a read that finds nothing does not wait
 */
#include "servers/stream/terminal.h"

#include <assert.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>

#include "servers/common/least.h"

enum { TERMINAL_ENDS_SHIFT = 56, BELL = 7, RUB_OUT = 127, DISABLED = 0 };

static const struct terminal_mode cooked = {
    .input = ICRNL,
    .output = OPOST | ONLCR,
    .control = CS8 | CREAD | B38400,
    .local = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | IEXTEN,
    .characters = {[VINTR] = 3,
                   [VQUIT] = 28,
                   [VERASE] = RUB_OUT,
                   [VKILL] = 21,
                   [VEOF] = 4,
                   [VMIN] = 1,
                   [VSTART] = 17,
                   [VSTOP] = 19,
                   [VSUSP] = 26,
                   [VWERASE] = 23},
};

void terminal_begin(struct terminal *terminal, uint8_t *input, uint8_t *output, uint16_t rows,
                    uint16_t columns)
{
        *terminal = (struct terminal){.mode = cooked, .rows = rows, .columns = columns};
        pipe_begin(&terminal->input, input);
        pipe_begin(&terminal->output, output);
        terminal->output.least = 2; /* a newline may become two bytes */
}

static bool local(const struct terminal *terminal, uint32_t flag)
{
        return terminal->mode.local & flag;
}

static bool is_character(const struct terminal *terminal, unsigned which, uint8_t byte)
{
        return byte != DISABLED && terminal->mode.characters[which] == byte;
}

/* ---- the screen --------------------------------------------------------------------------------
 */

/* The bytes for one that a program writes. */
static size_t processed(const struct terminal *terminal, uint8_t byte, uint8_t to[2])
{
        size_t length = 0;
        if (byte == '\n' && (terminal->mode.output & (OPOST | ONLCR)) == (OPOST | ONLCR))
                to[length++] = '\r';
        to[length++] = byte;
        return length;
}

static void echo_bytes(struct terminal *terminal, const uint8_t *bytes, size_t count)
{
        struct terminal_echo *echo = terminal->echo;
        for (size_t i = 0; i < count; i++) {
                uint8_t shown[2];
                size_t length = processed(terminal, bytes[i], shown);
                if (length > TERMINAL_ECHO - echo->length)
                        return;
                memcpy(echo->bytes + echo->length, shown, length);
                echo->length += length;
        }
}

static void echo_text(struct terminal *terminal, const char *text)
{
        echo_bytes(terminal, (const uint8_t *)text, strlen(text));
}

static bool is_control(uint8_t byte)
{
        return byte < ' ' || byte == RUB_OUT;
}

/* As it is, a tab as a blank, and other control characters as ^X. */
static void echo(struct terminal *terminal, uint8_t byte)
{
        const uint8_t caret[2] = {'^', byte ^ 0x40};
        if (byte == '\n' && (local(terminal, ECHO) || local(terminal, ECHONL)))
                echo_text(terminal, "\n");
        else if (!local(terminal, ECHO))
                return;
        else if (byte == '\t')
                echo_text(terminal, " ");
        else if (is_control(byte) && local(terminal, ECHOCTL))
                echo_bytes(terminal, caret, 2);
        else
                echo_bytes(terminal, &byte, 1);
}

enum pipe_answer terminal_write(struct terminal *terminal, uint64_t writer, const uint8_t *from,
                                size_t count, size_t *done)
{
        struct pipe *output = &terminal->output;
        *done = 0;
        if (!output->open[PIPE_READ])
                return PIPE_BROKEN;
        while (*done < count && pipe_room(output) >= output->least) {
                uint8_t shown[2];
                size_t length = processed(terminal, from[*done], shown), written;
                pipe_write(output, 0, shown, length, &written);
                assert(written == length);
                ++*done;
        }
        return *done > 0 || count == 0 ? PIPE_DONE : pipe_await_room(output, writer);
}

/* ---- the line ----------------------------------------------------------------------------------
 */

/* Takes the last character off the line; UTF-8: a byte that continues one belongs to it. */
static void erase(struct terminal *terminal)
{
        assert(terminal->line_length > 0);
        uint8_t byte = terminal->line[--terminal->line_length];
        while (byte >> 6 == 2 && terminal->line_length > 0)
                byte = terminal->line[--terminal->line_length];
        if (!local(terminal, ECHO))
                return;
        if (!local(terminal, ECHOE))
                echo(terminal, terminal->mode.characters[VERASE]);
        else if (is_control(byte) && byte != '\t' && local(terminal, ECHOCTL))
                echo_text(terminal, "\b\b  \b\b");
        else
                echo_text(terminal, "\b \b");
}

static void erase_word(struct terminal *terminal)
{
        while (terminal->line_length > 0 && terminal->line[terminal->line_length - 1] == ' ')
                erase(terminal);
        while (terminal->line_length > 0 && terminal->line[terminal->line_length - 1] != ' ')
                erase(terminal);
}

static void erase_all(struct terminal *terminal)
{
        while (terminal->line_length > 0)
                erase(terminal);
}

static void input_add(struct terminal *terminal, const uint8_t *bytes, size_t count)
{
        if (pipe_room(&terminal->input) >= count)
                pipe_add(&terminal->input, bytes, count);
        else if (terminal->echo)
                echo_bytes(terminal, (const uint8_t[]){BELL}, 1);
}

/* Programs can read what was typed up to here. */
static void line_end(struct terminal *terminal)
{
        input_add(terminal, terminal->line, terminal->line_length);
        terminal->line_length = 0;
}

static void end_of_file(struct terminal *terminal)
{
        if (terminal->line_length > 0)
                line_end(terminal);
        else if (terminal->end_count < TERMINAL_ENDS)
                terminal->ends[terminal->end_count++] = terminal->input.put;
}

static void line_add(struct terminal *terminal, uint8_t byte)
{
        bool end = byte == '\n' || is_character(terminal, VEOL, byte);
        if (terminal->line_length == (size_t)TERMINAL_LINE - !end) {
                echo_bytes(terminal, (const uint8_t[]){BELL}, 1);
                return; /* the last place is for the line's end */
        }
        terminal->line[terminal->line_length++] = byte;
        echo(terminal, byte);
        if (end)
                line_end(terminal);
}

static void line_type(struct terminal *terminal, uint8_t byte)
{
        if (is_character(terminal, VERASE, byte)) {
                if (terminal->line_length > 0)
                        erase(terminal);
        } else if (is_character(terminal, VKILL, byte)) {
                erase_all(terminal);
        } else if (is_character(terminal, VWERASE, byte) && local(terminal, IEXTEN)) {
                erase_word(terminal);
        } else if (is_character(terminal, VEOF, byte)) {
                end_of_file(terminal);
        } else {
                line_add(terminal, byte);
        }
}

/* ---- the keyboard ------------------------------------------------------------------------------
 */

static void input_drop(struct terminal *terminal)
{
        terminal->line_length = 0;
        terminal->end_count = 0;
        terminal->input.taken = terminal->input.put;
}

/* The number of the signal that the byte stands for; 0: none. */
static unsigned signal_of(const struct terminal *terminal, uint8_t byte)
{
        if (!local(terminal, ISIG))
                return 0;
        return is_character(terminal, VINTR, byte)   ? SIGINT
               : is_character(terminal, VQUIT, byte) ? SIGQUIT
               : is_character(terminal, VSUSP, byte) ? SIGTSTP
                                                     : 0;
}

static bool is_dropped(const struct terminal *terminal, uint8_t byte)
{
        return byte == '\r' && terminal->mode.input & IGNCR;
}

static uint8_t translated(const struct terminal *terminal, uint8_t byte)
{
        if (byte == '\r' && terminal->mode.input & ICRNL)
                return '\n';
        return byte == '\n' && terminal->mode.input & INLCR ? '\r' : byte;
}

static void byte_type(struct terminal *terminal, uint8_t byte)
{
        if (is_dropped(terminal, byte))
                return;
        byte = translated(terminal, byte);
        if (local(terminal, ICANON)) {
                line_type(terminal, byte);
                return;
        }
        input_add(terminal, &byte, 1);
        echo(terminal, byte);
}

uint64_t terminal_type(struct terminal *terminal, const uint8_t *bytes, size_t count,
                       struct terminal_echo *echoed)
{
        uint64_t signals = 0;
        terminal->echo = echoed;
        echoed->length = 0;
        for (size_t i = 0; i < count; i++) {
                unsigned signal = signal_of(terminal, bytes[i]);
                signals |= signal ? 1ull << signal : 0;
                if (!signal) {
                        byte_type(terminal, bytes[i]);
                        continue;
                }
                if (!local(terminal, NOFLSH))
                        input_drop(terminal);
                echo(terminal, bytes[i]);
        }
        terminal->echo = NULL;
        return signals;
}

size_t terminal_take_back(struct terminal *terminal, uint8_t *to, size_t count)
{
        terminal->end_count = 0;
        if (terminal->line_length == 0) {
                count = pipe_take_back(&terminal->input, to, count);
                terminal->taken_back += count;
                return count;
        }
        count = least(count, terminal->line_length);
        terminal->line_length -= count;
        memcpy(to, terminal->line + terminal->line_length, count);
        return count;
}

/* ---- programs ----------------------------------------------------------------------------------
 */

static bool is_at_end(const struct terminal *terminal)
{
        return terminal->end_count > 0 && terminal->ends[0] == terminal->input.taken;
}

/* How much of the input one read may have. */
static size_t readable(const struct terminal *terminal, size_t count)
{
        const struct pipe *input = &terminal->input;
        size_t there = input->put - input->taken, length = 0;
        if (terminal->end_count > 0)
                there = terminal->ends[0] - input->taken;
        count = there < count ? there : count;
        if (!local(terminal, ICANON))
                return count;
        while (length < count && pipe_peek(input, length) != '\n')
                length++;
        return length < count ? length + 1 : count;
}

enum pipe_answer terminal_read(struct terminal *terminal, uint64_t reader, uint8_t *to,
                               size_t count, size_t *length, uint64_t *older)
{
        bool empty = terminal->input.put == terminal->input.taken;
        size_t wanted;
        *older = pipe_reader_drop(&terminal->input, &wanted);
        *length = 0;
        if (is_at_end(terminal)) {
                terminal->end_count--;
                memmove(terminal->ends, terminal->ends + 1,
                        terminal->end_count * sizeof *terminal->ends);
                return PIPE_DONE;
        }
        if (empty && !local(terminal, ICANON) && terminal->mode.characters[VMIN] == 0)
                return PIPE_DONE;
        return pipe_read(&terminal->input, reader, to, empty ? count : readable(terminal, count),
                         length);
}

uint64_t terminal_reader_due(struct terminal *terminal, size_t *count)
{
        return is_at_end(terminal) ? pipe_reader_drop(&terminal->input, count)
                                   : pipe_reader_due(&terminal->input, count);
}

bool terminal_may_read(const struct terminal *terminal, uint64_t group)
{
        return terminal->foreground == 0 || terminal->foreground == group;
}

bool terminal_may_write(const struct terminal *terminal, uint64_t group)
{
        return !local(terminal, TOSTOP) || terminal_may_read(terminal, group);
}

uint64_t terminal_set_foreground(struct terminal *terminal, uint64_t group)
{
        size_t wanted;
        terminal->foreground = group;
        if (terminal->reader_group == 0 || terminal_may_read(terminal, terminal->reader_group))
                return 0;
        return pipe_reader_drop(&terminal->input, &wanted);
}

struct readiness terminal_ready(const struct terminal *terminal)
{
        const struct pipe *input = &terminal->input, *output = &terminal->output;
        const bool there = input->put != input->taken || is_at_end(terminal);
        const bool over = terminal->hung_up || !input->open[PIPE_WRITE];
        return (struct readiness){(there ? POLLIN : 0) | (over ? POLLHUP : 0) |
                                      (pipe_room(output) >= PIPE_ATOMIC ? POLLOUT : 0) |
                                      (output->open[PIPE_READ] ? 0 : POLLERR),
                                  input->put + 2 * terminal->taken_back + output->taken + over +
                                      ((uint64_t)terminal->end_count << TERMINAL_ENDS_SHIFT)};
}

bool terminal_set_mode(struct terminal *terminal, const struct terminal_mode *mode, bool drop)
{
        if (!(mode->local & ICANON) && mode->characters[VTIME] != 0)
                return false;
        if (drop)
                input_drop(terminal);
        terminal->mode = *mode;
        if (!local(terminal, ICANON)) {
                line_end(terminal);
                terminal->end_count = 0;
        }
        return true;
}

bool terminal_is_raw(const struct terminal *terminal)
{
        return !local(terminal, ICANON);
}
