/* Rows from a cause to the first instruction of the thread that it wakes. Each operation is timed
 * by itself: what it takes to wait again is no part of it. The other side, in a child, has the
 * processor or had it last; both have live vector registers. */
#include <stdio.h>
#include "tests/bench/kernel/loops.h"
#include "tests/bench/kernel/rows.h"
#include "tests/kernel/child.h"

enum { COUNT = 256 };
enum { SEED_WOKEN = 3000, SEED_OTHER = 4000 };
enum { BIT = 1 };

/* Words of SHARED. */
enum { CHILD_EVENT, BEGIN, RESULT_WOKEN, RESULT_OTHER };
enum { RESULT_NONE = 0, RESULT_FINE, RESULT_UNKNOWN };

/* What the woken thread waits for, what wakes the other one, and the end of the row. */
static handle_t event, other_event, done;

/* ---- a signal ---- */

static void signals(uint64_t unused)
{
        outcome_t failures = 0;
        (void)unused;
        bench_vectors_load(SEED_OTHER);
        for (unsigned i = 0; i < ROUNDS * COUNT; i++) {
                bench_mark_begin();
                SHARED->word[BEGIN] = __builtin_ia32_rdtsc();
                failures |= sys_event_signal((handle_t)SHARED->word[CHILD_EVENT], BIT);
        }
        SHARED->word[RESULT_OTHER] =
            bench_vectors_same(SEED_OTHER) && !failures ? RESULT_FINE : RESULT_NONE;
}

static void is_signalled(uint64_t unused)
{
        uint64_t bits, deadline = rt_after(TIMED_DEADLINE);
        outcome_t failures = 0;
        (void)unused;
        bench_vectors_load(SEED_WOKEN);
        for (unsigned round = 0; round < ROUNDS; round++) {
                uint64_t ticks = 0;
                for (unsigned i = 0; i < COUNT; i++) {
                        failures |= sys_event_wait(event, BIT, deadline++, &bits);
                        ticks += __builtin_ia32_rdtsc() - SHARED->word[BEGIN];
                        bench_mark_end();
                }
                sample_put(round, ticks);
        }
        SHARED->word[RESULT_WOKEN] =
            bench_vectors_same(SEED_WOKEN) && !failures ? RESULT_FINE : RESULT_NONE;
}

void row_signal_wake(void)
{
        event = make_event();
        struct child child = child_create(signals, 0, PRIORITY_CALLER);
        SHARED->word[CHILD_EVENT] = child_grant(&child, event);
        thread_run(is_signalled, 0, PRIORITY_RECEIVER);
        child_start(&child);
        settle();
        CHECK_EQ(SHARED->word[RESULT_WOKEN], RESULT_FINE);
        CHECK_EQ(SHARED->word[RESULT_OTHER], RESULT_FINE);
        samples_print("signal_wake", COUNT);
        made_destroy();
}

/* ---- an interrupt ----
 *
 * The real-time clock (MC146818) interrupts at ticks of 32,768 Hz. Where its clock and the time
 * stamp counter are the same one, in nanoseconds (QEMU with -icount and -rtc clock=vm, which rounds
 * the time of a tick down and adds one), the counter itself says when the last tick was; an idle
 * processor takes the interrupt at just that time. Anywhere else the distance between the two is
 * arbitrary, and soon longer than LATENCY_MAX: then there is no figure. */

enum {
        RTC_IRQ = 8,
        RTC_PORT = 0x70,
        RTC_A = 0x0a,
        RTC_A_8192_HZ = 0x23,
        RTC_B = 0x0b,
        RTC_B_24_HOURS = 0x02,
        RTC_B_PERIODIC = 0x40,
        RTC_C = 0x0c,
        LATENCY_MAX = 5000,
};

static handle_t rtc, interrupt;

static outcome_t rtc_write(uint64_t index, uint64_t value)
{
        outcome_t outcome = sys_ioport_write(rtc, 0, 1, index);
        return outcome ? outcome : sys_ioport_write(rtc, 1, 1, value);
}

