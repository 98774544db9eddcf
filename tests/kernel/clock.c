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

const struct test clock_tests[] = {
    {"the_page_tells_the_time_that_clock_read_tells",
     the_page_tells_the_time_that_clock_read_tells},
    {"a_wait_is_over_by_the_page_when_it_ends", a_wait_is_over_by_the_page_when_it_ends},
    {"all_tasks_have_one_time", all_tasks_have_one_time},
    {"nobody_writes_or_moves_the_page", nobody_writes_or_moves_the_page},
    {0}};
