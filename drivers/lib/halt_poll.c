/* The thread that polls (halt_poll.h). It has no block of the runtime, and makes no call but the
 * one system call in which it sleeps; all that it executes is in one function, so that profiles can
 * tell it from work. */
#include "drivers/lib/halt_poll.h"
#include <stddef.h>
#include "kernel/abi/clock.h"
#include "kernel/abi/sched.h"
#include "servers/rt/message/syscall.h"

enum { STACK_BYTES = 2048, EVENT_EXPECTED = 1 };

static struct halt_poll *polled;
static _Alignas(16) unsigned char stack[STACK_BYTES];

/* Without `pause`, which under emulation leaves the guest's code and takes the lock that whoever
 * brings the frame is waiting for. */
static inline uint64_t time_now(void)
{
        uint32_t low, high;
        __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
        return clock_time((const struct clock_page *)CLOCK_PAGE, (uint64_t)high << 32 | low);
}

/* What the client expects is looked at after this thread has said that it sleeps: either it sees
 * what is new, or the driver's thread sees the sleeper. */
static _Noreturn void halt_poll(void)
{
        struct halt_poll *poll = polled;
        uint32_t given_up = 0;
        for (;;) {
                atomic_store(&poll->asleep, true);
                uint32_t expected = packet_expected(poll->area);
                if (expected == 0 || expected == given_up) {
                        uint64_t bits;
                        sys_event_wait(poll->event, EVENT_EXPECTED, TIME_NEVER, &bits);
                        continue;
                }
                atomic_store(&poll->asleep, false);
                uint64_t end = time_now() + HALT_POLL_MOST;
                while (packet_expected(poll->area) == expected && time_now() < end)
                        ;
                bool in_time = packet_expected(poll->area) != expected;
                halt_poll_ended(poll, in_time);
                if (!in_time)
                        given_up = expected;
        }
}

void halt_poll_start(struct halt_poll *poll, const struct packet_area *area)
{
        const struct clock_page *clock = (const struct clock_page *)CLOCK_PAGE;
        handle_t thread;
        poll->area = area;
        polled = poll;
        /* At a function's entry the stack is 8 bytes off a multiple of 16 (System V ABI). */
        if (clock->version != CLOCK_VERSION || sys_event_create(&poll->event) != OUTCOME_OK ||
            sys_thread_create(0, (uint64_t)halt_poll, (uint64_t)stack + STACK_BYTES - 8, 0,
                              thread_scheduling(PRIORITY_MIN, PRIORITY_MIN, 0),
                              &thread) != OUTCOME_OK)
                return;
        sys_thread_control(thread, THREAD_START, 0);
}

void halt_poll_wake(struct halt_poll *poll)
{
        if (poll->area && halt_poll_due(poll, packet_expected(poll->area)) &&
            atomic_load_explicit(&poll->asleep, memory_order_relaxed)) {
                atomic_store_explicit(&poll->asleep, false, memory_order_relaxed);
                sys_event_signal(poll->event, EVENT_EXPECTED);
        }
}
