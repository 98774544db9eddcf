/* What messages carry besides capabilities, and one-way messages. */
#include "tests/semantics/forms.h"

static uint8_t byte_at(size_t index)
{
        return (uint8_t)(index * 7 + (index >> 8));
}

/* Bytes to be sent, in the pattern that `bytes_same` looks for. */
static void bytes_fill(struct semantics *s, size_t count)
{
        for (size_t i = 0; i < count; i++)
                s->sent[i] = byte_at(i);
}

static void bytes_same(struct semantics *s, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (s->got[i] != byte_at(i)) {
                        form_differs(s, "a byte of the answer", i);
                        return;
                }
}

/* ---- requests and answers -------------------------------------------------------------------- */

outcome_t words(struct semantics *s, uint64_t count)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_ECHO, 0, NULL);
        message.word_count = (uint8_t)count;
        for (unsigned i = 0; i < MESSAGE_WORDS; i++)
                message.words[i] = 0x8000000000000001ull + i;
        arrival_prepare(&arrival, NULL, 0, 0);
        outcome_t outcome = rt_call(s->target, rt_after(SOON), &message, &arrival);
        if (outcome != OUTCOME_OK)
                return outcome;
        form_expect(s, "words of the answer", arrival.word_count, count);
        for (unsigned i = 0; i < MESSAGE_WORDS; i++)
                form_expect(s, "a word of the answer", arrival.words[i],
                            i < count ? message.words[i] : 0);
        return outcome;
}

outcome_t bytes(struct semantics *s, uint64_t count)
{
        return buffers(s, count << 8 | 1);
}

/* So many buffers of the same length; bits from 8 on: bytes of each, if not 1,000. */
outcome_t buffers(struct semantics *s, uint64_t argument)
{
        unsigned count = argument & 0xff;
        size_t each = argument >> 8 ? argument >> 8 : 1000;
        struct arrival arrival;
        struct message message = form_message(PARTNER_ECHO, 0, NULL);
        bytes_fill(s, count * each);
        for (unsigned i = 0; i < count; i++)
                message.buffers[i] = (struct message_buffer){(uint64_t)s->sent + i * each, each};
        message.buffer_count = (uint8_t)count;
        arrival_prepare(&arrival, s->got, BYTES_MAX, 0);
        outcome_t outcome = rt_call(s->target, rt_after(SOON), &message, &arrival);
        if (outcome != OUTCOME_OK)
                return outcome;
        form_expect(s, "bytes of the answer", arrival.bytes, count * each);
        bytes_same(s, count * each);
        return outcome;
}

outcome_t fields(struct semantics *s, uint64_t argument)
{
        enum { PRIORITY = 7 };
        const uint64_t trace = 0x1122334455667788, wait = SOON;
        struct arrival arrival;
        struct message message = form_message(PARTNER_SEEN, 0, NULL);
        (void)argument;
        message.flags = MESSAGE_IDEMPOTENT;
        message.set_priority = 1;
        message.priority = PRIORITY;
        message.trace = trace;
        arrival_prepare(&arrival, NULL, 0, 0);
        outcome_t outcome = rt_call(s->target, rt_after(wait), &message, &arrival);
        if (outcome != OUTCOME_OK)
                return outcome;
        form_expect(s, "idempotent", arrival.words[0], 1);
        form_expect(s, "priority", arrival.words[1], PRIORITY);
        form_expect(s, "trace", arrival.words[2], trace);
        form_expect(s, "badge", arrival.words[3], PARTNER_BADGE);
        if (arrival.words[4] > wait || arrival.words[4] < wait / 4)
                form_differs(s, "time until the deadline", arrival.words[4]);
        return outcome;
}

outcome_t kernels_interface(struct semantics *s, uint64_t argument)
{
        struct message message = form_message(PARTNER_ECHO, 0, NULL);
        (void)argument;
        message.interface = 0;
        return rt_call(s->target, rt_after(SOON), &message, NULL);
}

/* ---- more than somebody takes ---------------------------------------------------------------- */

/* The partner takes 16 bytes and one capability from its second port: of two messages the next
 * one. */
