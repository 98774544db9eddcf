/* Send rights, and what stays on its node. */
#include "tests/semantics/forms.h"

enum { BADGE = 21, WORD = 41, NUMBERS = MESSAGE_CAPS };

/* What a right can allow. */
enum { RIGHTS_OF_SENDERS = RIGHT_SEND | RIGHT_COPY | RIGHT_TRAVEL };

/* Calls by the right that somebody keeps: its outcome. The answer has to be the word. */
static outcome_t used(struct semantics *s, handle_t whom)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_USE, 3, (uint64_t[]){0, PARTNER_ECHO, WORD});
        form_expect(s, "asked to call", form_ask(s, whom, &message, &arrival), OUTCOME_OK);
        if (arrival.words[0] == OUTCOME_OK)
                form_expect(s, "its answer", arrival.words[1], WORD);
        return (outcome_t)arrival.words[0];
}

/* ---- a right to the sender ------------------------------------------------------------------- */

outcome_t own_right_called(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        (void)argument;
        outcome_t outcome = form_give(s, s->target, cap_copy(s->own), &arrival);
        if (outcome != OUTCOME_OK)
                return outcome;
        form_expect(s, "kind", arrival.words[0], OBJECT_RIGHT);
        form_expect(s, "rights", arrival.words[1], RIGHTS_OF_SENDERS);
        form_expect(s, "the receiver's own", arrival.words[2], 0);
        form_expect(s, "sent", ASK(s, TELL, 0, 1), OUTCOME_OK);
        for (uint64_t end = rt_after(SOON); !s->self.notes && rt_now() < end;)
                form_serve(s, end);
        form_expect(s, "notes that came one-way", s->self.one_way, 1);
        return used(s, s->target);
}

outcome_t own_right_in_one_way(struct semantics *s, uint64_t argument)
{
        struct message message = form_message(PARTNER_KEEP, 0, NULL);
        (void)argument;
        message.cap_count = 1;
        message.caps[0] = cap_copy(s->own);
        outcome_t outcome = rt_send(s->target, rt_after(SOON), &message);
        return outcome == OUTCOME_OK ? used(s, s->target) : outcome;
}

outcome_t own_right_home(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_ECHO, 0, NULL);
        (void)argument;
        message.cap_count = 1;
        message.caps[0] = cap_copy(s->own);
        outcome_t outcome = form_ask(s, s->target, &message, &arrival);
        if (outcome != OUTCOME_OK)
                return outcome;
        form_expect(s, "capabilities of the answer", arrival.cap_count, 1);
        form_expect(s, "kind", arrival.caps[0].type, OBJECT_PORT);
        form_expect(s, "the sender's own", arrival.caps[0].own, 1);
        form_expect(s, "badge", arrival.caps[0].badge, PARTNER_BADGE);
        form_expect(s, "rights", arrival.caps[0].rights, RIGHTS_OF_SENDERS);
        arrival_drop(&arrival);
        return outcome;
}

/* ---- a right of the receiver ----------------------------------------------------------------- */

outcome_t their_right_called(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_SEEN, 0, NULL);
        handle_t right = form_right(s, BADGE);
        (void)argument;
        outcome_t outcome = form_ask(s, right, &message, &arrival);
        form_expect(s, "badge", arrival.words[3], BADGE);
        sys_handle_close(right);
        return outcome;
}

outcome_t their_right_home(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        handle_t right = form_right(s, BADGE);
        (void)argument;
        outcome_t outcome = form_give(s, s->target, cap_move(right), &arrival);
        form_expect(s, "kind", arrival.words[0], OBJECT_PORT);
        form_expect(s, "the receiver's own", arrival.words[2], 1);
        form_expect(s, "badge", arrival.words[3], BADGE);
        return outcome;
}

/* ---- others ---------------------------------------------------------------------------------- */

outcome_t third_right_called(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        (void)argument;
        outcome_t outcome = form_give(s, s->target, cap_copy(s->helper), &arrival);
        return outcome == OUTCOME_OK ? used(s, s->target) : outcome;
}

outcome_t right_moved(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        handle_t copy;
        (void)argument;
        form_expect(s, "copy", sys_handle_copy(s->own, RIGHTS_ALL, &copy), OUTCOME_OK);
        outcome_t outcome = form_give(s, s->target, cap_move(copy), &arrival);
        form_expect(s, "the sender's handle", sys_handle_close(copy),
                    not_executed(REASON_BAD_HANDLE));
        return outcome == OUTCOME_OK ? used(s, s->target) : outcome;
}

