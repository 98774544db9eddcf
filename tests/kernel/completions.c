/* Calls that complete by key at a port: hundreds of them in flight from one thread, each told once,
 * whatever becomes of it. */
#include "tests/kernel/harness.h"

enum { CALLS = 300 };

#define KEY (1ull << 63) /* keys are words of their own, not bits */

static handle_t completions, objects[CALLS];
static unsigned seen[CALLS]; /* how often a key was told */

static void objects_make(unsigned count)
{
        completions = make_port();
        for (unsigned i = 0; i < count; i++) {
                seen[i] = 0;
                CHECK_OK(sys_call_create_keyed(completions, KEY | i, &objects[i]));
        }
}

static void objects_close(unsigned count)
{
        for (unsigned i = 0; i < count; i++)
                sys_handle_close(objects[i]);
}

static void start(unsigned i, handle_t right, uint64_t header, uint64_t deadline)
{
        struct message_registers r = {
            .handle = right, .second = objects[i], .header = header, .deadline = deadline};
        r.words[0] = i;
        CHECK_OK(sys_message(SYSCALL_call_start, &r));
}

static outcome_t finish(unsigned i, struct message_registers *r)
{
        *r = (struct message_registers){.handle = objects[i]};
        return sys_message(SYSCALL_call_finish, r);
}

/* Receives the next call at a port: its number, and the handle of its reply. */
static unsigned serve(handle_t port, handle_t *answer)
{
        struct message_registers r;
        CHECK_OK(receive(port, 0, &r));
        CHECK_EQ(message_interface(r.header), INTERFACE);
        *answer = (handle_t)r.second;
        return (unsigned)r.words[0];
}

static void answer(handle_t answer, unsigned word)
{
        struct message_registers r = {.words = {word}};
        CHECK_OK(reply(answer, HEADER(1), &r));
}

/* Takes one notice of completed calls, and notes their keys; how many they are, 0 if none comes. */
static unsigned told(uint64_t deadline)
{
        struct message_registers r;
        if (receive(completions, deadline, &r) != OUTCOME_OK)
                return 0;
        CHECK_EQ(message_interface(r.header), 0);
        CHECK_EQ(message_method(r.header), KERNEL_COMPLETED);
        CHECK(message_flags(r.header) & MESSAGE_ONE_WAY);
        unsigned count = message_words(r.header);
        CHECK(count > 0);
        for (unsigned i = 0; i < MESSAGE_WORDS; i++) {
                if (i < count)
                        seen[r.words[i] & ~KEY]++;
                CHECK_EQ(r.words[i] & KEY, i < count ? KEY : 0);
        }
        return count;
}

static void keys_come_in_order_and_eight_at_once(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 1), answers[20];
        objects_make(20);
        for (unsigned i = 0; i < 20; i++)
                start(i, right, HEADER(1), SOON);
        for (unsigned i = 0; i < 20; i++)
                CHECK_EQ(serve(port, &answers[i]), i);
        CHECK_EQ(told(0), 0);
        for (unsigned i = 20; i-- > 0;)
                answer(answers[i], 100 + i);
        for (unsigned next = 20, count = 8; next > 0; next -= count) {
                count = next < 8 ? next : 8;
                CHECK_OK(receive(completions, 0, &r));
                CHECK_EQ(message_words(r.header), count);
                for (unsigned i = 0; i < count; i++)
                        CHECK_EQ(r.words[i], KEY | (next - 1 - i));
        }
        CHECK_EQ(told(0), 0);
        for (unsigned i = 0; i < 20; i++) {
                CHECK_OK(finish(i, &r));
                CHECK_EQ(r.words[0], 100 + i);
        }
        objects_close(20);
}

static void what_was_collected_or_destroyed_is_not_told(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 1), reply;
        objects_make(4);
        for (unsigned i = 0; i < 4; i++) {
                start(i, right, HEADER(1), SOON);
                CHECK_EQ(serve(port, &reply), i);
                answer(reply, i);
        }
        CHECK_OK(finish(1, &r));
        CHECK_OK(sys_object_destroy(objects[2]));
        CHECK_EQ(told(0), 2);
        CHECK(seen[0] == 1 && seen[3] == 1);
        /* Under way again before the next notice is taken: one completion, one notice. */
        CHECK_OK(finish(0, &r));
        for (unsigned i = 0; i < 2; i++) {
                start(0, right, HEADER(1), SOON);
                CHECK_EQ(serve(port, &reply), 0);
                answer(reply, i);
                if (i == 0)
                        CHECK_OK(finish(0, &r));
        }
        CHECK_EQ(told(0), 1);
        CHECK_EQ(seen[0], 2);
        CHECK_EQ(told(0), 0);
        CHECK_OK(finish(3, &r));
        /* A one-way message completes when it is received, without an answer. */
        start(3, right, message_with_flags(HEADER(1), MESSAGE_ONE_WAY), SOON);
        CHECK_EQ(told(0), 0);
        CHECK_EQ(serve(port, &reply), 3);
        CHECK_EQ(told(0), 1);
        CHECK_OK(finish(3, &r));
        objects_close(4);
}

static void calls_outlive_the_port_that_they_complete_at(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 1), reply, last;
        objects_make(3);
        for (unsigned i = 0; i < 3; i++)
                start(i, right, HEADER(1), SOON);
        serve(port, &reply);
        serve(port, &last);
        answer(reply, 7);
        CHECK_OK(sys_object_destroy(completions));
        answer(last, 8);
        CHECK_OK(finish(0, &r));
        CHECK_EQ(r.words[0], 7);
        CHECK_OK(finish(1, &r));
        CHECK_EQ(r.words[0], 8);
        CHECK_NOT(finish(2, &r), BUSY);
        CHECK_OK(sys_call_cancel(objects[2]));
        CHECK_NOT(finish(2, &r), CANCELLED);
        start(0, right, HEADER(1), SOON); /* and can be used again */
        CHECK_EQ(serve(port, &reply), 0);
        answer(reply, 9);
        CHECK_OK(finish(0, &r));
        objects_close(3);
}

