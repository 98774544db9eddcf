/* The scheduler: who runs. */
#include "tests/unit/kernel/host_tests.h"
#include "kernel/exit/check.h"
#include "kernel/task/wait.h"

static struct thread *running(void)
{
        struct context *context = kernel_next();
        return context ? container_of(context, struct thread, run.context) : NULL;
}

static void stop_all(struct program *const *programs, unsigned count)
{
        for (unsigned i = 0; i < count; i++)
                thread_stop(programs[i]->thread);
}

START_TEST(the_highest_priority_runs)
{
        struct program *a = program_new(), *b = program_new(), *c = program_new();
        thread_set_base_priority(b->thread, 150);
        ck_assert_ptr_eq(running(), b->thread);
        thread_set_base_priority(c->thread, 255);
        ck_assert_ptr_eq(running(), c->thread);
        thread_set_base_priority(c->thread, 0);
        ck_assert_ptr_eq(running(), b->thread);
        thread_stop(b->thread);
        ck_assert_ptr_eq(running(), a->thread);
        thread_stop(a->thread);
        ck_assert_ptr_eq(running(), c->thread);
        thread_stop(c->thread);
        ck_assert_ptr_null(running());
        thread_start(a->thread);
        ck_assert_ptr_eq(running(), a->thread);
}
END_TEST

START_TEST(equals_take_turns_by_slices)
{
        struct program *all[] = {program_new(), program_new(), program_new()};
        unsigned turns[3] = {0};
        for (unsigned i = 0; i < 30; i++) {
                struct thread *now = running();
                for (unsigned j = 0; j < 3; j++)
                        turns[j] += now == all[j]->thread;
                ck_assert_uint_ne(machine.timer_at, TIME_NEVER);
                ck_assert(machine_advance_to_timer());
                ck_assert_ptr_ne(running(), now);
        }
        for (unsigned j = 0; j < 3; j++)
                ck_assert_uint_eq(turns[j], 10);
        ck_assert_uint_eq(machine.clock, 1 + 30ull * SLICE_NS);
        ck_assert_uint_eq(sched_time(&all[0]->thread->run), 10ull * SLICE_NS);
}
END_TEST

START_TEST(one_thread_alone_needs_no_timer)
{
        struct program *a = program_new(), *b = program_new();
        thread_set_base_priority(b->thread, 50);
        ck_assert_ptr_eq(running(), a->thread);
        ck_assert_uint_eq(machine.timer_at, TIME_NEVER);
        thread_stop(b->thread);
        thread_stop(a->thread);
        ck_assert_ptr_null(running());
        ck_assert_uint_eq(machine.timer_at, TIME_NEVER);
}
END_TEST

START_TEST(a_preempted_thread_keeps_the_rest_of_its_slice)
{
        struct program *a = program_new(), *b = program_new(), *high = program_new();
        thread_stop(high->thread);
        thread_set_base_priority(high->thread, 200);
        struct thread *first = running();
        struct thread *second = first == a->thread ? b->thread : a->thread;
        machine_advance(SLICE_NS / 2);
        thread_start(high->thread);
        ck_assert_ptr_eq(running(), high->thread);
        machine_advance(SLICE_NS);
        thread_stop(high->thread);
        ck_assert_ptr_eq(running(), first);
        machine_advance(SLICE_NS / 2 - 1);
        ck_assert_ptr_eq(running(), first);
        machine_advance(1);
        ck_assert_ptr_eq(running(), second);
}
END_TEST

START_TEST(a_thread_that_yields_goes_behind_its_equals)
{
        struct program *a = program_new(), *b = program_new();
        ck_outcome(sys(a, SYSCALL_yield), OUTCOME_OK);
        ck_assert_ptr_eq(running(), b->thread);
        ck_outcome(sys(b, SYSCALL_yield), OUTCOME_OK);
        ck_assert_ptr_eq(running(), a->thread);
}
END_TEST

