/* Threads: start and stop, priorities, time slices, sleeping, registers. */
#include "tests/kernel/harness.h"

/* Lets threads of a lower priority run until the word changes, for at most ten seconds. */
static void wait_for_change(unsigned index, uint64_t from)
{
        for (uint64_t end = rt_now() + 10 * RT_SECOND; SHARED->word[index] == from;) {
                CHECK(rt_now() < end);
                wait_until(rt_now() + RT_MILLISECOND);
        }
}

static void note(uint64_t number)
{
        SHARED->word[1 + SHARED->word[0]] = number;
        SHARED->word[0]++;
}

static void higher_priority_runs_first(void)
{
        thread_run(note, 1, PRIORITY_LOW);
        thread_run(note, 3, PRIORITY_HIGH);
        thread_run(note, 2, PRIORITY_MIDDLE);
        CHECK_EQ(SHARED->word[0], 0);
        settle();
        CHECK_EQ(SHARED->word[0], 3);
        CHECK_EQ(SHARED->word[1], 3);
        CHECK_EQ(SHARED->word[2], 2);
        CHECK_EQ(SHARED->word[3], 1);
}

static void spin(uint64_t index)
{
        while (!SHARED->word[0])
                SHARED->word[index]++;
}

static void equals_share_the_processor(void)
{
        thread_run(spin, 1, PRIORITY_LOW);
        thread_run(spin, 2, PRIORITY_LOW);
        wait_for_change(1, 0);
        wait_for_change(2, 0);
        uint64_t one = SHARED->word[1];
        wait_for_change(1, one);
        SHARED->word[0] = 1;
        settle();
}

static void lower_priority_waits_while_a_higher_one_runs(void)
{
        thread_run(spin, 1, PRIORITY_HIGH);
        thread_run(spin, 2, PRIORITY_LOW);
        /* Several slices of time pass; none is for the lower one. */
        for (uint64_t last = 0, i = 0; i < 30; i++) {
                wait_for_change(1, last);
                last = SHARED->word[1];
        }
        CHECK_EQ(SHARED->word[2], 0);
        SHARED->word[0] = 1;
        settle();
}

static void sleep_lasts_as_long_as_asked(void)
{
        uint64_t start = rt_now();
        CHECK_OK(sys_sleep(start + 3 * RT_MILLISECOND));
        CHECK(rt_now() >= start + 3 * RT_MILLISECOND);
        CHECK_OK(sys_sleep(0));
}

static void a_stopped_thread_stands_and_goes_on(void)
{
        handle_t thread = thread_run(spin, 1, PRIORITY_LOW);
        wait_for_change(1, 0);
        CHECK_OK(sys_thread_control(thread, THREAD_STOP, 0));
        uint64_t then = SHARED->word[1];
        settle();
        CHECK_EQ(SHARED->word[1], then);
        static struct registers registers;
        uint64_t time, later;
        CHECK_OK(sys_thread_registers(thread, &registers, &time));
        CHECK(registers.rip >= (uint64_t)spin && registers.rip < (uint64_t)spin + 256);
        CHECK_OK(sys_thread_control(thread, THREAD_START, 0));
        wait_for_change(1, then);
        CHECK_OK(sys_thread_control(thread, THREAD_STOP, 0));
        CHECK_OK(sys_thread_registers(thread, &registers, &later));
        CHECK(time > 0 && later > time);
        CHECK_OK(sys_thread_control(thread, THREAD_START, 0));
        SHARED->word[0] = 1;
        settle();
}

/* What comes of a wait is not lost on a thread that is to stop: it has it when it goes on. */
enum { RETURNED, OF_CALL, OF_RECEIVE };

static void calls(uint64_t right)
{
        struct message_registers r;
        outcome_t outcome = call((handle_t)right, HEADER(0), SOON, &r);
        SHARED->word[RETURNED] = 1;
        SHARED->word[OF_CALL] = outcome;
}

static void receives(uint64_t port)
{
        struct message_registers r;
        outcome_t outcome = receive((handle_t)port, SOON, &r);
        SHARED->word[RETURNED] = 1;
        SHARED->word[OF_RECEIVE] = outcome == OUTCOME_OK ? r.handle : 0;
        reply((handle_t)r.second, HEADER(0), &r);
}

