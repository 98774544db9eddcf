/* Memory snapshots, events and reply rights. */
#include "tests/semantics/forms.h"

enum { SEED = 77, WORD = 4711 };

/* ---- memory ---------------------------------------------------------------------------------- */

/* Looks at what the target keeps; ok, or why it cannot. */
static outcome_t there_is_pattern(struct semantics *s, uint64_t size)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_PATTERN, 2, (uint64_t[]){0, SEED});
        form_expect(s, "looked at", form_ask(s, s->target, &message, &arrival), OUTCOME_OK);
        if (arrival.words[0] != OUTCOME_OK)
                return (outcome_t)arrival.words[0];
        form_expect(s, "its size", arrival.words[1], size);
        form_expect(s, "its content", arrival.words[2], true);
        return OUTCOME_OK;
}

static handle_t own_memory(struct semantics *s, uint64_t size)
{
        handle_t memory = 0;
        form_expect(s, "memory", partner_memory(size, SEED, &memory), OUTCOME_OK);
        return memory;
}

outcome_t memory_sent(struct semantics *s, uint64_t size)
{
        struct arrival arrival;
        handle_t memory = own_memory(s, size);
        outcome_t outcome = form_give(s, s->target, cap_copy(memory), &arrival);
        if (outcome == OUTCOME_OK) {
                form_expect(s, "kind", arrival.words[0], OBJECT_MEMORY);
                form_expect(s, "size", arrival.words[3], size);
                partner_fill(memory, SEED + 1);
                form_expect(s, "it is there", there_is_pattern(s, size), OUTCOME_OK);
                form_expect(s, "it may be written", ASK(s, FILL, 0, SEED + 2), OUTCOME_OK);
        }
        sys_handle_close(memory);
        return outcome;
}

outcome_t memory_in_one_way(struct semantics *s, uint64_t argument)
{
        handle_t memory = own_memory(s, PAGE_SIZE);
        struct message message = form_message(PARTNER_KEEP, 0, NULL);
        (void)argument;
        message.cap_count = 1;
        message.caps[0] = cap_move(memory);
        outcome_t outcome = rt_send(s->target, rt_after(SOON), &message);
        return outcome == OUTCOME_OK ? there_is_pattern(s, PAGE_SIZE) : outcome;
}

/* The partner's memory in its answer. */
static outcome_t memory_asked_for(struct semantics *s, uint64_t size, struct arrival *arrival)
{
        struct message message = form_message(PARTNER_GIVE, 2, (uint64_t[]){0, 0});
        form_expect(s, "memory there", ASK(s, MEMORY, size, SEED), OUTCOME_OK);
        return form_ask(s, s->target, &message, arrival);
}

outcome_t memory_answered(struct semantics *s, uint64_t size)
{
        struct arrival arrival;
        bool same = false;
        uint64_t got = 0;
        outcome_t outcome = memory_asked_for(s, size, &arrival);
        if (outcome != OUTCOME_OK)
                return outcome;
        form_expect(s, "kind", arrival.caps[0].type, OBJECT_MEMORY);
        form_expect(s, "size told", arrival.caps[0].badge, size);
        form_expect(s, "changed there", ASK(s, FILL, 0, SEED + 1), OUTCOME_OK);
        partner_compare(arrival.caps[0].handle, SEED, &got, &same);
        form_expect(s, "size", got, size);
        form_expect(s, "content", same, true);
        arrival_drop(&arrival);
        return outcome;
}

enum { PAGES = 16 * PAGE_SIZE, FEWER = 8 * PAGE_SIZE };

outcome_t memory_not_paid(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        handle_t memory = own_memory(s, PAGES);
        (void)argument;
        ASK(s, HOG, FEWER);
        outcome_t outcome = form_give(s, s->target, cap_copy(memory), &arrival);
        sys_handle_close(memory);
        return outcome;
}

outcome_t memory_answer_not_paid(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_GIVE, 2, (uint64_t[]){0, 0});
        (void)argument;
        form_expect(s, "memory there", ASK(s, MEMORY, PAGES, SEED), OUTCOME_OK);
        partner_hog(&s->self, FEWER);
        outcome_t outcome = form_ask(s, s->target, &message, &arrival);
        partner_reset(&s->self);
        return outcome;
}

/* ---- events ---------------------------------------------------------------------------------- */

/* Waits for all of these bits, however they come. */
static void bits_come(struct semantics *s, handle_t event, uint64_t wanted)
{
        uint64_t got = 0, bits = 0;
        for (uint64_t end = rt_after(SOON); got != wanted && rt_now() < end; got |= bits)
                if (sys_event_wait(event, ~0ull, end, &bits) != OUTCOME_OK)
                        break;
        form_expect(s, "bits", got, wanted);
}

static handle_t own_event(struct semantics *s)
{
        handle_t event = 0;
        form_expect(s, "event", sys_event_create(&event), OUTCOME_OK);
        return event;
}