START_TEST(a_call_switches_to_the_receiver_at_once)
{
        struct program *server = program_new(), *client = program_new();
        struct link link = link_new(server, client, 1);
        ck_outcome(sys(server, SYSCALL_receive, link.port, 0, 0, TIME_NEVER), BLOCKED);
        struct program *third = program_new();
        ck_outcome(sys(client, SYSCALL_call, link.right, 0, header(0), TIME_NEVER), BLOCKED);
        ck_assert_ptr_eq(current_thread(), server->thread);
        handle_t reply = (handle_t)server->thread->run.context.second;
        ck_outcome(sys(server, SYSCALL_reply_receive, link.port, reply, header(0), TIME_NEVER),
                   BLOCKED);
        ck_assert_ptr_eq(current_thread(), client->thread);
        ck_outcome(result(client), OUTCOME_OK);
        ck_outcome(sys(third, SYSCALL_null), OUTCOME_OK);
}
END_TEST

START_TEST(a_message_to_a_higher_thread_runs_it_and_then_its_sender)
{
        struct program *server = program_new(), *client = program_new(), *equal = program_new();
        struct link link = link_new(server, client, 9);
        thread_set_base_priority(server->thread, 200);
        block_receive(server, 100, 0);
        ck_outcome(sys(server, SYSCALL_receive, link.port, 0, 0, TIME_NEVER), BLOCKED);
        block_send(client, 60);
        ck_outcome(sys(client, SYSCALL_send, link.right, 0, header_block(1, 0), 5000, 77),
                   OUTCOME_OK);
        ck_assert_ptr_eq(current_thread(), server->thread);
        const struct context *context = &server->thread->run.context;
        ck_assert_uint_eq(context->result, 9);
        ck_assert_uint_eq(context->second, 0);
        ck_assert_uint_eq(context->word[0], 77);
        ck_assert_uint_eq(message_flags(context->header), MESSAGE_ONE_WAY | MESSAGE_BLOCK);
        ck_assert_uint_eq(server->block->received_bytes, 60);
        ck_assert_uint_eq(server->thread->run.priority, 200);
        ck_outcome(sys(server, SYSCALL_receive, link.port, 0, 0, TIME_NEVER), BLOCKED);
        ck_assert_ptr_eq(current_thread(), client->thread);
        ck_assert_uint_eq(client->thread->run.context.word[0], 0);
        ck_outcome(sys(equal, SYSCALL_null), OUTCOME_OK);

        thread_set_base_priority(server->thread, 10);
        ck_outcome(sys(client, SYSCALL_send, link.right, 0, header(0), 5000), OUTCOME_OK);
        ck_assert_ptr_eq(current_thread(), client->thread);
}
END_TEST

START_TEST(a_higher_thread_runs_before_the_receiver_of_a_call)
{
        struct program *server = program_new(), *client = program_new(), *high = program_new();
        struct link link = link_new(server, client, 1);
        thread_stop(high->thread);
        thread_set_base_priority(high->thread, 200);
        ck_outcome(sys(server, SYSCALL_receive, link.port, 0, 0, TIME_NEVER), BLOCKED);
        thread_await(client->thread);
        thread_start(high->thread);
        client->thread->run.context.number = SYSCALL_call;
        client->thread->run.context.result = link.right;
        client->thread->run.context.header = header(0);
        client->thread->run.context.deadline = TIME_NEVER;
        kernel_syscall(&client->thread->run.context);
        ck_assert_ptr_eq(running(), high->thread);
        thread_stop(high->thread);
        ck_assert_ptr_eq(running(), server->thread);
}
END_TEST

START_TEST(a_server_runs_at_its_callers_priority_while_it_serves)
{
        struct program *server = program_new(), *client = program_new();
        struct link link = link_new(server, client, 1);
        thread_set_base_priority(server->thread, 10);
        thread_set_base_priority(client->thread, 180);
        ck_outcome(sys(client, SYSCALL_call, link.right, 0, header(0), TIME_NEVER), BLOCKED);
        ck_assert_uint_eq(server->thread->run.priority, 10);
        ck_outcome(sys(server, SYSCALL_receive, link.port, 0, 0, TIME_NEVER), OUTCOME_OK);
        ck_assert_uint_eq(server->thread->run.priority, 180);
        handle_t reply = (handle_t)server->thread->run.context.second;
        ck_outcome(sys(server, SYSCALL_reply, 0, reply, header(0)), OUTCOME_OK);
        ck_assert_uint_eq(server->thread->run.priority, 10);
        ck_assert_ptr_eq(running(), client->thread);
}
END_TEST

