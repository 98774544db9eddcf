/* The user's terminal, raw and as it was; see raw.h. */
#include "tools/ptl/raw.h"

#include <errno.h>
#include <unistd.h>

static bool attributes_set(const struct termios *attributes)
{
        int failed;
        do
                failed = tcsetattr(STDIN_FILENO, TCSADRAIN, attributes);
        while (failed && errno == EINTR);
        return !failed;
}

void raw_begin(struct raw *raw)
{
        *raw = (struct raw){0};
        raw->is_terminal = !tcgetattr(STDIN_FILENO, &raw->before);
}

void raw_enter(struct raw *raw, bool screen)
{
        struct termios mode = raw->before;
        if (!raw->is_terminal)
                return;
        cfmakeraw(&mode);
        if (!screen)
                mode.c_oflag = raw->before.c_oflag;
        raw->is_raw = attributes_set(&mode);
}

void raw_leave(struct raw *raw)
{
        if (raw->is_terminal)
                attributes_set(&raw->before);
        raw->is_raw = false;
}