static void goes_on(handle_t thread)
{
        settle();
        CHECK_EQ(SHARED->word[RETURNED], 0);
        CHECK_OK(sys_thread_control(thread, THREAD_START, 0));
        settle();
        CHECK_EQ(SHARED->word[RETURNED], 1);
        SHARED->word[RETURNED] = 0;
}

static void a_thread_that_is_to_stop_stops_at_the_end_of_its_wait(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 7);
        SHARED->word[OF_CALL] = not_executed(REASON_BUSY);
        handle_t thread = thread_run(calls, right, PRIORITY_LOW);
        CHECK_OK(receive(port, SOON, &r));
        CHECK_OK(sys_thread_control(thread, THREAD_STOP, 0));
        r = (struct message_registers){.handle = port,
                                       .second = r.second,
                                       .header = HEADER(0),
                                       .deadline = rt_now() + RT_MILLISECOND};
        CHECK_NOT(sys_message(SYSCALL_reply_receive, &r), DEADLINE);
        goes_on(thread);
        CHECK_OK(SHARED->word[OF_CALL]);

        thread = thread_run(receives, port, PRIORITY_LOW);
        settle();
        CHECK_OK(sys_thread_control(thread, THREAD_STOP, 0));
        CHECK_EQ(call(right, HEADER(0), SHORTLY, &r), perhaps_executed(REASON_DEADLINE));
        goes_on(thread);
        CHECK_EQ(SHARED->word[OF_RECEIVE], 7);
}

/* ---- ceilings ---- */

static outcome_t create(uint64_t scheduling)
{
        handle_t thread;
        outcome_t outcome = sys_thread_create(0, 0x1000, 0x1000, 0, scheduling, &thread);
        if (outcome == OUTCOME_OK)
                sys_object_destroy(thread);
        return outcome;
}

static outcome_t set_own(uint64_t scheduling)
{
        return sys_thread_control(0, THREAD_SET_PRIORITY, scheduling);
}

static void nobody_gives_more_than_the_own_ceiling(void)
{
        handle_t thread;
        const uint64_t above = thread_scheduling(1, PRIORITY_TEST + 1, 0);
        CHECK_NOT(sys_thread_create(0, 0x1000, 0x1000, 0, above, &thread), REFUSED);
        CHECK_NOT(sys_thread_control(0, THREAD_SET_PRIORITY, above), REFUSED);
        thread = thread_run(spin, 1, PRIORITY_LOW);
        CHECK_NOT(sys_thread_control(thread, THREAD_SET_PRIORITY, above), REFUSED);
        SHARED->word[0] = 1;
        settle();
}

static void a_scheduling_makes_sense_or_is_malformed(void)
{
        handle_t thread;
        const uint64_t above = thread_scheduling(2, 1, 0), far = thread_scheduling(1, 1, 1),
                       long_one = 1ull << 32;
        CHECK_NOT(sys_thread_create(0, 0x1000, 0x1000, 0, above, &thread), MALFORMED);
        CHECK_NOT(sys_thread_create(0, 0x1000, 0x1000, 0, long_one, &thread), MALFORMED);
        CHECK_NOT(sys_thread_create(0, 0x1000, 0x1000, 0, far, &thread), NOT_FOUND);
        CHECK_NOT(sys_thread_control(0, THREAD_SET_PRIORITY, above), MALFORMED);
        CHECK_NOT(sys_thread_control(0, THREAD_SET_PRIORITY, long_one), MALFORMED);
        CHECK_NOT(sys_thread_control(0, THREAD_SET_PRIORITY, far), NOT_FOUND);
}

/* Word 1 holds what went wrong, in its bits. */
static void moves_below_its_ceiling(uint64_t unused)
{
        (void)unused;
        bool right[] = {
            set_own(thread_scheduling(PRIORITY_MIDDLE, PRIORITY_MIDDLE, 0)) == OUTCOME_OK,
            set_own(thread_scheduling(PRIORITY_MIN + 1, PRIORITY_MIDDLE, 0)) == OUTCOME_OK,
            create(thread_scheduling(PRIORITY_MIDDLE, PRIORITY_MIDDLE, 0)) == OUTCOME_OK,
            create(thread_scheduling(1, PRIORITY_MIDDLE + 1, 0)) == not_executed(REASON_REFUSED),
            set_own(thread_scheduling(PRIORITY_MIDDLE, PRIORITY_MIDDLE, 0)) == OUTCOME_OK,
            set_own(thread_scheduling(PRIORITY_LOW, PRIORITY_LOW, 0)) == OUTCOME_OK,
            /* What is given up does not come back. */
            set_own(thread_scheduling(PRIORITY_LOW, PRIORITY_MIDDLE, 0)) ==
                not_executed(REASON_REFUSED),
        };
        for (unsigned i = 0; i < sizeof right / sizeof right[0]; i++)
                SHARED->word[1] |= (uint64_t)!right[i] << i;
        SHARED->word[2] = 1;
}