START_TEST(priority_and_deadline_are_inherited_through_a_chain)
{
        struct program *a = program_new(), *b = program_new(), *c = program_new();
        struct link near = link_new(b, a, 1), far = link_new(c, b, 2);
        thread_set_base_priority(b->thread, 20);
        thread_set_base_priority(c->thread, 10);
        ck_outcome(sys(a, SYSCALL_call, near.right, 0, header(0), 9000), BLOCKED);
        ck_outcome(sys(b, SYSCALL_receive, near.port, 0, 0, TIME_NEVER), OUTCOME_OK);
        ck_assert_uint_eq(b->thread->run.context.deadline, 9000);
        ck_outcome(sys(b, SYSCALL_call, far.right, 0, header(0), TIME_NEVER), BLOCKED);
        ck_outcome(sys(c, SYSCALL_receive, far.port, 0, 0, TIME_NEVER), OUTCOME_OK);
        ck_assert_uint_eq(c->thread->run.context.deadline, 9000);
        ck_assert_uint_eq(c->thread->run.priority, PRIORITY_DEFAULT);
        machine_advance(10000);
        kernel_next();
        ck_outcome(result(a), PERHAPS(DEADLINE));
        ck_outcome(result(b), PERHAPS(DEADLINE));
}
END_TEST

/* Three servers in a chain, each serving the one before: a queued call raises all of them. */
START_TEST(a_call_that_waits_raises_the_chain_that_it_waits_for)
{
        struct program *client = program_new(), *high = program_new();
        struct program *a = program_new(), *b = program_new(), *c = program_new();
        struct link to_a = link_new(a, client, 1), to_b = link_new(b, a, 2),
                    to_c = link_new(c, b, 3);
        handle_t from_high = give(client, to_a.right, high);
        thread_set_base_priority(high->thread, 200);
        ck_outcome(sys(high, SYSCALL_sleep, 1000), BLOCKED);
        ck_outcome(sys(client, SYSCALL_call, to_a.right, 0, header(0), TIME_NEVER), BLOCKED);
        ck_outcome(sys(a, SYSCALL_receive, to_a.port, 0, 0, TIME_NEVER), OUTCOME_OK);
        ck_outcome(sys(a, SYSCALL_call, to_b.right, 0, header(0), TIME_NEVER), BLOCKED);
        ck_outcome(sys(b, SYSCALL_receive, to_b.port, 0, 0, TIME_NEVER), OUTCOME_OK);
        ck_outcome(sys(b, SYSCALL_call, to_c.right, 0, header(0), TIME_NEVER), BLOCKED);
        ck_assert_uint_eq(c->thread->run.priority, PRIORITY_DEFAULT);

        machine_advance(2000);
        ck_outcome(sys(high, SYSCALL_call, from_high, 0, header(0), 9000), BLOCKED);
        ck_assert_uint_eq(a->thread->run.priority, 200);
        ck_assert_uint_eq(b->thread->run.priority, 200);
        ck_assert_uint_eq(b->thread->call.request.priority, 200);
        ck_assert_uint_eq(c->thread->run.priority, PRIORITY_DEFAULT); /* it serves no call yet */
        ck_outcome(sys(c, SYSCALL_receive, to_c.port, 0, 0, TIME_NEVER), OUTCOME_OK);
        ck_assert_uint_eq(c->thread->run.priority, 200);

        ck_outcome(sys(c, SYSCALL_reply, 0, c->thread->run.context.second, header(0)), OUTCOME_OK);
        ck_assert_uint_eq(c->thread->run.priority, PRIORITY_DEFAULT);
        ck_outcome(result(b), OUTCOME_OK);
        ck_outcome(sys(b, SYSCALL_receive, to_b.port, 0, 0, 0), NOT(DEADLINE));
        ck_assert_uint_eq(b->thread->run.priority, PRIORITY_DEFAULT);
        ck_assert_uint_eq(a->thread->run.priority, 200);
        machine_advance(10000);
        kernel_next();
        ck_outcome(result(high), NOT(DEADLINE));
}
END_TEST

