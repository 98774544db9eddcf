/* The clock page: its time and clock_read's are one, and nobody can touch it. */
#include "tests/kernel/harness.h"
#include "kernel/abi/clock.h"

enum { ROUNDS = 2000 };

static uint64_t clock_read(void)
{
        uint64_t time = 0;
        sys_clock_read(&time);
        return time;
}

static void the_page_tells_the_time_that_clock_read_tells(void)
{
        const struct clock_page *page = (const struct clock_page *)CLOCK_PAGE;
        CHECK_EQ(page->version, CLOCK_VERSION);
        uint64_t last = rt_now(), begin = last;
        for (unsigned i = 0; i < ROUNDS; i++) {
                uint64_t called = clock_read(), read = rt_now();
                CHECK(last <= called && called <= read);
                last = read;
        }
        CHECK(last > begin && last < begin + 60 * RT_SECOND);
}

static void a_wait_is_over_by_the_page_when_it_ends(void)
{
        for (unsigned i = 0; i < 50; i++) {
                uint64_t deadline = rt_now() + 20 * RT_MICROSECOND;
                sys_sleep(deadline);
                CHECK(rt_now() >= deadline);
        }
}

static void tell_time(uint64_t unused)
{
        (void)unused;
        SHARED->word[0] = rt_now();
}

static void all_tasks_have_one_time(void)
{
        uint64_t before = rt_now();
        struct child child = child_create(tell_time, 0, PRIORITY_LOW);
        child_start(&child);
        settle();
        CHECK(SHARED->word[0] > before && SHARED->word[0] < rt_now());
}

static void spoil_page(uint64_t unused)
{
        (void)unused;
        *(volatile uint32_t *)CLOCK_PAGE = 0;
        SHARED->word[0] = 1;
}

static void nobody_writes_or_moves_the_page(void)
{
        struct child child = child_create(spoil_page, 0, PRIORITY_LOW);
        handle_t memory = make_memory(1);
        uint64_t alive, status, zero = 0;
        CHECK_NOT(sys_memory_unmap(0, CLOCK_PAGE, 4096), MALFORMED);
        CHECK_NOT(sys_memory_protect(0, CLOCK_PAGE, 4096, MAP_READ | MAP_WRITE), MALFORMED);
        CHECK_NOT(sys_memory_map(0, memory, CLOCK_PAGE, 0, 4096, MAP_READ, NULL), MALFORMED);
        CHECK_NOT(sys_memory_unmap(child.task, CLOCK_PAGE - 4096, 8192), MALFORMED);
        CHECK_NOT(sys_task_write(child.task, CLOCK_PAGE, &zero, 8), FAULT);
        child_start(&child);
        settle();
        CHECK_OK(sys_task_status(child.task, &alive, &status));
        CHECK(!alive && !SHARED->word[0]);
        CHECK_EQ(((const struct clock_page *)CLOCK_PAGE)->version, CLOCK_VERSION);
}

/* ---- another clock: channel 2 of the PIT (Intel 8254), which the kernel does not use; port B of
 * the chipset has its gate and its output ---- */

enum {
        PIT_COUNTER = 2,
        PIT_CONTROL = 3,
        PIT_ONCE = 2 << 6 | 3 << 4, /* both bytes of the count; the output rises at its end */
        PIT_COUNT = 0xffff,
        PIT_HZ = 1193182,
        PORT_B = 0x61,
        PORT_B_GATE = 1,
        PORT_B_SPEAKER = 2,
        PORT_B_OUTPUT = 0x20,
};

static handle_t io_ports(uint64_t base, uint64_t count)
{
        handle_t handle;
        CHECK_OK(sys_ioport_create(boot->hardware, base, count, &handle));
        return handle;
}

static bool pit_is_over(handle_t port_b)
{
        uint64_t value = 0;
        CHECK_OK(sys_ioport_read(port_b, 0, 1, &value));
        return value & PORT_B_OUTPUT;
}

/* Begin and end of the count lie each between two readings of the clock, however far apart these
 * are: so it does not matter what else the machine does. */
static void a_second_lasts_a_second(void)
{
        handle_t pit = io_ports(0x40, 4), port_b = io_ports(PORT_B, 1);
        uint64_t control, begun[2], over[2], before, lasts = PIT_COUNT * RT_SECOND / PIT_HZ;
        CHECK_OK(sys_ioport_read(port_b, 0, 1, &control));
        control = (control & ~(uint64_t)PORT_B_SPEAKER) | PORT_B_GATE;
        CHECK_OK(sys_ioport_write(port_b, 0, 1, control));
        CHECK_OK(sys_ioport_write(pit, PIT_CONTROL, 1, PIT_ONCE));
        CHECK_OK(sys_ioport_write(pit, PIT_COUNTER, 1, PIT_COUNT & 0xff));
        begun[0] = rt_now();
        CHECK_OK(sys_ioport_write(pit, PIT_COUNTER, 1, PIT_COUNT >> 8));
        begun[1] = over[0] = rt_now();
        for (before = begun[1]; !pit_is_over(port_b); before = rt_now()) {
                over[0] = before;
                CHECK(before < begun[1] + 60 * RT_SECOND);
        }
        over[1] = rt_now();
        CHECK(over[1] - begun[0] >= lasts - lasts / 8);
        CHECK(over[0] - begun[1] <= lasts + lasts / 8);
        sys_handle_close(pit);
        sys_handle_close(port_b);
}

const struct test clock_tests[] = {
    {"the_page_tells_the_time_that_clock_read_tells",
     the_page_tells_the_time_that_clock_read_tells},
    {"a_wait_is_over_by_the_page_when_it_ends", a_wait_is_over_by_the_page_when_it_ends},
    {"all_tasks_have_one_time", all_tasks_have_one_time},
    {"nobody_writes_or_moves_the_page", nobody_writes_or_moves_the_page},
    {"a_second_lasts_a_second", a_second_lasts_a_second},
    {0}};
