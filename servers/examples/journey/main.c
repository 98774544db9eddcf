/* Sends a right of its own on a journey: from here to the courier of one node, from there to
 * another, is called and sent to through it, gets it back and revokes it. Then a deadline travels
 * the same way, many one-way messages are sent in a row, and many calls are in flight at once, to
 * this node and to others, and all end alike. Each step is a line in the log; the last line is
 * `journey: ok` or says what failed.
 *
 *      journey first=n2 second=n3      nodes of the couriers
 *
 * While it waits for the far courier, that one calls the right that it was sent, so the journey
 * serves its own port meanwhile: its calls are asynchronous, and their ends come there by key. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "servers/proto/courier.h"
#include "servers/rt/task/log.h"
#include "servers/rt/serve/service.h"

enum {
        BADGE = 99,
        COURIERS = 3,
        EACH = 16,
        MANY = COURIERS * EACH,
        KEY_SINGLE = MANY,
        KEY_BURST,
        NOTES = 2000,
        BURST = 64
};

#define PATIENCE (30 * RT_SECOND)

static struct {
        struct server server;
        handle_t call, many[MANY];        /* their keys: KEY_SINGLE, and the places in `many` */
        unsigned ends[KEY_BURST + BURST]; /* by key: seen by on_completed */
        unsigned ended;                   /* their sum */
        uint64_t pokes;
        uint64_t notes; /* that came one-way */
} journey;

static outcome_t poke(struct request *request, uint64_t number, uint64_t *result)
{
        if (request->badge == BADGE)
                journey.pokes++;
        *result = number + 1;
        return OUTCOME_OK;
}

static void note(struct request *request, uint64_t number)
{
        (void)number;
        if (request->badge == BADGE && !request->reply)
                journey.notes++;
}

static const struct courier_server handlers = {.poke = poke, .note = note};

static void on_completed(struct server *server, uint64_t key)
{
        (void)server;
        journey.ends[key]++;
        journey.ended++;
}

static void fail(const char *what, outcome_t outcome)
{
        rt_log("FAILED: %s: %s%s", what, outcome_prefix(outcome),
               reason_text(outcome_reason(outcome)));
        exit(1);
}

static void must(outcome_t outcome, const char *what)
{
        if (outcome != OUTCOME_OK)
                fail(what, outcome);
        rt_log("%s", what);
}

static void check(bool condition, const char *what)
{
        if (!condition)
                fail(what, answered(REASON_INVALID));
        rt_log("%s", what);
}

/* Serves until so many calls have ended. */
static void wait_for(unsigned count, const char *what)
{
        uint64_t deadline = rt_after(PATIENCE);
        while (journey.ended < count) {
                outcome_t outcome = rt_serve_one(&journey.server, deadline);
                if (outcome != OUTCOME_OK)
                        fail(what, outcome);
        }
        journey.ended = 0;
}

static handle_t courier_of(const char *node)
{
        char name[32];
        handle_t right;
        snprintf(name, sizeof(name), "%s/courier", node);
        must(rt_lookup(name, rt_after(PATIENCE), &right), name);
        return right;
}

static void prepare(void)
{
        struct server *server = &journey.server;
        outcome_t outcome = rt_server_init(server);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_call(server, KEY_SINGLE, &journey.call);
        if (outcome == OUTCOME_OK)
                outcome =
                    rt_server_add(server, COURIER_INTERFACE, courier_dispatch, &handlers, NULL);
        server->on_completed = on_completed;
        if (outcome != OUTCOME_OK)
                fail("start", outcome);
}

static uint64_t identity(handle_t handle)
{
        enum object_kind type;
        uint32_t rights;
        uint64_t number = 0;
        sys_handle_info(handle, &type, &rights, &number);
        return number;
}

static outcome_t use(handle_t courier, uint64_t *number)
{
        outcome_t outcome = courier_use_start(courier, journey.call, rt_after(PATIENCE), 41);
        if (outcome != OUTCOME_OK)
                return outcome;
        wait_for(1, "use");
        return courier_use_finish(journey.call, number);
}

