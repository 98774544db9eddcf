/* The time by the clock page (kernel/abi/clock.h). */
#include "servers/rt/task/time.h"

#include "kernel/abi/clock.h"
#include "servers/rt/start/self.h"

/* The fence keeps the counter from being read before what came earlier has happened (SDM volume 2,
 * RDTSC): a message that tells a time may lie behind it. */
static uint64_t tsc_read(void)
{
        uint32_t low, high;
        __asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high) : : "memory");
        return (uint64_t)high << 32 | low;
}

uint64_t rt_now(void)
{
        const struct clock_page *page = (const struct clock_page *)CLOCK_PAGE;
        uint64_t now = 0;
        if (page->version == CLOCK_VERSION)
                return clock_time(page, tsc_read());
        sys_clock_read(&now);
        return now;
}

uint64_t rt_boot_date(void)
{
        return rt_self.startup ? rt_self.startup->boot_date : rt_self.boot_date;
}

uint64_t rt_date(void)
{
        return rt_boot_date() + rt_now();
}

void rt_date_set(uint64_t date)
{
        rt_self.boot_date = date - rt_now();
}
