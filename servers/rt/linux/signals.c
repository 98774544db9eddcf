/* Signals, as far as a program with one thread and without handlers that run can tell: what it
 * sets it reads back, and what it sends to itself ends it, or does nothing, as Linux has it. A
 * signal that it has a handler for is not delivered: ENOSYS.
 *
 * Numbers and layouts: signal(7), and the kernel's struct sigaction (linux/arch/x86/include/uapi).
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>

#include "servers/rt/linux/linux.h"
#include "servers/rt/message/syscall.h"
#include "servers/rt/pure/bytes.h"

enum { SIGNALS = 64, SET_BYTES = 8 };

struct kernel_action {
        uint64_t handler, flags, restorer, mask;
};

static struct {
        struct kernel_action actions[SIGNALS + 1];
        uint64_t mask;
        stack_t stack; /* ss_flags 0: never set */
} signals;

static bool signal_valid(int signal)
{
        return signal >= 1 && signal <= SIGNALS;
}

static uint64_t signal_bit(int signal)
{
        return 1ull << (signal - 1);
}

int64_t linux_sigaction(int signal, const void *new, void *old, uint64_t set_bytes)
{
        if (!signal_valid(signal) || set_bytes != SET_BYTES ||
            (new && (signal == SIGKILL || signal == SIGSTOP)))
                return -EINVAL;
        struct kernel_action *action = &signals.actions[signal], before = *action;
        if (new)
                bytes_copy(action, new, sizeof *action);
        if (old)
                bytes_copy(old, &before, sizeof before);
        return 0;
}

int64_t linux_sigprocmask(int how, const void *new, void *old, uint64_t set_bytes)
{
        uint64_t before = signals.mask, set = 0;
        if (set_bytes != SET_BYTES ||
            (new &&how != SIG_BLOCK &&how != SIG_UNBLOCK &&how != SIG_SETMASK))
                return -EINVAL;
        if (new) {
                bytes_copy(&set, new, sizeof set);
                set = how == SIG_BLOCK ? before | set : how == SIG_UNBLOCK ? before & ~set : set;
                signals.mask = set & ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP));
        }
        if (old)
                bytes_copy(old, &before, sizeof before);
        return 0;
}

int64_t linux_sigaltstack(const void *new, void *old)
{
        stack_t before = signals.stack, set;
        if (!before.ss_sp)
                before.ss_flags = SS_DISABLE;
        if (new) {
                bytes_copy(&set, new, sizeof set);
                if (set.ss_flags & ~SS_DISABLE)
                        return -EINVAL;
                if (!(set.ss_flags & SS_DISABLE) && set.ss_size < MINSIGSTKSZ)
                        return -ENOMEM;
                if (set.ss_flags & SS_DISABLE)
                        bytes_zero(&set, sizeof set);
                signals.stack = set;
        }
        if (old)
                bytes_copy(old, &before, sizeof before);
        return 0;
}

/* signal(7): what happens by default to a program that got it. */
static bool ignored_by_default(int signal)
{
        return signal == SIGCHLD || signal == SIGURG || signal == SIGWINCH || signal == SIGCONT;
}

int64_t linux_kill(int64_t process, int signal)
{
        if (process != linux_getpid() && process != 0)
                return process == -1 ? -EPERM : -ESRCH;
        if (signal == 0)
                return 0;
        if (!signal_valid(signal))
                return -EINVAL;
        uint64_t handler = signals.actions[signal].handler;
        if (handler == (uint64_t)SIG_IGN ||
            (handler == (uint64_t)SIG_DFL && ignored_by_default(signal)))
                return 0;
        if (handler != (uint64_t)SIG_DFL)
                return -ENOSYS;
        for (;;)
                sys_task_exit((uint64_t)(LINUX_SIGNALLED + signal));
}