/* A right goes FIRST, SECOND and home again. */
static void send_right(const char *first_node, const char *second_node)
{
        handle_t first = courier_of(first_node), second = courier_of(second_node);
        handle_t right, home, copy;
        uint64_t number = 0, used;
        must(rt_server_right(&journey.server, BADGE, &right), "a right of this node");
        uint64_t own = identity(right);
        must(sys_handle_copy(right, RIGHTS_ALL, &copy), "and a copy to go");
        must(courier_take(first, RT_DEADLINE, copy), "taken by the first courier");
        must(courier_pass(first, RT_DEADLINE, second_node, strlen(second_node)),
             "passed on to the second");
        must(use(second, &number), "called by the second");
        check(number == 42 && journey.pokes == 1, "the call came here, with its badge");
        must(courier_tell_start(second, journey.call, rt_after(PATIENCE), 1), "told to send");
        wait_for(1, "tell");
        must(courier_tell_finish(journey.call), "sent by the second");
        for (uint64_t end = rt_after(PATIENCE); !journey.notes && rt_now() < end;)
                rt_serve_one(&journey.server, end);
        check(journey.notes == 1, "what it sent came here, and not as a call");
        /* Back the way it came: a proxy that goes to its own node becomes the right again. */
        must(courier_pass(second, RT_DEADLINE, first_node, strlen(first_node)),
             "passed back to the first");
        must(courier_give_back(first, RT_DEADLINE, &home), "come home");
        check(identity(home) == own, "it is the same right");
        sys_handle_close(home);

        must(sys_handle_copy(right, RIGHTS_ALL, &copy), "another copy to go");
        must(courier_take(first, RT_DEADLINE, copy), "taken by the first courier");
        must(courier_pass(first, RT_DEADLINE, second_node, strlen(second_node)),
             "passed on to the second");
        must(sys_right_revoke(journey.server.port, BADGE, 0), "revoked");
        outcome_t outcome = use(second, &number);
        /* The word of it may still be under way: then the call comes here and is refused here. It
         * was executed nowhere, but the call of the courier was: that is answered. */
        check(outcome == answered(REASON_REVOKED), "the second says that it is revoked");
        must(courier_used(second, RT_DEADLINE, &used), "asked how it knows");
        check(used == not_executed(REASON_REVOKED), "its call was not executed");
        must(courier_give_back(second, RT_DEADLINE, &home), "given back");
        sys_handle_close(home);
        sys_handle_close(right);
        sys_handle_close(first);
        sys_handle_close(second);
}

/* One-way messages arrive as such, all of them and in order, however fast they are sent. */
static void send_notes(const char *first_node)
{
        uint64_t count, wrong;
        handle_t first = courier_of(first_node);
        for (uint64_t i = 1; i <= NOTES; i++) {
                outcome_t outcome = courier_note(first, rt_after(PATIENCE), i);
                if (outcome != OUTCOME_OK)
                        fail("one of many notes", outcome);
        }
        must(courier_noted(first, rt_after(PATIENCE), &count, &wrong), "many notes");
        check(count == NOTES && wrong == 0, "have come, in order, and none as a call");
        sys_handle_close(first);
}

/* Two seconds, through FIRST to a call that SECOND does not answer. */
static void send_deadline(const char *first_node, const char *second_node)
{
        uint64_t given = 0, cancelled = 0, start = rt_now();
        handle_t first = courier_of(first_node), second = courier_of(second_node);
        outcome_t outcome =
            courier_stall_there(first, rt_after(2 * RT_SECOND), second_node, strlen(second_node));
        uint64_t took = rt_now() - start;
        check(outcome == perhaps_executed(REASON_DEADLINE), "perhaps executed: deadline");
        check(took >= 2 * RT_SECOND && took < 20 * RT_SECOND, "after two seconds");
        rt_log("the deadline ended the call after %u ms", (unsigned)(took / RT_MILLISECOND));
        for (uint64_t end = rt_after(PATIENCE); !cancelled && rt_now() < end;) {
                must(courier_stalled(second, RT_DEADLINE, &given, &cancelled), "asked the second");
                sys_sleep(rt_after(10 * RT_MILLISECOND));
        }
        check(given <= 2 * RT_SECOND, "the deadline reached the second node");
        check(cancelled, "its end did too");
        sys_handle_close(first);
        sys_handle_close(second);
}