/* Rights to the sender with badges of their own, which come back one by one. */
outcome_t eight_rights(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_ECHO, 0, NULL);
        (void)argument;
        for (unsigned i = 0; i < NUMBERS; i++) {
                handle_t right = 0;
                form_expect(s, "mint", rt_server_right(&s->self.server, BADGE + i, &right),
                            OUTCOME_OK);
                message.caps[i] = cap_move(right);
        }
        message.cap_count = NUMBERS;
        outcome_t outcome = form_ask(s, s->target, &message, &arrival);
        if (outcome != OUTCOME_OK)
                return outcome;
        form_expect(s, "capabilities of the answer", arrival.cap_count, NUMBERS);
        for (unsigned i = 0; i < arrival.cap_count; i++)
                form_expect(s, "badge", arrival.caps[i].badge, BADGE + i);
        arrival_drop(&arrival);
        return outcome;
}

/* A moved right that lacks one of its permissions. */
outcome_t right_not_to_travel(struct semantics *s, uint64_t lacking)
{
        struct arrival arrival;
        handle_t copy;
        form_expect(s, "copy", sys_handle_copy(s->own, RIGHTS_ALL & ~(uint32_t)lacking, &copy),
                    OUTCOME_OK);
        return form_give(s, s->target, cap_move(copy), &arrival);
}

/* A right to the sender that is revoked before it is sent. */
static handle_t revoked(struct semantics *s)
{
        handle_t right = 0;
        form_expect(s, "mint", rt_server_right(&s->self.server, BADGE, &right), OUTCOME_OK);
        form_expect(s, "revoke", sys_right_revoke(s->self.server.port, BADGE, REASON_REVOKED),
                    OUTCOME_OK);
        return right;
}

outcome_t dead_right(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        (void)argument;
        outcome_t outcome = form_give(s, s->target, cap_move(revoked(s)), &arrival);
        return outcome == OUTCOME_OK ? used(s, s->target) : outcome;
}

outcome_t dead_right_answered(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_ECHO, 0, NULL);
        handle_t right = form_right(s, BADGE);
        (void)argument;
        form_expect(s, "kept", form_give(s, s->target, cap_move(right), &arrival), OUTCOME_OK);
        ASK(s, REVOKE, BADGE, REASON_REVOKED);
        right = form_take(s, SEND_CAP_MOVE);
        outcome_t outcome = form_ask(s, right, &message, &arrival);
        sys_handle_close(right);
        return outcome;
}

/* ---- what stays on its node ------------------------------------------------------------------ */

/* Gives it away; it is kept as what it is. */
static outcome_t given(struct semantics *s, handle_t handle, unsigned flags, unsigned kind)
{
        struct arrival arrival;
        outcome_t outcome = form_give(s, s->target, send_cap(handle, flags), &arrival);
        if (outcome == OUTCOME_OK)
                form_expect(s, "kind", arrival.words[0], kind);
        sys_handle_close(handle);
        return outcome;
}

outcome_t receive_right(struct semantics *s, uint64_t argument)
{
        handle_t port;
        (void)argument;
        form_expect(s, "port", sys_port_create(&port), OUTCOME_OK);
        return given(s, port, SEND_CAP_MOVE, OBJECT_PORT);
}

outcome_t object(struct semantics *s, uint64_t kind)
{
        handle_t handle = 0;
        outcome_t made = OUTCOME_OK;
        if (kind == OBJECT_ACCOUNT)
                made = sys_account_create(0, PAGE_SIZE, &handle);
        else if (kind == OBJECT_TASK)
                made = sys_task_create(0, &handle);
        else
                made = rt_server_call(&s->self.server, 0, &handle);
        form_expect(s, "made", made, OUTCOME_OK);
        return given(s, handle, 0, (unsigned)kind);
}

outcome_t shared_memory(struct semantics *s, uint64_t argument)
{
        enum { SEED = 5 };
        handle_t memory;
        bool same = false;
        uint64_t size;
        (void)argument;
        form_expect(s, "memory", partner_memory(PAGE_SIZE, SEED, &memory), OUTCOME_OK);
        struct arrival arrival;
        outcome_t outcome = form_give(s, s->target, cap_share(memory), &arrival);
        if (outcome == OUTCOME_OK) {
                form_expect(s, "written there", ASK(s, FILL, 0, SEED + 1), OUTCOME_OK);
                partner_compare(memory, SEED + 1, &size, &same);
                form_expect(s, "seen here", same, true);
        }
        sys_handle_close(memory);
        return outcome;
}
