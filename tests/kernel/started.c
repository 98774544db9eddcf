/* Calls by call objects between two threads that wait for each other, which take the fast path: the
 * server is below its caller, has the call when call_start returns, and runs when the caller waits,
 * or when its slice ends. Each test brings in one thing that is unusual, and then makes a usual
 * call. A test that needs the call unanswered holds the server. */
#include "tests/kernel/harness.h"

/* Words of SHARED: how the server answers, what it has seen, and what is for others. */
enum { ANSWER, CALLS, BADGE, DEADLINE, NOTICES, METHODS, STOP, GRANTED, STARTED, TAKEN, SENT };
enum { HELD = SENT + 1, REPLY };

enum { BIT = 4, KEY = 99 };

static handle_t port, right, event, gate, object, server;

/* To each word of a call it adds 1. A notice is noted by its method. */
static void serves(uint64_t from)
{
        struct message_registers r;
        struct message_block *block = own_block();
        uint64_t taken;
        outcome_t outcome = receive((handle_t)from, TIME_NEVER, &r);
        while (outcome == OUTCOME_OK) {
                if (message_interface(r.header) == 0) {
                        SHARED->word[NOTICES]++;
                        SHARED->word[METHODS] |= 1ull << message_method(r.header);
                } else {
                        SHARED->word[CALLS]++;
                        SHARED->word[BADGE] = r.handle;
                        SHARED->word[DEADLINE] = r.deadline;
                        SHARED->word[REPLY] = r.second;
                        while (SHARED->word[HELD])
                                sys_event_wait(gate, 1, SOON, &taken);
                }
                for (unsigned i = 0; i < MESSAGE_WORDS; i++)
                        r.words[i]++;
                r.handle = from;
                r.header = SHARED->word[ANSWER];
                block->send_caps[0] = (struct send_cap){SHARED->word[SENT], RIGHTS_ALL, 0};
                r.deadline = TIME_NEVER;
                outcome = sys_message(SYSCALL_reply_receive, &r);
        }
}

static outcome_t start(handle_t call, uint64_t header, uint64_t deadline)
{
        struct message_registers r = {
            .handle = right, .second = call, .header = header, .deadline = deadline};
        for (unsigned i = 0; i < MESSAGE_WORDS; i++)
                r.words[i] = 100 * i;
        return sys_message(SYSCALL_call_start, &r);
}

static outcome_t finish(handle_t call, struct message_registers *r)
{
        *r = (struct message_registers){.handle = call};
        return sys_message(SYSCALL_call_finish, r);
}

/* From now on calls are received, and not answered, until release(). */
static void hold(void)
{
        SHARED->word[HELD] = 1;
}

static void release(void)
{
        SHARED->word[HELD] = 0;
        CHECK_OK(sys_event_signal(gate, 1));
}

static void wait_for(uint64_t bits)
{
        uint64_t taken;
        CHECK_OK(sys_event_wait(event, bits, SOON, &taken));
        CHECK_EQ(taken, bits);
}

/* A usual call: everything has stayed, or come back, as it has to be. */
static void call_works(unsigned words)
{
        struct message_registers r;
        uint64_t deadline = SOON, calls = SHARED->word[CALLS];
        CHECK_OK(start(object, HEADER(words), deadline));
        wait_for(BIT);
        CHECK_EQ(SHARED->word[CALLS], calls + 1);
        CHECK_EQ(SHARED->word[BADGE], 7);
        CHECK_EQ(SHARED->word[DEADLINE], deadline);
        CHECK_OK(finish(object, &r));
        CHECK_EQ(r.header, SHARED->word[ANSWER]);
        for (unsigned i = 0; i < MESSAGE_WORDS; i++)
                CHECK_EQ(r.words[i], i >= message_words(r.header) ? 0
                                     : i < words                  ? 100 * i + 1
                                                                  : 1);
        CHECK_NOT(finish(object, &r), BUSY);
}

/* The first call to a server is none for the fast path: the server has kept no slot yet. */
static void make_all(void)
{
        port = make_port();
        right = make_right(port, 7);
        event = make_event();
        gate = make_event();
        CHECK_OK(sys_call_create(event, BIT, &object));
        SHARED->word[ANSWER] = HEADER(MESSAGE_WORDS);
        server = thread_run(serves, port, PRIORITY_LOW);
        settle();
        call_works(0);
        SHARED->word[CALLS] = 0;
}