START_TEST(raising_a_caller_raises_its_server_and_a_ring_of_callers_ends)
{
        struct program *a = program_new(), *b = program_new(), *client = program_new();
        struct link to_a = link_new(a, b, 1), to_b = link_new(b, a, 2);
        handle_t from_client = give(b, to_a.right, client);
        ck_outcome(sys(client, SYSCALL_call, from_client, 0, header(0), TIME_NEVER), BLOCKED);
        ck_outcome(sys(a, SYSCALL_receive, to_a.port, 0, 0, TIME_NEVER), OUTCOME_OK);
        ck_outcome(sys(a, SYSCALL_call, to_b.right, 0, header(0), TIME_NEVER), BLOCKED);
        ck_outcome(sys(b, SYSCALL_receive, to_b.port, 0, 0, TIME_NEVER), OUTCOME_OK);
        ck_outcome(sys(b, SYSCALL_call, to_a.right, 0, header(0), 5000), BLOCKED);
        thread_set_base_priority(client->thread, 220);
        ck_assert_uint_eq(a->thread->run.priority, 220);
        ck_assert_uint_eq(b->thread->run.priority, 220);
        kernel_check();
        machine_advance(6000);
        kernel_next();
        ck_outcome(result(b), NOT(DEADLINE));
}
END_TEST

START_TEST(the_queue_of_a_port_is_by_priority_and_then_by_arrival)
{
        struct program *server = program_new(), *clients[4];
        struct link link = link_new(server, server, 7);
        static const unsigned priorities[] = {50, 90, 90, 70};
        static const unsigned order[] = {1, 2, 3, 0};
        for (unsigned i = 0; i < 4; i++) {
                clients[i] = program_new();
                handle_t right = give(server, link.right, clients[i]);
                thread_await(clients[i]->thread);
                clients[i]->thread->run.priority = (uint8_t)priorities[i];
                clients[i]->thread->base_priority = (uint8_t)priorities[i];
                clients[i]->thread->run.context.number = SYSCALL_call;
                clients[i]->thread->run.context.result = right;
                clients[i]->thread->run.context.header = header(1);
                clients[i]->thread->run.context.deadline = TIME_NEVER;
                clients[i]->thread->run.context.word[0] = i;
                kernel_syscall(&clients[i]->thread->run.context);
                kernel_next();
        }
        for (unsigned i = 0; i < 4; i++) {
                ck_outcome(sys(server, SYSCALL_receive, link.port, 0, 0, 0), OUTCOME_OK);
                ck_assert_uint_eq(server->thread->run.context.word[0], order[i]);
        }
}
END_TEST

START_TEST(a_thread_stopped_while_it_waits_stops_when_the_wait_ends)
{
        struct program *a = program_new(), *b = program_new();
        handle_t event = sys_handle(a, SYSCALL_event_create), there = give(a, event, b);
        ck_outcome(sys(a, SYSCALL_event_wait, event, 1, TIME_NEVER), BLOCKED);
        thread_stop(a->thread);
        ck_outcome(sys(b, SYSCALL_event_signal, there, 1), OUTCOME_OK);
        ck_assert_int_eq(a->thread->run.state, THREAD_STOPPED);
        thread_start(a->thread);
        ck_outcome(result(a), OUTCOME_OK);
        ck_assert_uint_eq(a->thread->run.context.result, 1);
        struct program *const both[] = {a, b};
        stop_all(both, 2);
        ck_assert_ptr_null(running());
}
END_TEST

START_TEST(a_thread_stops_itself_and_is_started_again)
{
        struct program *a = program_new();
        ck_outcome(sys(a, SYSCALL_thread_control, 0, THREAD_STOP), STOPPED);
        ck_assert_ptr_null(running());
        thread_start(a->thread);
        ck_assert_ptr_eq(running(), a->thread);
        ck_outcome(result(a), OUTCOME_OK);
}
END_TEST

/* Priority 99 of at most `ceiling`. */
static uint64_t below(unsigned ceiling)
{
        return thread_scheduling(99, ceiling, 0);
}

