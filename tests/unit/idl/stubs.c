/* Generated code, called for real: client stubs send to a loop that turns each message into a
 * request, has the generated dispatch serve it, and carries the answer back. Capabilities arrive
 * with the number they were sent by, plus 100. */
#include "tests/unit/idl/loop.h"
#include "tests/unit/idl/suites.h"

#include <string.h>
#include "servers/proto/names.h"
#include "servers/proto/sample.h"

enum { REPLY = 6, CALL = 7, ARRIVED = 100 };

static struct {
        dispatch_function *dispatch; /* of loop_serve_by; NULL: the sample's */
        const void *handlers;
        struct message sent;   /* the last one */
        struct message answer; /* instead of the server's, if `forge` */
        bool forge;
        uint8_t buffer[256];          /* bytes on their way */
        struct received_cap given[3]; /* what the server was given */
        unsigned dropped;
        unsigned told;
        outcome_t pending;
        struct message deferred;
} loop;

static size_t bytes_gather(const struct message *message, uint8_t *to)
{
        size_t length = 0;
        for (unsigned i = 0; i < message->buffer_count; i++) {
                if (message->buffers[i].length)
                        memcpy(to + length, (const void *)message->buffers[i].address,
                               message->buffers[i].length);
                length += message->buffers[i].length;
        }
        return length;
}

static void caps_carry(const struct message *message, struct received_cap *to)
{
        for (unsigned i = 0; i < message->cap_count; i++)
                to[i] = (struct received_cap){.handle = message->caps[i].handle + ARRIVED};
}

static const struct sample_server handlers;
static outcome_t serve(const struct message *message, struct message *answer);

void loop_serve_by(dispatch_function *dispatch, const void *by)
{
        memset(&loop, 0, sizeof loop);
        loop.dispatch = dispatch;
        loop.handlers = by;
}

const struct message *loop_sent(void)
{
        return &loop.sent;
}

outcome_t loop_send(const struct message *message)
{
        struct message answer;
        return serve(message, &answer);
}

static outcome_t serve(const struct message *message, struct message *answer)
{
        static uint8_t bytes[256];
        struct received_cap caps[MESSAGE_CAPS] = {{0}};
        struct request request = {.reply = REPLY,
                                  .interface = message->interface,
                                  .method = message->method,
                                  .word_count = message->word_count,
                                  .cap_count = message->cap_count,
                                  .bytes = bytes,
                                  .caps = caps};
        loop.sent = *message;
        request.byte_count = bytes_gather(message, bytes);
        request.words = message->words;
        caps_carry(message, caps);
        outcome_t outcome = loop.dispatch ? loop.dispatch(loop.handlers, &loop, &request)
                                          : sample_dispatch(&handlers, &loop, &request);
        *answer = request.answer;
        ck_assert_ptr_eq(request.context, &loop);
        return outcome;
}

/* An answer into an arrival, as the kernel would. */
static outcome_t arrive(const struct message *answer, outcome_t outcome, struct arrival *reply)
{
        if (outcome != OUTCOME_OK)
                return outcome;
        reply->word_count = answer->word_count;
        memcpy(reply->words, answer->words, sizeof reply->words);
        reply->bytes = bytes_gather(answer, loop.buffer);
        ck_assert_uint_le(reply->bytes, reply->capacity);
        if (reply->bytes)
                memcpy(reply->buffer, loop.buffer, reply->bytes);
        ck_assert_uint_le(answer->cap_count, reply->most_caps);
        reply->cap_count = answer->cap_count;
        caps_carry(answer, reply->caps);
        return OUTCOME_OK;
}

outcome_t rt_call(handle_t right, uint64_t deadline, const struct message *message,
                  struct arrival *reply)
{
        struct message answer;
        ck_assert_uint_eq(right, RIGHT);
        ck_assert_uint_eq(deadline, DEADLINE);
        outcome_t outcome = serve(message, &answer);
        return arrive(loop.forge ? &loop.answer : &answer, outcome, reply);
}

outcome_t rt_send(handle_t right, uint64_t deadline, const struct message *message)
{
        struct message answer;
        ck_assert_uint_eq(right, RIGHT);
        ck_assert_uint_eq(deadline, DEADLINE);
        return serve(message, &answer);
}

