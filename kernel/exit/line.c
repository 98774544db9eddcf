/* The pause doubles while the line takes nothing, and is back at its least when it takes
 * something. */
#include "kernel/exit/line.h"
#include "kernel/arch/arch.h"
#include "kernel/debug/log.h"
#include "kernel/sched/timer.h"

enum { PAUSE_LEAST = 1000000, PAUSE_MOST = 1000000000 }; /* ns; a FIFO of 16 takes 1.4 ms */

static void line_expired(struct timer *timer);

static struct {
        struct timer timer;
        uint64_t pause;
} line = {
    .timer = {.link = {&line.timer.link, &line.timer.link},
              .deadline = TIME_NEVER,
              .place = TIME_NEVER,
              .expire = line_expired},
    .pause = PAUSE_LEAST,
};

static void line_expired(struct timer *timer)
{
        uint64_t before = log_sent();
        (void)timer;
        log_send();
        if (log_sent() != before)
                line.pause = PAUSE_LEAST;
        else if (line.pause < PAUSE_MOST)
                line.pause *= 2;
        line_wait();
}

void line_wait(void)
{
        if (log_is_behind() && !timer_is_set(&line.timer))
                timer_set(&line.timer, clock_now() + line.pause);
}