outcome_t event_sent(struct semantics *s, uint64_t count)
{
        struct arrival arrival;
        uint64_t wanted = 0;
        handle_t event = own_event(s);
        outcome_t outcome = form_give(s, s->target, cap_copy(event), &arrival);
        if (outcome == OUTCOME_OK) {
                form_expect(s, "kind", arrival.words[0], OBJECT_EVENT);
                for (uint64_t i = 0; i < count; i++) {
                        form_expect(s, "signalled", ASK(s, SIGNAL, 0, 1ull << i), OUTCOME_OK);
                        wanted |= 1ull << i;
                }
                bits_come(s, event, wanted);
        }
        sys_handle_close(event);
        return outcome;
}

outcome_t event_answered(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_GIVE, 2, (uint64_t[]){0, 0});
        (void)argument;
        ASK(s, EVENT, 0);
        outcome_t outcome = form_ask(s, s->target, &message, &arrival);
        if (outcome != OUTCOME_OK)
                return outcome;
        form_expect(s, "kind", arrival.caps[0].type, OBJECT_EVENT);
        form_expect(s, "signalled", sys_event_signal(arrival.caps[0].handle, 6), OUTCOME_OK);
        arrival_drop(&arrival);
        message = form_message(PARTNER_BITS, 2, (uint64_t[]){0, 6});
        form_expect(s, "waited for", form_ask(s, s->target, &message, &arrival), OUTCOME_OK);
        form_expect(s, "bits", arrival.words[1], 6);
        return outcome;
}

/* What the target keeps goes to the helper, from hand to hand. */
static outcome_t hand_on(struct semantics *s, unsigned flags)
{
        struct arrival arrival;
        handle_t handle = form_take(s, flags);
        return handle ? form_give(s, s->helper, cap_move(handle), &arrival)
                      : not_executed(REASON_BAD_HANDLE);
}

outcome_t event_handed_on(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_SIGNAL, 2, (uint64_t[]){0, 9});
        handle_t event = own_event(s);
        (void)argument;
        outcome_t outcome = form_give(s, s->target, cap_copy(event), &arrival);
        if (outcome == OUTCOME_OK) {
                form_expect(s, "handed on", hand_on(s, 0), OUTCOME_OK);
                form_expect(s, "asked", form_ask(s, s->helper, &message, &arrival), OUTCOME_OK);
                form_expect(s, "signalled", arrival.words[0], OUTCOME_OK);
                bits_come(s, event, 9);
        }
        sys_handle_close(event);
        return outcome;
}

outcome_t event_home(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_ECHO, 0, NULL);
        handle_t event = own_event(s);
        (void)argument;
        message.cap_count = 1;
        message.caps[0] = cap_copy(event);
        outcome_t outcome = form_ask(s, s->target, &message, &arrival);
        if (outcome == OUTCOME_OK) {
                form_expect(s, "kind", arrival.caps[0].type, OBJECT_EVENT);
                form_expect(s, "signalled", sys_event_signal(arrival.caps[0].handle, 5),
                            OUTCOME_OK);
                bits_come(s, event, 5);
                arrival_drop(&arrival);
        }
        sys_handle_close(event);
        return outcome;
}

outcome_t event_waited_for(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        handle_t event = own_event(s);
        (void)argument;
        outcome_t outcome = form_give(s, s->target, cap_copy(event), &arrival);
        if (outcome == OUTCOME_OK) {
                sys_event_signal(event, 3);
                outcome = (outcome_t)ASK(s, BITS, 0, 3);
        }
        sys_handle_close(event);
        return outcome;
}

/* ---- reply rights ---------------------------------------------------------------------------- */

/* A call of the sender to itself, whose reply right it keeps in place 0. */
static handle_t own_reply(struct semantics *s, uint64_t wait)
{
        struct message message = form_message(PARTNER_DEFER, 0, NULL);
        form_expect(s, "own call", form_begin(s, s->own, wait, &message), OUTCOME_OK);
        for (uint64_t end = rt_after(SOON); !s->self.kept[0] && rt_now() < end;)
                form_serve(s, end);
        handle_t reply = s->self.kept[0];
        s->self.kept[0] = 0;
        return reply;
}

/* Gives the reply right of an own call away. */
static outcome_t reply_given(struct semantics *s, uint64_t wait)
{
        struct arrival arrival;
        outcome_t outcome = form_give(s, s->target, cap_move(own_reply(s, wait)), &arrival);
        if (outcome == OUTCOME_OK)
                form_expect(s, "kind", arrival.words[0], OBJECT_REPLY);
        else
                form_end(s, &arrival);
        return outcome;
}

outcome_t reply_sent(struct semantics *s, uint64_t said)
{
        struct arrival arrival;
        outcome_t outcome = reply_given(s, SOON);
        if (outcome != OUTCOME_OK)
                return outcome;
        form_expect(s, "answered", ASK(s, ANSWER, 0, said, WORD), OUTCOME_OK);
        outcome = form_end(s, &arrival);
        form_expect(s, "word of the answer", arrival.words[0], WORD);
        return outcome;
}