outcome_t rt_call_start(handle_t right, handle_t call, uint64_t deadline,
                        const struct message *message, const struct arrival *space)
{
        ck_assert_uint_eq(right, RIGHT);
        ck_assert_uint_eq(call, CALL);
        ck_assert_uint_eq(deadline, DEADLINE);
        ck_assert_uint_le(space->most_caps, MESSAGE_CAPS);
        loop.pending = serve(message, &loop.deferred);
        return OUTCOME_OK;
}

outcome_t rt_call_finish(handle_t call, struct arrival *reply)
{
        ck_assert_uint_eq(call, CALL);
        return arrive(&loop.deferred, loop.pending, reply);
}

outcome_t rt_reply(handle_t reply, const struct message *message)
{
        ck_assert_uint_eq(reply, REPLY);
        loop.deferred = *message;
        return OUTCOME_OK;
}

handle_t cap_take(struct received_cap *cap)
{
        handle_t handle = cap->handle;
        *cap = (struct received_cap){0};
        return handle;
}

void arrival_drop(struct arrival *arrival)
{
        for (unsigned i = 0; i < arrival->cap_count; i++)
                loop.dropped += arrival->caps[i].handle != 0;
        arrival->cap_count = 0;
}

bool answer_check(struct arrival *answer, struct shape shape)
{
        if (parameters_check(answer->words, answer->word_count, answer->cap_count, answer->bytes,
                             shape))
                return true;
        arrival_drop(answer);
        return false;
}

/* ---- the server ------------------------------------------------------------------------------ */

static outcome_t add(struct request *request, uint64_t a, uint64_t b, uint64_t *sum)
{
        ck_assert_uint_eq(request->reply, REPLY);
        *sum = a + b;
        return a == 13 ? answered(REASON_INVALID) : OUTCOME_OK;
}

static outcome_t take_name(struct request *request, const void *name, size_t name_length,
                           uint64_t number, const void **name_out, size_t *name_out_length,
                           uint64_t *number_out)
{
        (void)request;
        *name_out = name;
        *name_out_length = name_length;
        *number_out = number + 1;
        return OUTCOME_OK;
}

static outcome_t join(struct request *request, const void *first, size_t first_length,
                      const void *second, size_t second_length, const void **whole,
                      size_t *whole_length)
{
        static char text[64];
        (void)request;
        memcpy(text, second, second_length);
        memcpy(text + second_length, first, first_length);
        *whole = text;
        *whole_length = first_length + second_length;
        return OUTCOME_OK;
}

static outcome_t split(struct request *request, const void *whole, size_t whole_length, uint64_t at,
                       const void **first, size_t *first_length, const void **second,
                       size_t *second_length)
{
        (void)request;
        *first = whole;
        *first_length = at;
        *second = (const char *)whole + at;
        *second_length = whole_length - at;
        return OUTCOME_OK;
}

static outcome_t give(struct request *request, struct received_cap *kept,
                      struct received_cap *moved, struct received_cap *shared, struct send_cap *one,
                      handle_t *two, handle_t *three)
{
        (void)request;
        loop.given[0] = *kept;
        loop.given[1] = *moved;
        loop.given[2] = *shared;
        *one = cap_copy(31);
        *two = 32;
        *three = 33;
        return OUTCOME_OK;
}

static void tell(struct request *request, const void *what, size_t what_length, uint64_t number)
{
        (void)request;
        ck_assert_uint_eq(what_length, 2);
        ck_assert_mem_eq(what, "hi", 2);
        loop.told = (unsigned)number;
}

static outcome_t nothing(struct request *request)
{
        (void)request;
        return OUTCOME_OK;
}

static const struct sample_server handlers = {
    .add = add,
    .register_ = take_name,
    .join = join,
    .split = split,
    .give = give,
    .tell = tell,
    .nothing = nothing,
};

/* ---- tests ----------------------------------------------------------------------------------- */

static void setup(void)
{
        memset(&loop, 0, sizeof loop);
}

START_TEST(words_travel_both_ways)
{
        uint64_t sum = 0;
        ck_assert_uint_eq(sample_add(RIGHT, 1000, 40, 2, &sum), OUTCOME_OK);
        ck_assert_uint_eq(sum, 42);
        ck_assert_uint_eq(loop.sent.interface, 40);
        ck_assert_uint_eq(loop.sent.method, 1);
        ck_assert_uint_eq(sample_add(RIGHT, 1000, 1, 1, NULL), OUTCOME_OK);
}
END_TEST

START_TEST(a_handlers_error_is_the_calls_outcome)
{
        uint64_t sum = 7;
        ck_assert_uint_eq(sample_add(RIGHT, 1000, 13, 2, &sum), answered(REASON_INVALID));
        ck_assert_uint_eq(sum, 7);
}
END_TEST

