/* What programs ask of open files and set of them by ioctl(2), most of it of terminals
 * (ioctl_tty(2)): the terminal has its mode, for all that read and write it. One that has none (a
 * component's console, which is a line without keys) claims the mode and size that Linux's
 * terminals begin with, so that libc buffers by line; there nothing can be set. */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "servers/common/least.h"
#include "servers/proto/terminals.h"
#include "servers/proto/tty.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/foreground.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/local_pipe.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/task/time.h"

/* Linux's own struct termios is the beginning of libc's. */
struct linux_termios {
        uint32_t input, output, control, local;
        uint8_t discipline, characters[TERMINAL_CHARACTERS];
};

static const struct linux_termios console = {
    .input = ICRNL | IXON,
    .output = OPOST | ONLCR,
    .control = CS8 | CREAD | B38400,
    .local = ISIG | ICANON | ECHO | ECHOE | ECHOK | IEXTEN,
    .characters = {[VINTR] = 3,
                   [VQUIT] = 28,
                   [VERASE] = 127,
                   [VKILL] = 21,
                   [VEOF] = 4,
                   [VMIN] = 1,
                   [VSTART] = 17,
                   [VSTOP] = 19,
                   [VSUSP] = 26},
};

/* Whether the outcome says that the right is of no terminal that has a mode. */
static bool is_plain(outcome_t outcome)
{
        return outcome_reason(outcome) == REASON_NO_METHOD;
}

static int64_t mode_get(handle_t right, struct linux_termios *to)
{
        struct terminal_mode mode;
        size_t length = 0;
        outcome_t outcome = right ? tty_attributes(right, RT_DEADLINE, &mode, sizeof mode, &length)
                                  : answered(REASON_NO_METHOD);
        if (is_plain(outcome)) {
                *to = console;
                return 0;
        }
        if (outcome != OUTCOME_OK || length != sizeof mode)
                return -EIO;
        *to = (struct linux_termios){.input = mode.input,
                                     .output = mode.output,
                                     .control = mode.control,
                                     .local = mode.local};
        bytes_copy(to->characters, mode.characters, sizeof mode.characters);
        return 0;
}

static int64_t mode_set(handle_t right, const struct linux_termios *from, unsigned when)
{
        struct terminal_mode mode = {.input = from->input,
                                     .output = from->output,
                                     .control = from->control,
                                     .local = from->local};
        bytes_copy(mode.characters, from->characters, sizeof mode.characters);
        outcome_t outcome = right ? tty_set_attributes(right, RT_DEADLINE, &mode, sizeof mode, when)
                                  : answered(REASON_NO_METHOD);
        if (is_plain(outcome) || outcome == answered(REASON_INVALID))
                return -EINVAL;
        return outcome == OUTCOME_OK ? 0 : -EIO;
}

static int64_t size_get(handle_t right, struct winsize *to)
{
        uint64_t rows = 24, columns = 80;
        outcome_t outcome =
            right ? tty_size(right, RT_DEADLINE, &rows, &columns) : answered(REASON_NO_METHOD);
        if (outcome != OUTCOME_OK && !is_plain(outcome))
                return -EIO;
        *to = (struct winsize){.ws_row = (uint16_t)rows, .ws_col = (uint16_t)columns};
        return 0;
}

/* How many bytes there are to be read; of a file, from where it is on. */
static int64_t available_get(int file, const struct open_file *open, int32_t *to)
{
        uint64_t count = 0;
        outcome_t outcome = answered(REASON_NO_METHOD);
        if (open->kind == OPEN_PIPE) {
                count = local_pipe_available(open->ring);
                outcome = OUTCOME_OK;
        } else if (open->kind == OPEN_FILE) {
                struct stat status;
                const int64_t at = linux_lseek(file, 0, SEEK_CUR);
                const int64_t error = at < 0 ? at : linux_fstat(file, &status);
                if (error)
                        return error;
                count = status.st_size > at ? (uint64_t)(status.st_size - at) : 0;
                outcome = OUTCOME_OK;
        } else if (open->kind == OPEN_CONSOLE && open->right) {
                outcome = tty_available(open->right, RT_DEADLINE, &count);
        }
        if (outcome != OUTCOME_OK)
                return is_plain(outcome) ? -ENOTTY : -EIO;
        *to = (int32_t)least(count, INT32_MAX);
        return 0;
}

/* What is asked of any open file. False: it is not. */
static bool common_ioctl(int file, struct open_file *open, uint64_t command, uint64_t argument,
                         int64_t *result)
{
        *result = 0;
        switch (command) {
        case FIONREAD:
                *result = available_get(file, open, (int32_t *)argument);
                return true;
        case FIONBIO:
                open->flags &= ~O_NONBLOCK;
                open->flags |= *(const int32_t *)argument ? O_NONBLOCK : 0;
                return true;
        case FIOCLEX:
        case FIONCLEX:
                descriptor_close_on_exec(file, command == FIOCLEX);
                return true;
        default:
                return false;
        }
}

int64_t linux_ioctl(int file, uint64_t command, uint64_t argument)
{
        struct open_file *open = open_file_of(file);
        int64_t error;
        if (!open)
                return -EBADF;
        if (common_ioctl(file, open, command, argument, &error))
                return error;
        if (!open_file_is_terminal(open))
                return -ENOTTY;
        switch (command) {
        case TIOCGWINSZ:
                return size_get(open->right, (struct winsize *)argument);
        case TCGETS:
                return mode_get(open->right, (struct linux_termios *)argument);
        case TCSETS:
        case TCSETSW:
        case TCSETSF:
                error = open->right ? foreground_change(open->right) : 0;
                return error ? error
                             : mode_set(open->right, (const struct linux_termios *)argument,
                                        (unsigned)(command - TCSETS));
        case TIOCGPGRP:
                return foreground_get(open->right, (int32_t *)argument);
        case TIOCSPGRP:
                return foreground_set(open->right, (const int32_t *)argument);
        case TIOCGSID:
                return foreground_session((int32_t *)argument);
        default:
                return -EINVAL;
        }
}