static uint64_t since_tick(uint64_t now)
{
        enum { TICKS = 64, NANOSECONDS = 1953125 }; /* as many of the one as of the other */
        uint64_t tick = (now - 1) * TICKS / NANOSECONDS;
        return now - (tick * NANOSECONDS / TICKS + 1);
}

/* The child runs, and waits again, before each interrupt: its space and registers are loaded. */
static void is_other(uint64_t unused)
{
        uint64_t bits;
        (void)unused;
        bench_vectors_load(SEED_OTHER);
        while (!sys_event_wait((handle_t)SHARED->word[CHILD_EVENT], BIT, TIME_NEVER, &bits))
                continue;
        SHARED->word[RESULT_OTHER] = bench_vectors_same(SEED_OTHER) ? RESULT_FINE : RESULT_NONE;
}

/* False: there is no figure. */
static bool interrupts_time(outcome_t *failures)
{
        uint64_t bits, status, deadline = rt_after(TIMED_DEADLINE);
        for (unsigned round = 0; round < ROUNDS; round++) {
                uint64_t ticks = 0;
                for (unsigned i = 0; i < COUNT; i++) {
                        *failures |= sys_event_signal(other_event, BIT);
                        *failures |= sys_event_wait(event, BIT, deadline++, &bits);
                        uint64_t latency = since_tick(__builtin_ia32_rdtsc());
                        bench_mark_end();
                        *failures |= sys_ioport_read(rtc, 1, 1, &status);
                        *failures |= sys_interrupt_ack(interrupt);
                        if (latency > LATENCY_MAX)
                                return false;
                        ticks += latency;
                }
                sample_put(round, ticks);
        }
        return true;
}

static void is_interrupted(uint64_t unused)
{
        uint64_t status;
        (void)unused;
        bench_vectors_load(SEED_WOKEN);
        outcome_t failures = rtc_write(RTC_A, RTC_A_8192_HZ);
        failures |= rtc_write(RTC_B, RTC_B_24_HOURS | RTC_B_PERIODIC);
        failures |= sys_ioport_write(rtc, 0, 1, RTC_C);
        failures |= sys_ioport_read(rtc, 1, 1, &status);
        bool known = interrupts_time(&failures);
        failures |= rtc_write(RTC_B, RTC_B_24_HOURS);
        bool fine = bench_vectors_same(SEED_WOKEN) && !failures;
        SHARED->word[RESULT_WOKEN] = !fine ? RESULT_NONE : known ? RESULT_FINE : RESULT_UNKNOWN;
        sys_event_signal(done, BIT);
}

void row_irq_to_user(void)
{
        uint64_t bits;
        event = make_event();
        other_event = make_event();
        done = make_event();
        CHECK_OK(sys_ioport_create(boot->hardware, RTC_PORT, 2, &rtc));
        CHECK_OK(sys_interrupt_create(boot->hardware, RTC_IRQ, &interrupt, NULL, NULL));
        CHECK_OK(sys_interrupt_bind(interrupt, event, BIT));
        struct child child = child_create(is_other, 0, PRIORITY_SERVER);
        SHARED->word[CHILD_EVENT] = child_grant(&child, other_event);
        child_start(&child);
        settle();
        thread_run(is_interrupted, 0, PRIORITY_RECEIVER);
        CHECK_OK(sys_event_wait(done, BIT, SOON, &bits));
        CHECK_OK(sys_object_destroy(other_event));
        settle();
        CHECK_EQ(SHARED->word[RESULT_OTHER], RESULT_FINE);
        CHECK(SHARED->word[RESULT_WOKEN] != RESULT_NONE);
        if (SHARED->word[RESULT_WOKEN] == RESULT_FINE)
                samples_print("irq_to_user", COUNT);
        else
                printf("bench irq_to_user: when it interrupts is not known here\n");
        CHECK_OK(sys_handle_close(interrupt));
        CHECK_OK(sys_handle_close(rtc));
        made_destroy();
}
