/* See foreground.h. Sources: termios(3), tcgetpgrp(3), ioctl_tty(2), credentials(7). */
#include "servers/rt/linux/foreground.h"

#include <errno.h>
#include <signal.h>

#include "servers/proto/process.h"
#include "servers/proto/tty.h"
#include "servers/rt/linux/console.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/outside.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/message/message.h"
#include "servers/rt/start/startup.h"

/* The group's number when it was asked for last. */
static uint64_t known_group;

/* Whether the process is in the foreground, or there is none. */
static int64_t is_foreground(handle_t terminal, bool *is)
{
        uint64_t session, foreground = 0;
        int64_t error = group_of(0, &known_group, &session);
        *is = true;
        if (error == -ENOSYS)
                return 0;
        if (error)
                return error;
        outcome_t outcome = tty_foreground(terminal, RT_DEADLINE, &foreground);
        if (outcome_reason(outcome) == REASON_NO_METHOD)
                return 0;
        *is = foreground == 0 || foreground == known_group;
        return outcome == OUTCOME_OK ? 0 : -EIO;
}

/* The whole group gets the signal, by which it stops; one that nobody could let go on gets none. */
static int64_t background(int signal)
{
        uint64_t orphaned = 0;
        process_orphaned(rt_handle("log"), RT_DEADLINE, &orphaned);
        if (orphaned)
                return -EIO;
        int64_t error = linux_kill(0, signal);
        return error ? error : -RESTART;
}

static bool is_unwanted(int signal)
{
        return thread_self()->blocked & signal_bit(signal) || signal_ignored(signal);
}

void foreground_forget(void)
{
        known_group = 0;
}

int64_t foreground_read(handle_t terminal, uint8_t *to, uint64_t count)
{
        bool is = true;
        int64_t error = known_group ? 0 : is_foreground(terminal, &is);
        while (!error) {
                if (!is)
                        return is_unwanted(SIGTTIN) ? -EIO : background(SIGTTIN);
                int64_t done = console_read_as(terminal, known_group, to, count);
                if (done != -ESTALE)
                        return done;
                error = is_foreground(terminal, &is);
        }
        return error;
}

int64_t foreground_write(handle_t terminal, const uint8_t *from, uint64_t count)
{
        uint64_t session;
        bool is = true;
        int64_t error = known_group ? 0 : group_of(0, &known_group, &session);
        error = error == -ENOSYS ? 0 : error;
        while (!error) {
                if (!is)
                        return is_unwanted(SIGTTOU) ? console_write(terminal, from, count)
                                                    : background(SIGTTOU);
                int64_t done = console_write_as(terminal, known_group, from, count);
                if (done != -ESTALE)
                        return done;
                error = is_foreground(terminal, &is);
        }
        return error;
}

int64_t foreground_change(handle_t terminal)
{
        bool is;
        int64_t error = is_foreground(terminal, &is);
        if (error)
                return error;
        return is || is_unwanted(SIGTTOU) ? 0 : background(SIGTTOU);
}

int64_t foreground_get(handle_t terminal, int32_t *group)
{
        uint64_t own, session, foreground = 0;
        int64_t error = group_of(0, &own, &session);
        if (error)
                return -ENOTTY;
        outcome_t outcome = tty_foreground(terminal, RT_DEADLINE, &foreground);
        if (outcome_reason(outcome) == REASON_NO_METHOD)
                return -ENOTTY;
        if (outcome != OUTCOME_OK)
                return -EIO;
        *group = (int32_t)(foreground ? foreground : session);
        return 0;
}

int64_t foreground_set(handle_t terminal, const int32_t *group)
{
        bool none;
        const int64_t wanted = *group;
        if (!outside_is_there())
                return -ENOTTY;
        int64_t error = foreground_change(terminal);
        if (!error && wanted <= 0)
                error = -EINVAL;
        /* The group is one of this session. */
        if (!error)
                error = outside_send(-wanted, 0, SI_USER, 0, &none);
        if (error)
                return error == -ESRCH ? -EPERM : error;
        outcome_t outcome = tty_set_foreground(terminal, RT_DEADLINE, (uint64_t)wanted);
        if (outcome_reason(outcome) == REASON_NO_METHOD)
                return -ENOTTY;
        return outcome == OUTCOME_OK ? 0 : -EIO;
}

int64_t foreground_session(int32_t *session)
{
        uint64_t group, own;
        int64_t error = group_of(0, &group, &own);
        if (error)
                return -ENOTTY;
        *session = (int32_t)own;
        return 0;
}