static void end_all(void)
{
        call_works(1);
        sys_handle_close(object);
}

static void words_go_and_come_back(void)
{
        make_all();
        for (unsigned there = 0; there <= MESSAGE_WORDS; there++) {
                for (unsigned back = 0; back <= MESSAGE_WORDS; back++) {
                        SHARED->word[ANSWER] = HEADER(back);
                        call_works(there);
                }
        }
        CHECK_EQ(SHARED->word[NOTICES], 0);
        end_all();
}

static void a_start_that_is_refused_changes_nothing(void)
{
        struct message_registers r;
        make_all();
        CHECK_NOT(start(object, HEADER(0), 0), DEADLINE);
        CHECK_NOT(start(object, HEADER(0), rt_now()), DEADLINE);
        CHECK_NOT(start(object, message_header(0, 1, 0), SOON), MALFORMED);
        CHECK_NOT(start(object, HEADER(MESSAGE_WORDS + 1), SOON), MALFORMED);
        CHECK_NOT(start(object, message_with_caps(HEADER(0), 1), SOON), MALFORMED);
        CHECK_NOT(start(event, HEADER(0), SOON), WRONG_TYPE);
        CHECK_NOT(start(0, HEADER(0), SOON), BAD_HANDLE);
        hold();
        CHECK_OK(start(object, HEADER(0), SOON));
        CHECK_NOT(start(object, HEADER(0), SOON), BUSY);
        CHECK_NOT(finish(object, &r), BUSY);
        release();
        wait_for(BIT);
        CHECK_NOT(start(object, HEADER(0), SOON), BUSY);
        CHECK_OK(finish(object, &r));
        CHECK_EQ(SHARED->word[CALLS], 1);
        end_all();
}

/* A one-way message is over when it is received, and the object as good as new. */
static void a_call_follows_a_one_way_message(void)
{
        struct message_registers r;
        make_all();
        CHECK_OK(start(object, message_with_flags(HEADER(1), MESSAGE_ONE_WAY), SOON));
        wait_for(BIT);
        settle();
        CHECK_OK(finish(object, &r));
        end_all();
}

static void spins(uint64_t unused)
{
        (void)unused;
        while (!SHARED->word[STOP])
                ;
}

/* The thread between the two in priority would keep the server from running. */
static void a_server_has_the_priority_of_a_started_call(void)
{
        make_all();
        thread_run(spins, 0, PRIORITY_MIDDLE);
        call_works(1);
        SHARED->word[STOP] = 1;
        settle();
        end_all();
}

static void starts_below_its_server(uint64_t unused)
{
        (void)unused;
        SHARED->word[STARTED] = start(object, HEADER(0), SOON) == OUTCOME_OK;
        SHARED->word[TAKEN] = SHARED->word[CALLS];
}

static void a_server_above_its_caller_runs_at_once(void)
{
        struct message_registers r;
        make_all();
        CHECK_OK(sys_thread_control(server, THREAD_SET_PRIORITY,
                                    thread_scheduling(PRIORITY_MIDDLE, PRIORITY_MIDDLE, 0)));
        thread_run(starts_below_its_server, 0, PRIORITY_LOW);
        settle();
        CHECK(SHARED->word[STARTED]);
        CHECK_EQ(SHARED->word[TAKEN], 1);
        wait_for(BIT);
        CHECK_OK(finish(object, &r));
        end_all();
}

static void receives_twice(uint64_t from)
{
        struct message_registers r;
        uint64_t taken;
        receive((handle_t)from, TIME_NEVER, &r);
        handle_t first = (handle_t)r.second;
        receive((handle_t)from, TIME_NEVER, &r);
        handle_t second = (handle_t)r.second;
        while (SHARED->word[HELD])
                sys_event_wait(gate, 1, SOON, &taken);
        reply(second, HEADER(0), &r);
        reply(first, HEADER(0), &r);
}

/* The end of the call that it received before changes nothing. */
static void a_server_has_the_priority_of_the_call_it_received_last(void)
{
        struct message_registers r;
        handle_t other;
        port = make_port();
        right = make_right(port, 7);
        event = make_event();
        gate = make_event();
        CHECK_OK(sys_call_create(event, BIT, &object));
        CHECK_OK(sys_call_create(event, BIT << 1, &other));
        hold();
        thread_run(receives_twice, port, PRIORITY_LOW);
        settle();
        CHECK_OK(start(other, HEADER(0), SOON));
        settle();
        CHECK_OK(start(object, HEADER(0), SOON));
        settle();
        thread_run(spins, 0, PRIORITY_MIDDLE);
        CHECK_OK(sys_handle_close(other));
        release();
        wait_for(BIT);
        CHECK_OK(finish(object, &r));
        CHECK_OK(sys_handle_close(object));
        SHARED->word[STOP] = 1;
        settle();
}