START_TEST(names_of_c_and_of_both_sides_are_told_apart)
{
        char name[16];
        size_t length = 0;
        uint64_t number = 0;
        outcome_t outcome =
            sample_register(RIGHT, 1000, "abc", 3, 8, name, sizeof name, &length, &number);
        ck_assert_uint_eq(outcome, OUTCOME_OK);
        ck_assert_uint_eq(length, 3);
        ck_assert_mem_eq(name, "abc", 3);
        ck_assert_uint_eq(number, 9);
}
END_TEST

START_TEST(several_bytes_in_keep_their_order_and_lengths)
{
        char whole[16];
        size_t length = 0;
        ck_assert_uint_eq(sample_join(RIGHT, 1000, "12", 2, "345", 3, whole, sizeof whole, &length),
                          OUTCOME_OK);
        ck_assert_uint_eq(length, 5);
        ck_assert_mem_eq(whole, "34512", 5);
        ck_assert_uint_eq(sample_join(RIGHT, 1000, "", 0, "", 0, whole, sizeof whole, &length),
                          OUTCOME_OK);
        ck_assert_uint_eq(length, 0);
}
END_TEST

START_TEST(several_bytes_out_lie_in_the_callers_space)
{
        char space[16];
        const void *first, *second;
        size_t first_length, second_length;
        ck_assert_uint_eq(sample_split(RIGHT, 1000, "abcde", 5, 2, space, sizeof space, &first,
                                       &first_length, &second, &second_length),
                          OUTCOME_OK);
        ck_assert_ptr_eq(first, space);
        ck_assert_uint_eq(first_length, 2);
        ck_assert_uint_eq(second_length, 3);
        ck_assert_mem_eq(second, "cde", 3);
}
END_TEST

START_TEST(capabilities_are_copied_moved_and_shared_as_described)
{
        handle_t one, two, three;
        ck_assert_uint_eq(sample_give(RIGHT, 1000, cap_copy(1), 2, 3, &one, &two, &three),
                          OUTCOME_OK);
        ck_assert_uint_eq(loop.given[0].handle, 1 + ARRIVED);
        ck_assert_uint_eq(loop.given[1].handle, 2 + ARRIVED);
        ck_assert_uint_eq(loop.given[2].handle, 3 + ARRIVED);
        ck_assert_uint_eq(loop.sent.caps[0].flags, 0);
        ck_assert_uint_eq(loop.sent.caps[1].flags, SEND_CAP_MOVE);
        ck_assert_uint_eq(loop.sent.caps[2].flags, SEND_CAP_SHARE);
        ck_assert_uint_eq(loop.sent.caps[1].rights, RIGHTS_ALL);
        ck_assert_uint_eq(one, 31 + ARRIVED);
        ck_assert_uint_eq(two, 32 + ARRIVED);
        ck_assert_uint_eq(three, 33 + ARRIVED);
        /* What the caller does not want is closed. */
        ck_assert_uint_eq(sample_give(RIGHT, 1000, cap_copy(1), 2, 3, &one, NULL, NULL),
                          OUTCOME_OK);
        ck_assert_uint_eq(loop.dropped, 2);
}
END_TEST

START_TEST(a_one_way_message_reaches_its_handler)
{
        ck_assert_uint_eq(sample_tell(RIGHT, 1000, "hi", 2, 17), OUTCOME_OK);
        ck_assert_uint_eq(loop.told, 17);
}
END_TEST

START_TEST(the_asynchronous_form_gives_the_same_results)
{
        char whole[16];
        size_t length = 0;
        ck_assert_uint_eq(sample_join_start(RIGHT, CALL, 1000, "1", 1, "2", 1, whole, sizeof whole),
                          OUTCOME_OK);
        ck_assert_uint_eq(sample_join_finish(CALL, whole, sizeof whole, &length), OUTCOME_OK);
        ck_assert_uint_eq(length, 2);
        ck_assert_mem_eq(whole, "21", 2);
}
END_TEST

START_TEST(a_deferred_answer_is_that_of_a_handler)
{
        uint64_t sum = 0;
        struct arrival arrival;
        ck_assert_uint_eq(sample_add_reply(REPLY, 99), OUTCOME_OK);
        arrival_prepare(&arrival, NULL, 0, 0);
        ck_assert_uint_eq(sample_add_finish(CALL, &sum), OUTCOME_OK);
        ck_assert_uint_eq(sum, 99);
}
END_TEST

