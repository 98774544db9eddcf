/* Keys for the program in the foreground; see keyboard.h. */
#include "servers/shell/keyboard.h"

#include <signal.h>

#include "servers/proto/keyboard.h"
#include "servers/proto/shell.h"
#include "servers/rt/message/message.h"
#include "servers/shell/fiber.h"
#include "servers/shell/terminal.h"

/* Bytes of a size come at once; an Escape key comes alone. */
#define HELD_WAIT (50 * RT_MILLISECOND)

enum { KEYS_CHUNK = 256, ECHO_MOST = 8192 };

static void typed(struct keyboard *keyboard, const char *bytes, size_t length)
{
        uint64_t signals = 0, group = 0;
        char echo[ECHO_MOST];
        size_t echo_length = 0;
        if (length == 0 || keyboard_type(keyboard->terminal, RT_DEADLINE, bytes, length, &signals,
                                         &group, echo, sizeof echo, &echo_length) != OUTCOME_OK)
                return;
        terminal_write(echo, echo_length);
        keyboard->quits = signals & 1ull << SIGQUIT ? keyboard->quits + 1 : 0;
        if (keyboard->quits > 1)
                keyboard->signal(keyboard->context, 1ull << SIGKILL, 0);
        else if (signals != 0)
                keyboard->signal(keyboard->context, signals, group);
}

static void sized(struct keyboard *keyboard)
{
        keyboard->resized(keyboard->filter.rows, keyboard->filter.columns);
        keyboard_size(keyboard, keyboard->filter.rows, keyboard->filter.columns);
}

void keyboard_size(struct keyboard *keyboard, unsigned rows, unsigned columns)
{
        uint64_t group = 0;
        if (keyboard_resize(keyboard->terminal, RT_DEADLINE, rows, columns, &group) == OUTCOME_OK)
                keyboard->signal(keyboard->context, 1ull << SIGWINCH, group);
}

/* A Ctrl-C that ended a command before has its byte here still: that is over. */
static bool is_over(char byte)
{
        return byte == SHELL_CANCEL && !terminal_interrupt_read();
}

static void chunk_pass(struct keyboard *keyboard, const char *bytes, size_t count)
{
        char passed[KEYS_CHUNK + KEYBOARD_HELD];
        size_t length = 0;
        for (size_t i = 0; i < count; i++) {
                bool size = false;
                if (is_over(bytes[i]))
                        continue;
                length += keyboard_filter(&keyboard->filter, bytes[i], passed + length, &size);
                if (size)
                        sized(keyboard);
        }
        typed(keyboard, passed, length);
}

uint64_t keyboard_pass(struct keyboard *keyboard)
{
        char bytes[KEYS_CHUNK];
        size_t count;
        while ((count = terminal_read_ready(bytes, sizeof bytes)) > 0) {
                chunk_pass(keyboard, bytes, count);
                keyboard->held_until = rt_after(HELD_WAIT);
        }
        if (keyboard->filter.length == 0)
                return FIBER_NEVER;
        if (rt_now() >= keyboard->held_until)
                typed(keyboard, bytes, keyboard_filter_end(&keyboard->filter, bytes));
        return keyboard->filter.length > 0 ? keyboard->held_until : FIBER_NEVER;
}