START_TEST(nobody_raises_above_the_own_ceiling)
{
        struct program *a = program_new();
        struct program *b = program_thread(a);
        a->thread->ceiling = 100;
        handle_t other = hold(a, &b->thread->object, RIGHT_CONTROL);
        ck_outcome(sys(a, SYSCALL_thread_control, other, THREAD_SET_PRIORITY, below(101)),
                   NOT(REFUSED));
        ck_outcome(sys(a, SYSCALL_thread_control, other, THREAD_SET_PRIORITY, below(99)),
                   OUTCOME_OK);
        ck_outcome(sys(a, SYSCALL_thread_control, other, THREAD_SET_PRIORITY, below(100)),
                   OUTCOME_OK);
        ck_assert_uint_eq(b->thread->base_priority, 99);
        ck_assert_uint_eq(b->thread->ceiling, 100);
        ck_outcome(sys(a, SYSCALL_thread_create, 0, 0x1000, 0, 0, below(101)), NOT(REFUSED));
        ck_outcome(sys(a, SYSCALL_thread_create, 0, 0x1000, 0, 0, below(98)), NOT(MALFORMED));
        ck_outcome(sys(a, SYSCALL_thread_create, 0, 0x1000, 0, 0, below(100) | 1 << 16),
                   NOT(NOT_FOUND));
}
END_TEST

/* One system call, up to where the trap code looks at what is left to do. */
static uint64_t work_after(struct program *program, uint64_t number, uint64_t first,
                           uint64_t second)
{
        struct context *context = &program->thread->run.context;
        thread_await(program->thread);
        context->number = number;
        context->result = first;
        context->second = second;
        kernel_syscall(context);
        uint64_t work = this_cpu()->work;
        kernel_next();
        return work;
}

/* With nothing else to do the way out was not taken, and the line waited for the next interrupt. */
START_TEST(what_a_system_call_logs_of_another_thread_reaches_the_line)
{
        struct program *a = program_new(), *b = program_new();
        handle_t task = hold(a, &b->task->object, RIGHT_CONTROL);
        struct link link = link_new(a, a, 1);
        ck_outcome(sys(a, SYSCALL_task_set_fault_handler, task, link.right), OUTCOME_OK);
        thread_await(b->thread);
        kernel_fault(&b->thread->run.context, FAULT_INSTRUCTION, 0, 0);
        kernel_next();
        ck_outcome(sys(a, SYSCALL_receive, link.port, 0, 0, 0), OUTCOME_OK);
        uint64_t reply = a->thread->run.context.second;
        ck_assert_uint_ne(work_after(a, SYSCALL_handle_close, reply, 0) & WORK_LINE, 0);
}
END_TEST

Suite *sched_suite(void)
{
        TCase *tests;
        Suite *suite = world_suite("sched", &tests);
        tcase_add_test(tests, the_highest_priority_runs);
        tcase_add_test(tests, equals_take_turns_by_slices);
        tcase_add_test(tests, one_thread_alone_needs_no_timer);
        tcase_add_test(tests, a_preempted_thread_keeps_the_rest_of_its_slice);
        tcase_add_test(tests, a_thread_that_yields_goes_behind_its_equals);
        tcase_add_test(tests, a_call_switches_to_the_receiver_at_once);
        tcase_add_test(tests, a_message_to_a_higher_thread_runs_it_and_then_its_sender);
        tcase_add_test(tests, a_higher_thread_runs_before_the_receiver_of_a_call);
        tcase_add_test(tests, a_server_runs_at_its_callers_priority_while_it_serves);
        tcase_add_test(tests, priority_and_deadline_are_inherited_through_a_chain);
        tcase_add_test(tests, a_call_that_waits_raises_the_chain_that_it_waits_for);
        tcase_add_test(tests, raising_a_caller_raises_its_server_and_a_ring_of_callers_ends);
        tcase_add_test(tests, the_queue_of_a_port_is_by_priority_and_then_by_arrival);
        tcase_add_test(tests, a_thread_stopped_while_it_waits_stops_when_the_wait_ends);
        tcase_add_test(tests, a_thread_stops_itself_and_is_started_again);
        tcase_add_test(tests, nobody_raises_above_the_own_ceiling);
        tcase_add_test(tests, what_a_system_call_logs_of_another_thread_reaches_the_line);
        return suite;
}