START_TEST(unknown_and_missing_methods_are_answered)
{
        struct message answer, message = {.interface = 40, .method = 99};
        ck_assert_uint_eq(serve(&message, &answer), answered(REASON_NO_METHOD));
        ck_assert_uint_eq(sample_missing(RIGHT, 1000), answered(REASON_NO_METHOD));
        ck_assert_uint_eq(sample_nothing(RIGHT, 1000), OUTCOME_OK);
}
END_TEST

START_TEST(requests_of_another_shape_are_malformed)
{
        struct message answer;
        static char text[] = "abcd";
        const struct message messages[] = {
            {.interface = 40, .method = 1, .word_count = 1},
            {.interface = 40, .method = 1, .word_count = 3},
            {.interface = 40, .method = 1, .word_count = 2, .cap_count = 1},
            /* join: lengths that are not those of the bytes, also by overflow */
            {.interface = 40, .method = 3, .word_count = 2, .words = {1, 2}},
            {.interface = 40,
             .method = 3,
             .word_count = 2,
             .words = {UINT64_MAX, 5},
             .buffer_count = 1,
             .buffers = {{(uint64_t)text, 4}}},
            {.interface = 40,
             .method = 3,
             .word_count = 2,
             .words = {1, 2},
             .buffer_count = 1,
             .buffers = {{(uint64_t)text, 4}}},
        };
        for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
                ck_assert_uint_eq(serve(&messages[i], &answer), answered(REASON_MALFORMED));
}
END_TEST

START_TEST(answers_of_another_shape_are_malformed)
{
        uint64_t sum = 3;
        loop.forge = true;
        loop.answer = (struct message){.word_count = 2};
        ck_assert_uint_eq(sample_add(RIGHT, 1000, 1, 2, &sum), perhaps_executed(REASON_MALFORMED));
        ck_assert_uint_eq(sum, 3);
        handle_t handle = 0;
        loop.answer = (struct message){.cap_count = 2, .caps = {cap_copy(1), cap_copy(2)}};
        ck_assert_uint_eq(sample_give(RIGHT, 1000, cap_copy(1), 2, 3, &handle, NULL, NULL),
                          perhaps_executed(REASON_MALFORMED));
        ck_assert_uint_eq(handle, 0);
        ck_assert_uint_eq(loop.dropped, 2);
}
END_TEST

START_TEST(the_names_of_all_parts_are_in_the_table)
{
        const struct proto_interface *interface = proto_interface_find(40);
        ck_assert_uint_eq(proto_interface_count, 1);
        ck_assert_ptr_nonnull(interface);
        ck_assert_str_eq(interface->name, "sample");
        const struct proto_method *method = proto_method_find(interface, 4);
        ck_assert_str_eq(method->name, "split");
        ck_assert_uint_eq(method->in_count, 2);
        ck_assert_str_eq(method->out[1].name, "second");
        ck_assert_int_eq(method->out[1].type, PROTO_BYTES);
        ck_assert(method->out[1].text && !method->out[0].text);
        ck_assert(proto_method_find(interface, 6)->one_way);
        ck_assert_ptr_null(proto_method_find(interface, 60));
        ck_assert_ptr_null(proto_interface_find(41));
}
END_TEST

TCase *stub_tests(void)
{
        TCase *tests = tcase_create("stubs");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, words_travel_both_ways);
        tcase_add_test(tests, a_handlers_error_is_the_calls_outcome);
        tcase_add_test(tests, names_of_c_and_of_both_sides_are_told_apart);
        tcase_add_test(tests, several_bytes_in_keep_their_order_and_lengths);
        tcase_add_test(tests, several_bytes_out_lie_in_the_callers_space);
        tcase_add_test(tests, capabilities_are_copied_moved_and_shared_as_described);
        tcase_add_test(tests, a_one_way_message_reaches_its_handler);
        tcase_add_test(tests, the_asynchronous_form_gives_the_same_results);
        tcase_add_test(tests, a_deferred_answer_is_that_of_a_handler);
        tcase_add_test(tests, unknown_and_missing_methods_are_answered);
        tcase_add_test(tests, requests_of_another_shape_are_malformed);
        tcase_add_test(tests, answers_of_another_shape_are_malformed);
        tcase_add_test(tests, the_names_of_all_parts_are_in_the_table);
        return tests;
}
