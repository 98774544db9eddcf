/* See signal_file.h. Who waits does so at the place of all signals, as at a futex. */
#include "servers/rt/linux/signal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>

#include "servers/rt/linux/futex.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"

_Static_assert(sizeof(struct signalfd_siginfo) == 128, "signalfd(2)");

static void info_fill(struct signalfd_siginfo *to, const struct signal_info *from)
{
        const uint64_t value = from->sender.value;
        bytes_zero(to, sizeof *to);
        to->ssi_signo = (uint32_t)from->number;
        to->ssi_code = from->code;
        to->ssi_pid = (uint32_t)from->sender.process;
        to->ssi_uid = (uint32_t)from->sender.user;
        if (from->number == SIGCHLD)
                to->ssi_status = (int32_t)value;
        if (from->code == SI_TIMER) {
                to->ssi_tid = (uint32_t)from->sender.process;
                to->ssi_overrun = (uint32_t)from->sender.user;
        }
        to->ssi_int = (int32_t)value;
        to->ssi_ptr = value;
}

int64_t signal_file_read(const struct open_file *open, void *to, uint64_t bytes)
{
        struct signalfd_siginfo *place = to;
        struct signal_info info;
        uint64_t count = 0;
        int64_t error = bytes < sizeof *place ? -EINVAL : 0;
        state_lock();
        while (!count && !error) {
                while (bytes - count * sizeof *place >= sizeof *place &&
                       signal_take(thread_self(), open->count, &info))
                        info_fill(&place[count++], &info);
                if (!count)
                        error = open->flags & O_NONBLOCK
                                    ? -EAGAIN
                                    : futex_wait_here((uint64_t)signals_place(), TIME_NEVER);
        }
        state_unlock();
        return error ? error : (int64_t)(count * sizeof *place);
}

struct readiness signal_file_ready(const struct open_file *open)
{
        return (struct readiness){signals_pending(thread_self()) & open->count ? POLLIN : 0,
                                  signals_progress()};
}

int64_t linux_signalfd(int file, const void *set, uint64_t set_bytes, int flags)
{
        struct open_file *open = open_file_of(file);
        uint64_t wanted;
        if (set_bytes != sizeof wanted || flags & ~(SFD_CLOEXEC | SFD_NONBLOCK))
                return -EINVAL;
        bytes_copy(&wanted, set, sizeof wanted);
        wanted &= ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP));
        if (file == -1) {
                const int64_t made = open_file_new(OPEN_SIGNALS, &open);
                if (made < 0)
                        return made;
                open->flags = O_RDWR | (flags & SFD_NONBLOCK);
                descriptor_close_on_exec((int)made, flags & SFD_CLOEXEC);
                file = (int)made;
        } else if (!open || open->kind != OPEN_SIGNALS) {
                return open ? -EINVAL : -EBADF;
        }
        state_lock();
        open->count = wanted;
        futex_changed(signals_place());
        state_unlock();
        return file;
}