/* Its server is told, but if it answers all the same the answer counts. */
static void a_call_is_cancelled_before_its_answer(void)
{
        struct message_registers r;
        make_all();
        hold();
        CHECK_OK(start(object, HEADER(0), SOON));
        CHECK_OK(sys_call_cancel(object));
        CHECK_NOT(finish(object, &r), BUSY);
        release();
        wait_for(BIT);
        CHECK_OK(finish(object, &r));
        end_all();
}

/* Answered late, it needs no notice. */
static void a_call_expires_before_its_answer(void)
{
        struct message_registers r;
        make_all();
        uint64_t deadline = rt_now() + RT_MILLISECOND;
        hold();
        if (start(object, HEADER(0), deadline) == OUTCOME_OK) {
                while (rt_now() <= deadline)
                        ;
                wait_for(BIT);
                CHECK_EQ(finish(object, &r), perhaps_executed(REASON_DEADLINE));
                settle();
        }
        release();
        settle();
        CHECK_EQ(SHARED->word[NOTICES], 0);
        end_all();
}

static void starts_and_ends(uint64_t unused)
{
        (void)unused;
        handle_t own, made;
        struct message_registers r = {
            .handle = SHARED->word[GRANTED], .header = HEADER(1), .deadline = SOON};
        sys_event_create(&own);
        sys_call_create(own, 1, &made);
        r.second = made;
        SHARED->word[STARTED] = sys_message(SYSCALL_call_start, &r) == OUTCOME_OK;
        sys_task_exit(0);
}

static void a_caller_dies_before_its_answer(void)
{
        make_all();
        hold();
        struct child child = child_create(starts_and_ends, 0, PRIORITY_HIGH);
        SHARED->word[GRANTED] = child_grant(&child, right);
        child_start(&child);
        settle();
        CHECK(SHARED->word[STARTED]);
        CHECK_EQ(SHARED->word[CALLS], 1);
        release();
        settle();
        CHECK_EQ(SHARED->word[NOTICES], 0);
        end_all();
}

static void waits_for(uint64_t bits)
{
        uint64_t taken = 0;
        sys_event_wait(event, bits, SOON, &taken);
        SHARED->word[TAKEN] |= taken;
}

/* The bits go to whoever wants them, or stay. */
static void an_event_may_have_other_waiters_or_none(void)
{
        struct message_registers r;
        make_all();
        thread_run(waits_for, BIT << 1, PRIORITY_HIGH);
        settle();
        end_all();
        CHECK_OK(sys_call_create(event, BIT | BIT << 1, &object));
        CHECK_OK(start(object, HEADER(0), SOON));
        settle();
        CHECK_EQ(SHARED->word[TAKEN], BIT << 1);
        wait_for(BIT);
        CHECK_OK(finish(object, &r));
        CHECK_OK(sys_handle_close(object));
        CHECK_OK(sys_call_create(event, BIT, &object));
        thread_run(waits_for, BIT, PRIORITY_HIGH);
        settle();
        CHECK_OK(start(object, HEADER(0), SOON));
        settle();
        CHECK_EQ(SHARED->word[TAKEN], BIT | BIT << 1);
        CHECK_OK(finish(object, &r));
        end_all();
}

/* Takes the notice of an event or of completed calls. */
static void told_of(handle_t at, enum kernel_method method, uint64_t word)
{
        struct message_registers r;
        CHECK_OK(receive(at, SOON, &r));
        CHECK_EQ(message_interface(r.header), 0);
        CHECK_EQ(message_method(r.header), method);
        CHECK_EQ(r.words[method == KERNEL_EVENT ? 1 : 0], word);
        CHECK_EQ(r.second, 0);
        CHECK_EQ(r.words[MESSAGE_WORDS - 1], 0);
}