/* What becomes of call number i. */
enum fate {
        ANSWERED,
        CANCELLED, /* queued */
        CANCELLED_LATE,
        SERVER_DIES,
        EXPIRES,
        DESTROYED,
        DESTROYED_LATE,
        DROPPED, /* its reply right */
        FATES
};

static enum fate fate(unsigned i)
{
        return i % FATES;
}

static outcome_t outcome_of(enum fate fate)
{
        switch (fate) {
        case CANCELLED:
                return not_executed(REASON_CANCELLED);
        case CANCELLED_LATE:
                return answered(REASON_NOT_FOUND);
        case SERVER_DIES:
                return not_executed(REASON_RECEIVER_DIED);
        case EXPIRES:
                return not_executed(REASON_DEADLINE);
        case DROPPED:
                return perhaps_executed(REASON_RECEIVER_DIED);
        default:
                return OUTCOME_OK;
        }
}

/* Serves the port until all that was sent to it has come: calls and notices of what was cancelled
 * after it was received, which is answered only then. */
static void serve_all(handle_t port)
{
        handle_t answers[CALLS] = {0};
        struct message_registers r;
        while (receive(port, 0, &r) == OUTCOME_OK) {
                if (message_interface(r.header) == 0) {
                        CHECK_EQ(message_method(r.header), KERNEL_CANCEL);
                        uint64_t header =
                            message_with_outcome(HEADER(0), answered(REASON_NOT_FOUND));
                        reply((handle_t)r.words[0], header, &r);
                        continue;
                }
                unsigned i = (unsigned)r.words[0];
                answers[i] = (handle_t)r.second;
                if (fate(i) == ANSWERED)
                        answer(answers[i], i + 1);
                else if (fate(i) == CANCELLED_LATE)
                        CHECK_OK(sys_call_cancel(objects[i]));
                else if (fate(i) == DESTROYED_LATE)
                        CHECK_OK(sys_handle_close(objects[i]));
                else
                        CHECK_OK(sys_handle_close(answers[i]));
        }
}

static void of_hundreds_in_flight_each_is_told_once(void)
{
        struct message_registers r;
        handle_t busy = make_port(), dying = make_port(), idle = make_port();
        handle_t rights[] = {make_right(busy, 1), make_right(dying, 1), make_right(idle, 1)};
        unsigned expected = 0, count = 0;
        objects_make(CALLS);
        uint64_t soon = SOON;
        for (unsigned i = 0; i < CALLS; i++) {
                unsigned server = fate(i) == SERVER_DIES ? 1 : fate(i) == EXPIRES ? 2 : 0;
                start(i, rights[server], HEADER(1), fate(i) == EXPIRES ? SHORTLY : soon);
                expected += fate(i) != DESTROYED && fate(i) != DESTROYED_LATE;
        }
        for (unsigned i = 0; i < CALLS; i++) {
                if (fate(i) == CANCELLED)
                        CHECK_OK(sys_call_cancel(objects[i]));
                else if (fate(i) == DESTROYED)
                        CHECK_OK(sys_object_destroy(objects[i]));
        }
        serve_all(busy);
        CHECK_OK(sys_object_destroy(dying));
        for (unsigned more; count < expected; count += more) {
                more = told(soon);
                CHECK(more);
        }
        CHECK_EQ(told(0), 0);
        for (unsigned i = 0; i < CALLS; i++) {
                bool destroyed = fate(i) == DESTROYED || fate(i) == DESTROYED_LATE;
                CHECK_EQ(seen[i], !destroyed);
                if (destroyed)
                        continue;
                CHECK_EQ(finish(i, &r), outcome_of(fate(i)));
                if (fate(i) == ANSWERED)
                        CHECK_EQ(r.words[0], i + 1);
                CHECK_OK(sys_handle_close(objects[i]));
        }
}

/* The caller sleeps in receive while servers of other threads work. */
static void a_receiver_is_woken_for_what_completes(void)
{
        struct message_registers r;
        handle_t port = make_port(), right = make_right(port, 1);
        objects_make(CALLS);
        SHARED->word[0] = port;
        thread_run(serve_increment, CALLS, PRIORITY_LOW);
        for (unsigned i = 0; i < CALLS; i++)
                start(i, right, HEADER(1), SOON);
        for (unsigned count = 0, more; count < CALLS; count += more) {
                more = told(SOON);
                CHECK(more);
        }
        for (unsigned i = 0; i < CALLS; i++) {
                CHECK_EQ(seen[i], 1);
                CHECK_OK(finish(i, &r));
                CHECK_EQ(r.words[0], i + 1);
        }
        objects_close(CALLS);
}

const struct test completion_tests[] = {
    {"keys_come_in_order_and_eight_at_once", keys_come_in_order_and_eight_at_once},
    {"what_was_collected_or_destroyed_is_not_told", what_was_collected_or_destroyed_is_not_told},
    {"calls_outlive_the_port_that_they_complete_at", calls_outlive_the_port_that_they_complete_at},
    {"of_hundreds_in_flight_each_is_told_once", of_hundreds_in_flight_each_is_told_once},
    {"a_receiver_is_woken_for_what_completes", a_receiver_is_woken_for_what_completes},
    {0}};
