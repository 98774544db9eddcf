/* Writing to the console, and reading from it; see console.h. */
#include "servers/rt/linux/console.h"

#include <errno.h>

#include "servers/proto/tty.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/linux/user.h"
#include "servers/rt/message/message.h"
#include "servers/rt/start/startup.h"

enum { TTY_CHUNK = 4096 };

static handle_t console_output(void)
{
        handle_t out = rt_handle("stdout");
        return out ? out : rt_handle("tty");
}

/* Nobody else could send it a signal while it is alone. */
bool call_interruptible(struct thread *thread)
{
        if (threads_alone() || thread_event(thread))
                return false;
        return thread->call ||
               sys_call_create(thread->event, WAKE_CALL, &thread->call) == OUTCOME_OK;
}

void call_wait(struct thread *thread)
{
        bool cancelled = false;
        uint64_t seen = 0;
        state_lock();
        while (!(seen & WAKE_CALL)) {
                if (!cancelled && signals_deliverable(thread)) {
                        cancelled = true;
                        rt_call_cancel(thread->call);
                }
                seen = thread_wait(thread, cancelled ? WAKE_CALL : WAKE_CALL | WAKE_SIGNAL,
                                   TIME_NEVER);
        }
        state_unlock();
}

static int64_t stream_error(outcome_t outcome)
{
        return outcome_reason(outcome) == REASON_CANCELLED ? -RESTART : linux_error(outcome);
}

static outcome_t line_write(handle_t out, uint64_t deadline, const uint8_t *from, uint64_t part,
                            uint64_t *written)
{
        struct thread *thread = thread_self();
        if (!call_interruptible(thread))
                return tty_write(out, deadline, from, part, written);
        outcome_t outcome = tty_write_start(out, thread->call, deadline, from, part);
        if (outcome != OUTCOME_OK)
                return outcome;
        call_wait(thread);
        return tty_write_finish(thread->call, written);
}

/* group: of the process (console_write_as), or 0. */
static outcome_t part_write(handle_t out, uint64_t group, uint64_t deadline, const uint8_t *from,
                            uint64_t part, uint64_t *written)
{
        struct thread *thread = thread_self();
        outcome_t outcome;
        if (!group)
                return line_write(out, deadline, from, part, written);
        if (call_interruptible(thread)) {
                outcome = tty_write_as_start(out, thread->call, deadline, from, part, group);
                if (outcome != OUTCOME_OK)
                        return outcome;
                call_wait(thread);
                outcome = tty_write_as_finish(thread->call, written);
        } else {
                outcome = tty_write_as(out, deadline, from, part, group, written);
        }
        return outcome_reason(outcome) == REASON_NO_METHOD
                   ? line_write(out, deadline, from, part, written)
                   : outcome;
}

/* group: of the process (console_read_as), or 0. */
static outcome_t part_read(handle_t in, uint64_t group, uint8_t *to, uint64_t part, size_t *length,
                           uint64_t *lost)
{
        struct thread *thread = thread_self();
        if (group && call_interruptible(thread)) {
                outcome_t outcome =
                    tty_read_as_start(in, thread->call, TIME_NEVER, part, group, to, part);
                if (outcome != OUTCOME_OK)
                        return outcome;
                call_wait(thread);
                return tty_read_as_finish(thread->call, to, part, length, lost);
        }
        if (!call_interruptible(thread))
                return tty_read(in, TIME_NEVER, part, to, part, length, lost);
        outcome_t outcome = tty_read_start(in, thread->call, TIME_NEVER, part, to, part);
        if (outcome != OUTCOME_OK)
                return outcome;
        call_wait(thread);
        return tty_read_finish(thread->call, to, part, length, lost);
}

int64_t console_write(handle_t right, const uint8_t *from, uint64_t count)
{
        return console_write_as(right, 0, from, count);
}

int64_t console_write_as(handle_t right, uint64_t group, const uint8_t *from, uint64_t count)
{
        handle_t out = right ? right : console_output();
        uint64_t done = 0;
        if (!out) {
                rt_log_bytes(from, count);
                return (int64_t)count;
        }
        while (done < count) {
                uint64_t part = count - done < TTY_CHUNK ? count - done : TTY_CHUNK, written = 0;
                outcome_t outcome = part_write(out, group, right ? TIME_NEVER : RT_DEADLINE,
                                               from + done, part, &written);
                if (outcome != OUTCOME_OK)
                        return done ? (int64_t)done : stream_error(outcome);
                done += written < part ? written : part;
        }
        return (int64_t)done;
}

static int64_t read_some(handle_t in, uint64_t group, uint8_t *to, uint64_t count)
{
        size_t length = 0;
        uint64_t lost = 0;
        uint64_t part = count < TTY_CHUNK ? count : TTY_CHUNK;
        outcome_t outcome = part_read(in, group, to, part, &length, &lost);
        if (group && outcome_reason(outcome) == REASON_NO_METHOD)
                outcome = part_read(in, 0, to, part, &length, &lost);
        if (outcome == OUTCOME_OK && lost > 0)
                return -EIO;
        return outcome == OUTCOME_OK ? (int64_t)length : stream_error(outcome);
}

int64_t console_read(handle_t right, uint8_t *to, uint64_t count)
{
        handle_t in = right ? right : rt_handle("stdin");
        if (!in)
                in = rt_handle("tty");
        return in && count ? read_some(in, 0, to, count) : 0;
}

int64_t console_read_as(handle_t right, uint64_t group, uint8_t *to, uint64_t count)
{
        return count ? read_some(right, group, to, count) : 0;
}

int64_t console_line(uint8_t line[CONSOLE_LINE], const struct iovec *vector, uint64_t count)
{
        enum { VECTORS = 8 };
        uint64_t length = 0;
        for (uint64_t i = 0; i < count; i++) {
                if (count > VECTORS || vector[i].iov_len > CONSOLE_LINE - length ||
                    !user_reads((uint64_t)vector[i].iov_base, vector[i].iov_len))
                        return -1;
                bytes_copy(line + length, vector[i].iov_base, vector[i].iov_len);
                length += vector[i].iov_len;
        }
        return (int64_t)length;
}