outcome_t reply_with_right(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_ANSWER, 3, (uint64_t[]){0, OUTCOME_OK, WORD});
        outcome_t outcome = reply_given(s, SOON);
        (void)argument;
        if (outcome != OUTCOME_OK)
                return outcome;
        message.cap_count = 1;
        message.caps[0] = cap_copy(s->own);
        form_expect(s, "asked", form_ask(s, s->target, &message, &arrival), OUTCOME_OK);
        outcome = form_end(s, &arrival);
        form_expect(s, "capabilities", arrival.cap_count, 1);
        form_expect(s, "the sender's own", arrival.caps[0].own, 1);
        arrival_drop(&arrival);
        return outcome;
}

outcome_t reply_with_memory(struct semantics *s, uint64_t size)
{
        struct arrival arrival;
        bool same = false;
        uint64_t got = 0;
        struct message message = form_message(PARTNER_ANSWER, 3, (uint64_t[]){0, OUTCOME_OK, WORD});
        outcome_t outcome = reply_given(s, SOON);
        if (outcome != OUTCOME_OK)
                return outcome;
        message.cap_count = 1;
        message.caps[0] = cap_move(own_memory(s, size));
        form_expect(s, "asked", form_ask(s, s->target, &message, &arrival), OUTCOME_OK);
        form_expect(s, "answered", arrival.words[0], OUTCOME_OK);
        outcome = form_end(s, &arrival);
        if (outcome != OUTCOME_OK)
                return outcome;
        form_expect(s, "kind", arrival.caps[0].type, OBJECT_MEMORY);
        partner_compare(arrival.caps[0].handle, SEED, &got, &same);
        form_expect(s, "size", got, size);
        form_expect(s, "content", same, true);
        arrival_drop(&arrival);
        return outcome;
}

outcome_t reply_dropped(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        outcome_t outcome = reply_given(s, SOON);
        (void)argument;
        if (outcome != OUTCOME_OK)
                return outcome;
        ASK(s, DROP, 0);
        return form_end(s, &arrival);
}

outcome_t reply_holder_dies(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_EXIT, 0, NULL);
        outcome_t outcome = reply_given(s, SOON);
        (void)argument;
        if (outcome != OUTCOME_OK)
                return outcome;
        form_expect(s, "its end", form_ask(s, s->target, &message, &arrival),
                    perhaps_executed(REASON_RECEIVER_DIED));
        return form_end(s, &arrival);
}

outcome_t reply_handed_on(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_ANSWER, 3, (uint64_t[]){0, OUTCOME_OK, WORD});
        outcome_t outcome = reply_given(s, SOON);
        (void)argument;
        if (outcome != OUTCOME_OK)
                return outcome;
        form_expect(s, "handed on", hand_on(s, SEND_CAP_MOVE), OUTCOME_OK);
        form_expect(s, "asked", form_ask(s, s->helper, &message, &arrival), OUTCOME_OK);
        form_expect(s, "answered", arrival.words[0], OUTCOME_OK);
        outcome = form_end(s, &arrival);
        form_expect(s, "word of the answer", arrival.words[0], WORD);
        return outcome;
}

/* The target gives the sender the reply right of the sender's own call. */
outcome_t reply_answered(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message defer = form_message(PARTNER_DEFER, 0, NULL);
        struct message give = form_message(PARTNER_GIVE, 2, (uint64_t[]){0, SEND_CAP_MOVE});
        struct message answer = {.word_count = 1, .words = {WORD}};
        (void)argument;
        form_expect(s, "call", form_begin(s, s->target, SOON, &defer), OUTCOME_OK);
        outcome_t outcome = form_ask(s, s->target, &give, &arrival);
        if (outcome != OUTCOME_OK) {
                form_end(s, &arrival);
                return outcome;
        }
        form_expect(s, "kind", arrival.caps[0].type, OBJECT_REPLY);
        form_expect(s, "answered", rt_reply(cap_take(&arrival.caps[0]), &answer), OUTCOME_OK);
        outcome = form_end(s, &arrival);
        form_expect(s, "word of the answer", arrival.words[0], WORD);
        return outcome;
}

outcome_t reply_too_late(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        outcome_t outcome = reply_given(s, LATE);
        (void)argument;
        if (outcome != OUTCOME_OK)
                return outcome;
        form_expect(s, "the call", form_end(s, &arrival), perhaps_executed(REASON_DEADLINE));
        return (outcome_t)ASK(s, ANSWER, 0, OUTCOME_OK, WORD);
}

/* ---- a node is lost -------------------------------------------------------------------------- */

outcome_t semantics_lose(struct semantics *s, void (*ready)(void))
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_KEEP, 0, NULL);
        handle_t event, right = form_right(s, 61);
        ASK(s, EVENT, 0);
        event = form_take(s, 0);
        message.caps[0] = cap_move(own_reply(s, 2 * SOON));
        message.caps[1] = cap_copy(s->own);
        message.caps[2] = cap_move(own_event(s));
        message.caps[3] = cap_move(own_memory(s, PAGE_SIZE));
        message.cap_count = 4;
        form_expect(s, "kept", form_ask(s, s->target, &message, &arrival), OUTCOME_OK);
        ready();
        outcome_t outcome = form_end(s, &arrival);
        sys_event_signal(event, 1);
        sys_handle_close(event);
        sys_handle_close(right);
        return outcome;
}