static void an_event_may_be_bound_to_a_port(void)
{
        struct message_registers r;
        make_all();
        handle_t at = make_port();
        CHECK_OK(sys_port_bind(at, event, KEY));
        for (unsigned i = 0; i < 2; i++) {
                CHECK_OK(start(object, HEADER(0), SOON));
                if (i)
                        settle();
                told_of(at, KERNEL_EVENT, KEY);
                CHECK_OK(finish(object, &r));
        }
        CHECK_OK(sys_object_destroy(at));
        end_all();
}

/* A receiver waits for the key, or comes later; the port has gone, and nobody is told. */
static void a_key_is_told_to_its_port(void)
{
        struct message_registers r;
        handle_t keyed, at = make_port();
        make_all();
        CHECK_OK(sys_call_create_keyed(at, KEY, &keyed));
        for (unsigned i = 0; i < 2; i++) {
                CHECK_OK(start(keyed, HEADER(1), SOON));
                if (i)
                        settle();
                told_of(at, KERNEL_COMPLETED, KEY);
                CHECK_OK(finish(keyed, &r));
                CHECK_EQ(r.words[0], 1);
        }
        CHECK_OK(start(keyed, HEADER(0), SOON));
        CHECK_OK(sys_object_destroy(at));
        settle();
        CHECK_OK(finish(keyed, &r));
        CHECK_OK(sys_handle_close(keyed));
        end_all();
}

/* A server that completes a call at its own port is told itself, as soon as it receives again. */
static void a_server_may_be_told_of_what_it_answers(void)
{
        struct message_registers r;
        handle_t keyed;
        make_all();
        CHECK_OK(sys_call_create_keyed(port, KEY, &keyed));
        CHECK_OK(start(keyed, HEADER(0), SOON));
        settle();
        CHECK_EQ(SHARED->word[NOTICES], 1);
        CHECK_EQ(SHARED->word[METHODS], 1ull << KERNEL_COMPLETED);
        CHECK_OK(finish(keyed, &r));
        CHECK_OK(sys_handle_close(keyed));
        end_all();
}

/* A capability takes the slow path: refused by who does not want it, on either side. Of two answers
 * the first is wanted, and what was wanted once is not for ever. */
static void a_capability_goes_there_or_comes_back(void)
{
        struct message_registers r;
        make_all();
        struct message_block *block = own_block();
        uint64_t header = message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK);
        block->send_caps[0] = (struct send_cap){event, RIGHTS_ALL, 0};
        CHECK_OK(start(object, header, SOON));
        CHECK_NOT(finish(object, &r), TOO_LONG);
        wait_for(BIT);
        call_works(1);
        SHARED->word[ANSWER] = header;
        SHARED->word[SENT] = event;
        for (unsigned i = 0; i < 2; i++) {
                block->receive_caps = 1 - i;
                block->send_count = 0;
                CHECK_OK(start(object, i ? HEADER(0) : message_with_flags(HEADER(0), MESSAGE_BLOCK),
                               SOON));
                wait_for(BIT);
                CHECK_EQ(finish(object, &r), i ? perhaps_executed(REASON_TOO_LONG) : OUTCOME_OK);
        }
        CHECK_EQ(block->received_caps[0].type, OBJECT_EVENT);
        CHECK_OK(sys_handle_close(block->received_caps[0].handle));
        SHARED->word[ANSWER] = HEADER(0);
        end_all();
}

/* It waits with the call, or has not run yet. Diverted, it still has its answer to give. */
static void a_server_is_stopped_before_its_answer(void)
{
        struct message_registers r;
        make_all();
        for (unsigned i = 0; i < 4; i++) {
                hold();
                CHECK_OK(start(object, HEADER(0), SOON));
                if (i % 2)
                        settle();
                CHECK_OK(sys_thread_control(server, i < 2 ? THREAD_STOP : THREAD_DIVERT, 0));
                release();
                settle();
                CHECK_NOT(finish(object, &r), BUSY);
                CHECK_OK(sys_thread_control(server, THREAD_START, 0));
                wait_for(BIT);
                CHECK_OK(finish(object, &r));
        }
        end_all();
}

