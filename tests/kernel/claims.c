/* What an answer may claim of the execution: that nothing was executed only if the call came by the
 * right of a proxy. Each claim is made in each way of answering, of each way of calling; between
 * two threads that wait for each other the fast path is taken. */
#include "tests/kernel/harness.h"

enum { BY_REPLY_RECEIVE, BY_REPLY, PASSED_ON, ANSWERS };
enum { BY_CALL, BY_CALL_OBJECT, CALLS };

/* Words of SHARED: how the server answers, and with what. */
enum { ANSWER, OUTCOME };

/* Sends the reply right to this thread itself, with no right kept. */
static handle_t pass_on(handle_t reply)
{
        static handle_t port, right, event, object;
        struct message_block *block = own_block();
        struct message_registers r;
        sys_port_create(&port);
        sys_right_mint(port, 1, RIGHT_SEND, &right);
        sys_event_create(&event);
        sys_call_create(event, 1, &object);
        block->send_caps[0] = (struct send_cap){reply, 0, SEND_CAP_MOVE};
        block->receive_caps = 1;
        r = (struct message_registers){.handle = right, .second = object, .deadline = SOON};
        r.header =
            message_with_flags(message_with_caps(HEADER(0), 1), MESSAGE_BLOCK | MESSAGE_ONE_WAY);
        sys_message(SYSCALL_call_start, &r);
        receive(port, SOON, &r);
        sys_handle_close(object);
        sys_object_destroy(event);
        sys_object_destroy(port);
        sys_handle_close(right);
        return block->received_caps[0].handle;
}

/* An answer that is refused leaves the reply right: it is closed. */
static void answers(uint64_t port)
{
        struct message_registers r;
        outcome_t outcome = receive(port, TIME_NEVER, &r);
        while (outcome == OUTCOME_OK) {
                handle_t handle = r.second;
                uint64_t header = message_with_outcome(HEADER(0), (unsigned)SHARED->word[OUTCOME]);
                if (SHARED->word[ANSWER] == BY_REPLY_RECEIVE) {
                        r = (struct message_registers){
                            .handle = port, .second = handle, .deadline = TIME_NEVER};
                        r.header = header;
                        outcome = sys_message(SYSCALL_reply_receive, &r);
                        continue;
                }
                if (SHARED->word[ANSWER] == PASSED_ON)
                        handle = pass_on(handle);
                if (reply(handle, header, &r) == not_executed(REASON_MALFORMED))
                        sys_handle_close(handle);
                outcome = receive(port, TIME_NEVER, &r);
        }
}

static outcome_t call_by(unsigned how, handle_t right, handle_t object, handle_t event)
{
        struct message_registers r = {.handle = right, .second = object, .deadline = SOON};
        uint64_t bits;
        settle(); /* the server waits */
        if (how == BY_CALL)
                return call(right, HEADER(0), SOON, &r);
        r.header = HEADER(0);
        CHECK_OK(sys_message(SYSCALL_call_start, &r));
        CHECK_OK(sys_event_wait(event, 1, SOON, &bits));
        r = (struct message_registers){.handle = object};
        return sys_message(SYSCALL_call_finish, &r);
}

static void claims_are(uint32_t property, outcome_t claimed, outcome_t told)
{
        handle_t port = make_port(), event = make_event(), right, object;
        CHECK_OK(sys_right_mint(port, 1, RIGHTS_ALL | property, &right));
        CHECK_OK(sys_call_create(event, 1, &object));
        thread_run(answers, port, PRIORITY_HIGH);
        SHARED->word[OUTCOME] = claimed;
        for (unsigned i = 0; i < ANSWERS; i++) {
                SHARED->word[ANSWER] = i;
                for (unsigned j = 0; j < CALLS; j++)
                        CHECK_EQ(call_by(j, right, object, event), told);
        }
        CHECK_OK(sys_handle_close(object));
        CHECK_OK(sys_handle_close(right));
}

static void a_servers_claim_that_nothing_was_executed_arrives_as_answered(void)
{
        claims_are(0, not_executed(REASON_REVOKED), answered(REASON_REVOKED));
}

static void a_proxys_claim_that_nothing_was_executed_arrives(void)
{
        claims_are(RIGHT_PROXY, not_executed(REASON_REVOKED), not_executed(REASON_REVOKED));
}