static outcome_t overfill(struct semantics *s, struct message *message)
{
        struct arrival arrival;
        struct message next = form_message(PARTNER_NOTE, 0, NULL);
        handle_t port = form_port(s), *call = &s->self.call;
        outcome_t outcome = form_begin(s, port, SOON, message);
        if (outcome != OUTCOME_OK)
                return outcome;
        form_expect(s, "call object", rt_server_call(&s->self.server, 0, call), OUTCOME_OK);
        next.flags = MESSAGE_ONE_WAY;
        form_expect(s, "one more", rt_call_start(port, *call, rt_after(SOON), &next, NULL),
                    OUTCOME_OK);
        form_expect(s, "what the receiver got", ASK(s, RECEIVE, 16, 1, SOON / 2), OUTCOME_OK);
        outcome = form_end(s, &arrival);
        sys_handle_close(port);
        return outcome;
}

outcome_t request_too_long(struct semantics *s, uint64_t argument)
{
        struct message message = form_message(PARTNER_ECHO, 0, NULL);
        (void)argument;
        message.buffers[0] = (struct message_buffer){(uint64_t)s->sent, 17};
        message.buffer_count = 1;
        return overfill(s, &message);
}

outcome_t request_with_too_many_caps(struct semantics *s, uint64_t argument)
{
        handle_t copy;
        struct message message = form_message(PARTNER_ECHO, 0, NULL);
        (void)argument;
        form_expect(s, "copy", sys_handle_copy(s->own, RIGHTS_ALL, &copy), OUTCOME_OK);
        message.caps[0] = cap_copy(s->own);
        message.caps[1] = cap_move(copy);
        message.cap_count = 2;
        outcome_t outcome = overfill(s, &message);
        form_expect(s, "what was to move", sys_handle_close(copy),
                    s->far ? not_executed(REASON_BAD_HANDLE) : OUTCOME_OK);
        return outcome;
}

outcome_t answer_too_long(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_ECHO, 0, NULL);
        (void)argument;
        message.buffers[0] = (struct message_buffer){(uint64_t)s->sent, 17};
        message.buffer_count = 1;
        arrival_prepare(&arrival, s->got, 16, 0);
        return rt_call(s->target, rt_after(SOON), &message, &arrival);
}

outcome_t answer_with_too_many_caps(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_ECHO, 0, NULL);
        (void)argument;
        message.caps[0] = message.caps[1] = cap_copy(s->own);
        message.cap_count = 2;
        arrival_prepare(&arrival, NULL, 0, 1);
        return rt_call(s->target, rt_after(SOON), &message, &arrival);
}

/* ---- one-way --------------------------------------------------------------------------------- */

/* So many notes have come, each as a one-way message, and in order. What was sent before a question
 * by the same right is there when the question is answered. */
static void noted(struct semantics *s, uint64_t count)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_NOTED, 0, NULL);
        form_expect(s, "a question", form_ask(s, s->target, &message, &arrival), OUTCOME_OK);
        form_expect(s, "notes that came", arrival.words[0], count);
        form_expect(s, "notes out of turn", arrival.words[1], 0);
        form_expect(s, "notes that came one-way", arrival.words[2], count);
}

outcome_t one_way(struct semantics *s, uint64_t count)
{
        outcome_t outcome = OUTCOME_OK;
        for (uint64_t i = 1; i <= count && outcome == OUTCOME_OK; i++) {
                struct message message = form_message(PARTNER_NOTE, 1, &i);
                outcome = rt_send(s->target, rt_after(SOON), &message);
        }
        if (outcome == OUTCOME_OK)
                noted(s, count);
        return outcome;
}

outcome_t one_way_started(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_NOTE, 1, (uint64_t[]){1});
        (void)argument;
        message.flags = MESSAGE_ONE_WAY;
        outcome_t outcome = form_begin(s, s->target, SOON, &message);
        if (outcome == OUTCOME_OK)
                outcome = form_end(s, &arrival);
        noted(s, 1);
        return outcome;
}

outcome_t one_way_to_revoked(struct semantics *s, uint64_t argument)
{
        enum { BADGE = 31 };
        struct message message = form_message(PARTNER_NOTE, 1, (uint64_t[]){1});
        handle_t right = form_right(s, BADGE);
        (void)argument;
        ASK(s, REVOKE, BADGE, REASON_REVOKED);
        form_await_death(s, right);
        outcome_t outcome = rt_send(right, rt_after(SOON), &message);
        sys_handle_close(right);
        noted(s, 0);
        return outcome;
}