/* Whoever has the reply right may answer. */
static void a_call_outlives_its_right_and_its_server(void)
{
        struct message_registers r;
        make_all();
        hold();
        CHECK_OK(start(object, HEADER(0), SOON));
        CHECK_OK(sys_right_revoke(port, 7, 0));
        CHECK_NOT(finish(object, &r), BUSY);
        release();
        wait_for(BIT);
        CHECK_OK(finish(object, &r));
        right = make_right(port, 7);
        hold();
        CHECK_OK(start(object, HEADER(0), SOON));
        settle();
        CHECK_OK(sys_object_destroy(server));
        CHECK_NOT(finish(object, &r), BUSY);
        CHECK_OK(reply(SHARED->word[REPLY], HEADER(0), &r));
        wait_for(BIT);
        CHECK_OK(finish(object, &r));
        SHARED->word[HELD] = 0;
        server = thread_run(serves, port, PRIORITY_LOW);
        settle();
        call_works(0);
        end_all();
}

enum { CPUID_FEATURES = 7, CPUID_FSGSBASE = 1 };

/* Whether programs may set the base themselves. */
static bool gs_base_is_free(void)
{
        uint32_t a = CPUID_FEATURES, b, c = 0, d;
        __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
        return b & CPUID_FSGSBASE;
}

static void answers_with_a_base(uint64_t from)
{
        struct message_registers r;
        outcome_t outcome = receive((handle_t)from, TIME_NEVER, &r);
        while (outcome == OUTCOME_OK) {
                uint64_t base = SHARED->word[CALLS]++ + 0x1000, base_after;
                __asm__ volatile("wrgsbase %0" : : "r"(base));
                r.handle = from;
                r.header = HEADER(0);
                r.deadline = TIME_NEVER;
                outcome = sys_message(SYSCALL_reply_receive, &r);
                __asm__ volatile("rdgsbase %0" : "=r"(base_after));
                SHARED->word[STARTED] += base_after != base;
        }
}

/* The answer wakes a thread below the server, and then the server, by the event of its port. */
static void a_server_that_wakes_itself_keeps_its_bases(void)
{
        struct message_registers r;
        if (!gs_base_is_free())
                return;
        handle_t at = make_port(), to = make_right(at, 1), made;
        event = make_event();
        CHECK_OK(sys_port_bind(at, event, KEY));
        CHECK_OK(sys_call_create(event, 1 | 2, &made));
        thread_run(answers_with_a_base, at, PRIORITY_MIDDLE);
        settle();
        for (unsigned i = 0; i < 3; i++) {
                thread_run(waits_for, 1, PRIORITY_LOW);
                settle();
                r = (struct message_registers){
                    .handle = to, .second = made, .header = HEADER(0), .deadline = SOON};
                CHECK_OK(sys_message(SYSCALL_call_start, &r));
                settle();
                CHECK_OK(finish(made, &r));
        }
        CHECK_EQ(SHARED->word[TAKEN], 1);
        CHECK_EQ(SHARED->word[CALLS], 6);
        CHECK_EQ(SHARED->word[STARTED], 0);
        CHECK_OK(sys_handle_close(made));
}

const struct test started_tests[] = {
    {"words_go_and_come_back", words_go_and_come_back},
    {"a_start_that_is_refused_changes_nothing", a_start_that_is_refused_changes_nothing},
    {"a_call_follows_a_one_way_message", a_call_follows_a_one_way_message},
    {"a_server_has_the_priority_of_a_started_call", a_server_has_the_priority_of_a_started_call},
    {"a_server_above_its_caller_runs_at_once", a_server_above_its_caller_runs_at_once},
    {"a_server_has_the_priority_of_the_call_it_received_last",
     a_server_has_the_priority_of_the_call_it_received_last},
    {"a_call_is_cancelled_before_its_answer", a_call_is_cancelled_before_its_answer},
    {"a_call_expires_before_its_answer", a_call_expires_before_its_answer},
    {"a_caller_dies_before_its_answer", a_caller_dies_before_its_answer},
    {"an_event_may_have_other_waiters_or_none", an_event_may_have_other_waiters_or_none},
    {"an_event_may_be_bound_to_a_port", an_event_may_be_bound_to_a_port},
    {"a_key_is_told_to_its_port", a_key_is_told_to_its_port},
    {"a_server_may_be_told_of_what_it_answers", a_server_may_be_told_of_what_it_answers},
    {"a_capability_goes_there_or_comes_back", a_capability_goes_there_or_comes_back},
    {"a_server_is_stopped_before_its_answer", a_server_is_stopped_before_its_answer},
    {"a_call_outlives_its_right_and_its_server", a_call_outlives_its_right_and_its_server},
    {"a_server_that_wakes_itself_keeps_its_bases", a_server_that_wakes_itself_keeps_its_bases},
    {0}};