static void a_thread_moves_its_priority_up_to_its_ceiling(void)
{
        handle_t thread = thread_run(spin, 3, PRIORITY_HIGH);
        thread_run(moves_below_its_ceiling, 0, PRIORITY_MIDDLE);
        wait_for_change(3, 0);
        CHECK_EQ(SHARED->word[2], 0);
        /* Lowered by another, it no longer keeps the one in the middle from running. */
        CHECK_OK(sys_thread_control(thread, THREAD_SET_PRIORITY, thread_scheduling(1, 1, 0)));
        SHARED->word[0] = 1;
        settle();
        CHECK_EQ(SHARED->word[2], 1);
        CHECK_EQ(SHARED->word[1], 0);
}

static void addresses_beyond_the_user_half_are_refused(void)
{
        handle_t thread;
        CHECK_NOT(sys_thread_create(0, USER_END, 0x1000, 0, 0, &thread), MALFORMED);
        CHECK_NOT(sys_thread_create(0, 0xffff800000000000, 0x1000, 0, 0, &thread), MALFORMED);
        CHECK_NOT(sys_thread_control(0, THREAD_SET_FS_BASE, 0x8000000000000000), MALFORMED);
        CHECK_NOT(sys_thread_control(0, THREAD_SET_GS_BASE, USER_END), MALFORMED);
        CHECK_NOT(sys_thread_control(0, THREAD_SET_BLOCK, 0x10001), MALFORMED);
        CHECK_NOT(sys_thread_control(0, 99, 0), MALFORMED);
        CHECK_NOT(sys_thread_control(0, THREAD_SET_REFLECT, 0xffffffff80000000), MALFORMED);
}

static void vectors_of(uint64_t index)
{
        double value = (double)index;
        for (unsigned i = 0; i < 40; i++) {
                for (unsigned j = 0; j < 1000; j++)
                        value = value * 1.0000001 + (double)index;
                sys_yield();
        }
        SHARED->word[index] = (uint64_t)value;
}

static void vector_registers_survive_switches(void)
{
        thread_run(vectors_of, 1, PRIORITY_LOW);
        thread_run(vectors_of, 2, PRIORITY_LOW);
        settle();
        uint64_t one = SHARED->word[1], two = SHARED->word[2];
        vectors_of(1);
        vectors_of(2);
        CHECK_EQ(one, SHARED->word[1]);
        CHECK_EQ(two, SHARED->word[2]);
        CHECK(one != two && one);
}

const struct test thread_tests[] = {
    {"higher_priority_runs_first", higher_priority_runs_first},
    {"equals_share_the_processor", equals_share_the_processor},
    {"lower_priority_waits_while_a_higher_one_runs", lower_priority_waits_while_a_higher_one_runs},
    {"sleep_lasts_as_long_as_asked", sleep_lasts_as_long_as_asked},
    {"a_stopped_thread_stands_and_goes_on", a_stopped_thread_stands_and_goes_on},
    {"a_thread_that_is_to_stop_stops_at_the_end_of_its_wait",
     a_thread_that_is_to_stop_stops_at_the_end_of_its_wait},
    {"nobody_gives_more_than_the_own_ceiling", nobody_gives_more_than_the_own_ceiling},
    {"a_scheduling_makes_sense_or_is_malformed", a_scheduling_makes_sense_or_is_malformed},
    {"a_thread_moves_its_priority_up_to_its_ceiling",
     a_thread_moves_its_priority_up_to_its_ceiling},
    {"addresses_beyond_the_user_half_are_refused", addresses_beyond_the_user_half_are_refused},
    {"vector_registers_survive_switches", vector_registers_survive_switches},
    {0}};
