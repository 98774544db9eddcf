/* The kernel's benchmark: the first task of a machine of its own. It starts 1,000 calls that nobody
 * receives, each with a deadline, so that as many timers are pending, and then runs row after row.
 * What it prints is read by tools/bench: `bench NAME ticks …`, `bench tsc_hz N`, `bench end`. */
#include <stdio.h>
#include <stdlib.h>
#include "servers/rt/start/startup.h"
#include "tests/bench/kernel/loops.h"
#include "tests/bench/kernel/rows.h"
#include "tests/kernel/child.h"

const struct bootinfo *boot;

static void end(unsigned status) __attribute__((noreturn));
static void end(unsigned status)
{
        fflush(stdout);
        sys_machine_control(boot->hardware, MACHINE_EXIT, status);
        abort();
}

/* For the program's first thread, as CHECK is: the others have no C library. */
void test_fail(const char *file, int line, const char *what, uint64_t got, uint64_t wanted)
{
        printf("%s:%d: %s (%#llx, %#llx)\n", file, line, what, (unsigned long long)got,
               (unsigned long long)wanted);
        end(1);
}

/* ---- samples ---- */

static volatile uint32_t *samples(void)
{
        return (volatile uint32_t *)SHARED->bytes;
}

_Static_assert(sizeof(((struct shared *)0)->bytes) >= SAMPLES_MAX * sizeof(uint32_t),
               "samples are in SHARED");
_Static_assert(ROUNDS <= SAMPLES_MAX, "samples");

void sample_put(unsigned round, uint64_t ticks)
{
        samples()[round] = (uint32_t)ticks;
}

void samples_take(const struct round *round)
{
        for (unsigned i = 0; i < ROUNDS; i++) {
                bench_mark_begin();
                uint64_t begin = __builtin_ia32_rdtsc();
                round->loop(round->count);
                uint64_t end = __builtin_ia32_rdtsc();
                bench_mark_end();
                sample_put(i, end - begin);
                if (round->undo)
                        round->undo(round->count);
        }
}

static int sample_compare(const void *a, const void *b)
{
        uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
        return (x > y) - (x < y);
}

void samples_print(const char *name, unsigned count)
{
        static uint32_t sorted[ROUNDS];
        for (unsigned i = 0; i < ROUNDS; i++)
                sorted[i] = samples()[i];
        CHECK(sorted[ROUNDS - 1] != 0);
        qsort(sorted, ROUNDS, sizeof(*sorted), sample_compare);
        printf("bench %s ticks %u %u %u %u %u\n", name, sorted[ROUNDS / 2], sorted[0],
               sorted[ROUNDS - 1], count, ROUNDS);
}

/* ---- other timers ---- */

/* Not in the order of their deadlines, as nobody's are. */
static void timers_start(void)
{
        handle_t port, right, event, call;
        uint64_t first = rt_after(TIMERS_FROM);
        CHECK_OK(sys_port_create(&port));
        CHECK_OK(sys_right_mint(port, 1, RIGHTS_ALL, &right));
        CHECK_OK(sys_event_create(&event));
        for (unsigned i = 0; i < OTHER_TIMERS; i++) {
                CHECK_OK(sys_call_create(event, 1, &call));
                struct message_registers registers = {
                    .handle = right,
                    .second = call,
                    .header = HEADER(0),
                    .deadline = first + i * 617 % OTHER_TIMERS * TIMERS_APART,
                };
                CHECK_OK(sys_message(SYSCALL_call_start, &registers));
        }
}

int main(void)
{
        static void (*const rows[])(void) = {
            row_null_syscall, row_call_0,      row_call_4,      row_call_8,    row_call_64,
            row_call_cap,     row_call_async,  row_call_keyed,  row_call_same, row_send,
            row_signal,       row_signal_wake, row_irq_to_user, row_fault,     row_map_page,
        };
        boot = rt_bootinfo();
        setvbuf(stdout, NULL, _IOLBF, 512);
        children_init();
        printf("bench tsc_hz %llu\n", (unsigned long long)boot->tsc_hz);
        timers_start();
        for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                bench_mark_row();
                rows[i]();
        }
        printf("bench end\n");
        end(0);
}