/* The last two that each courier gets are not answered: the second makes it drop the first, and
 * stays until its deadline. All others are. */
static outcome_t many_start(unsigned i, handle_t courier, uint64_t deadline)
{
        if (i % EACH < EACH - 2)
                return courier_poke_start(courier, journey.many[i], deadline, i);
        return courier_stall_start(courier, journey.many[i], deadline);
}

static void many_check(unsigned i)
{
        uint64_t number = 0;
        outcome_t outcome = courier_poke_finish(journey.many[i], &number), expected = OUTCOME_OK;
        if (i % EACH == EACH - 2)
                expected = perhaps_executed(REASON_RECEIVER_DIED);
        else if (i % EACH == EACH - 1)
                expected = perhaps_executed(REASON_DEADLINE);
        if (outcome != expected || journey.ends[i] != 1 ||
            (outcome == OUTCOME_OK && number != i + 1))
                fail("one of many calls", outcome);
        sys_handle_close(journey.many[i]);
}

static void send_many(const char *first_node, const char *second_node)
{
        handle_t couriers[COURIERS] = {courier_of("."), courier_of(first_node),
                                       courier_of(second_node)};
        uint64_t deadline = rt_after(5 * RT_SECOND);
        for (unsigned i = 0; i < MANY; i++) {
                outcome_t outcome = rt_server_call(&journey.server, i, &journey.many[i]);
                if (outcome == OUTCOME_OK)
                        outcome = many_start(i, couriers[i / EACH], deadline);
                if (outcome != OUTCOME_OK)
                        fail("many calls at once", outcome);
        }
        wait_for(MANY, "many calls at once");
        for (unsigned i = 0; i < MANY; i++)
                many_check(i);
        rt_log("many calls at once, near and far, have ended alike, each once");
        for (unsigned i = 0; i < COURIERS; i++)
                sys_handle_close(couriers[i]);
}

/* Between two nodes with nothing else to do, none of so many is refused. */
static void send_burst(const char *first_node)
{
        static handle_t calls[BURST];
        uint64_t number;
        handle_t first = courier_of(first_node);
        for (unsigned i = 0; i < BURST; i++) {
                outcome_t outcome = rt_server_call(&journey.server, KEY_BURST + i, &calls[i]);
                if (outcome == OUTCOME_OK)
                        outcome = courier_poke_start(first, calls[i], rt_after(PATIENCE), i);
                if (outcome != OUTCOME_OK)
                        fail("a burst of calls", outcome);
        }
        wait_for(BURST, "a burst of calls");
        for (unsigned i = 0; i < BURST; i++) {
                outcome_t outcome = courier_poke_finish(calls[i], &number);
                if (outcome != OUTCOME_OK || number != i + 1)
                        fail("one of a burst of calls", outcome);
                sys_handle_close(calls[i]);
        }
        rt_log("all calls of a burst are answered");
        sys_handle_close(first);
}

int main(int argc, char **argv)
{
        const char *first = "n2", *second = "n3";
        for (int i = 1; i < argc; i++) {
                if (strncmp(argv[i], "first=", 6) == 0)
                        first = argv[i] + 6;
                if (strncmp(argv[i], "second=", 7) == 0)
                        second = argv[i] + 7;
        }
        prepare();
        send_right(first, second);
        send_notes(first);
        send_deadline(first, second);
        send_burst(first);
        send_many(first, second);
        rt_log("ok");
        return 0;
}