/* Whoever collects it would wait for the end of a call that has ended. */
static void no_call_ends_as_one_under_way(void)
{
        claims_are(RIGHT_PROXY, not_executed(REASON_BUSY), answered(REASON_BUSY));
        handle_t port = make_port(), right = make_right(port, 1), event = make_event(), object;
        struct message_registers r;
        CHECK_OK(sys_call_create(event, 1, &object));
        r = (struct message_registers){
            .handle = right, .second = object, .header = HEADER(0), .deadline = SOON};
        CHECK_OK(sys_message(SYSCALL_call_start, &r));
        CHECK_OK(sys_right_revoke(port, 1, REASON_BUSY));
        r = (struct message_registers){.handle = object};
        CHECK_NOT(sys_message(SYSCALL_call_finish, &r), REVOKED);
        CHECK_OK(sys_handle_close(object));
}

static void anybody_may_claim_less(void)
{
        claims_are(0, perhaps_executed(REASON_FAULT), perhaps_executed(REASON_FAULT));
        claims_are(RIGHT_PROXY, perhaps_executed(REASON_FAULT), perhaps_executed(REASON_FAULT));
}

static void what_is_answered_arrives_as_it_is(void)
{
        claims_are(0, OUTCOME_OK, OUTCOME_OK);
        claims_are(0, answered(REASON_END - 1), answered(REASON_END - 1));
        claims_are(RIGHT_PROXY, answered(REASON_NOT_FOUND), answered(REASON_NOT_FOUND));
}

/* An unknown class, or none of the reasons: the answer is malformed, and the call without one. */
static void an_outcome_that_is_none_is_malformed(void)
{
        static const outcome_t none[] = {
            0x0300 | REASON_FAULT, 0xff00 | REASON_FAULT, 0x0100, 0x0200, REASON_END,
            0x0100 | REASON_END};
        for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++)
                claims_are(i & 1 ? RIGHT_PROXY : 0, none[i],
                           perhaps_executed(REASON_RECEIVER_DIED));
}

/* A right issued again is the same right; its copies have the property, whatever they keep. */
static void a_right_shows_that_its_receiver_speaks_for_another(void)
{
        handle_t port = make_port(), proxy, again, copy, plain = make_right(port, 2);
        uint32_t rights;
        uint64_t issues;
        CHECK_OK(sys_right_mint(port, 1, RIGHT_SEND | RIGHT_COPY | RIGHT_PROXY, &proxy));
        CHECK_OK(sys_right_issue(port, 1, RIGHT_SEND, &again, &issues));
        CHECK_OK(sys_handle_copy(proxy, RIGHT_SEND, &copy));
        CHECK_OK(sys_handle_info(proxy, NULL, &rights, NULL));
        CHECK_EQ(rights, RIGHT_SEND | RIGHT_COPY | RIGHT_PROXY);
        CHECK_OK(sys_handle_info(again, NULL, &rights, NULL));
        CHECK_EQ(rights, RIGHT_SEND | RIGHT_PROXY);
        CHECK_OK(sys_handle_info(copy, NULL, &rights, NULL));
        CHECK_EQ(rights, RIGHT_SEND | RIGHT_PROXY);
        CHECK_OK(sys_right_issue(port, 2, RIGHT_SEND | RIGHT_PROXY, &again, &issues));
        CHECK_OK(sys_handle_info(again, NULL, &rights, NULL));
        CHECK_EQ(rights, RIGHT_SEND);
        CHECK_OK(sys_handle_info(plain, NULL, &rights, NULL));
        CHECK_EQ(rights & RIGHT_PROXY, 0);
}

const struct test claim_tests[] = {
    {"a_servers_claim_that_nothing_was_executed_arrives_as_answered",
     a_servers_claim_that_nothing_was_executed_arrives_as_answered},
    {"a_proxys_claim_that_nothing_was_executed_arrives",
     a_proxys_claim_that_nothing_was_executed_arrives},
    {"no_call_ends_as_one_under_way", no_call_ends_as_one_under_way},
    {"anybody_may_claim_less", anybody_may_claim_less},
    {"what_is_answered_arrives_as_it_is", what_is_answered_arrives_as_it_is},
    {"an_outcome_that_is_none_is_malformed", an_outcome_that_is_none_is_malformed},
    {"a_right_shows_that_its_receiver_speaks_for_another",
     a_right_shows_that_its_receiver_speaks_for_another},
    {0}};
