/* How calls end: by an answer, or by whatever else may happen to call, caller and receiver. */
#include "tests/semantics/forms.h"

enum { BADGE = 51, WORD = 1234 };

/* The call that the form is about: the target keeps its reply right. What is asked by the same
 * right afterwards comes after it. */
static void defer(struct semantics *s, uint64_t wait)
{
        struct message message = form_message(PARTNER_DEFER, 0, NULL);
        form_expect(s, "call", form_begin(s, s->target, wait, &message), OUTCOME_OK);
}

/* Waits until the kernel has told the target of so many calls that nobody waits for. */
static void told(struct semantics *s, uint64_t count)
{
        for (uint64_t end = rt_after(SOON); ASK(s, TOLD, 0) < count && rt_now() < end;)
                ;
        form_expect(s, "told of the end", ASK(s, TOLD, 0), count);
}

static outcome_t target_exits(struct semantics *s)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_EXIT, 0, NULL);
        return form_ask(s, s->target, &message, &arrival);
}

/* ---- answers --------------------------------------------------------------------------------- */

outcome_t deferred(struct semantics *s, uint64_t said)
{
        struct arrival arrival;
        defer(s, SOON);
        form_expect(s, "answered", ASK(s, ANSWER, 0, said, WORD), OUTCOME_OK);
        outcome_t outcome = form_end(s, &arrival);
        form_expect(s, "word of the answer", arrival.words[0], WORD);
        return outcome;
}

outcome_t failed(struct semantics *s, uint64_t said)
{
        struct message message = form_message(PARTNER_FAIL, 1, &said);
        return rt_call(s->target, rt_after(SOON), &message, NULL);
}

outcome_t dropped(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        (void)argument;
        defer(s, SOON);
        ASK(s, DROP, 0);
        return form_end(s, &arrival);
}

/* ---- deadline and cancel --------------------------------------------------------------------- */

outcome_t deadline(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        (void)argument;
        defer(s, LATE);
        outcome_t outcome = form_end(s, &arrival);
        told(s, 1);
        return outcome;
}

/* A call to the second port, from which nobody receives; `event` ends it. */
static outcome_t queued(struct semantics *s, uint64_t wait, void (*event)(struct semantics *s))
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_ECHO, 0, NULL);
        handle_t port = form_port(s);
        form_expect(s, "call", form_begin(s, port, wait, &message), OUTCOME_OK);
        if (event)
                event(s);
        outcome_t outcome = form_end(s, &arrival);
        sys_handle_close(port);
        return outcome;
}

outcome_t deadline_queued(struct semantics *s, uint64_t argument)
{
        (void)argument;
        return queued(s, LATE, NULL);
}

outcome_t cancelled(struct semantics *s, uint64_t argument)
{
        (void)argument;
        defer(s, SOON);
        struct arrival arrival;
        ASK(s, TOLD, 0); /* it has been received */
        form_expect(s, "cancel", rt_call_cancel(s->trying), OUTCOME_OK);
        told(s, 1);
        form_expect(s, "answered", ASK(s, ANSWER, 0, OUTCOME_OK, WORD), OUTCOME_OK);
        outcome_t outcome = form_end(s, &arrival);
        form_expect(s, "word of the answer", arrival.words[0], WORD);
        return outcome;
}

static void cancel(struct semantics *s)
{
        form_expect(s, "cancel", rt_call_cancel(s->trying), OUTCOME_OK);
}

outcome_t cancelled_queued(struct semantics *s, uint64_t argument)
{
        (void)argument;
        return queued(s, SOON, cancel);
}

/* ---- somebody dies --------------------------------------------------------------------------- */

/* The helper calls the target, and then ends. */
outcome_t caller_dies(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message start = form_message(PARTNER_START, 2, (uint64_t[]){0, PARTNER_DEFER});
        struct message leave = form_message(PARTNER_EXIT, 0, NULL);
        (void)argument;
        form_expect(s, "kept", form_give(s, s->helper, cap_copy(s->target), &arrival), OUTCOME_OK);
        form_expect(s, "asked", form_ask(s, s->helper, &start, &arrival), OUTCOME_OK);
        form_expect(s, "called", arrival.words[0], OUTCOME_OK);
        form_expect(s, "nothing yet", ASK(s, TOLD, 0), 0);
        form_expect(s, "its end", form_ask(s, s->helper, &leave, &arrival),
                    perhaps_executed(REASON_RECEIVER_DIED));
        told(s, 1);
        return OUTCOME_OK;
}

outcome_t receiver_dies(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        (void)argument;
        defer(s, SOON);
        target_exits(s);
        return form_end(s, &arrival);
}

static void exits(struct semantics *s)
{
        target_exits(s);
}

outcome_t receiver_dies_queued(struct semantics *s, uint64_t argument)
{
        (void)argument;
        return queued(s, SOON, exits);
}

static void closes(struct semantics *s)
{
        form_expect(s, "closed", ASK(s, CLOSE_PORT, 0), OUTCOME_OK);
}

outcome_t port_closes(struct semantics *s, uint64_t argument)
{
        (void)argument;
        return queued(s, SOON, closes);
}

outcome_t after_death(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_ECHO, 0, NULL);
        (void)argument;
        form_expect(s, "its end", target_exits(s), perhaps_executed(REASON_RECEIVER_DIED));
        return form_ask(s, s->target, &message, &arrival);
}

/* ---- rights end ------------------------------------------------------------------------------ */

static void revokes(struct semantics *s)
{
        form_expect(s, "revoked", ASK(s, REVOKE_PORT, REASON_REVOKED), OUTCOME_OK);
}

outcome_t revoked_queued(struct semantics *s, uint64_t argument)
{
        (void)argument;
        return queued(s, SOON, revokes);
}

outcome_t revoked_served(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_DEFER, 0, NULL);
        handle_t right = form_right(s, BADGE);
        (void)argument;
        form_expect(s, "call", form_begin(s, right, SOON, &message), OUTCOME_OK);
        /* By another right: it may pass the call. */
        for (uint64_t end = rt_after(SOON); !ASK(s, HOLDS, 0) && rt_now() < end;)
                ;
        form_expect(s, "revoked", ASK(s, REVOKE, BADGE, REASON_REVOKED), OUTCOME_OK);
        form_expect(s, "answered", ASK(s, ANSWER, 0, OUTCOME_OK, WORD), OUTCOME_OK);
        outcome_t outcome = form_end(s, &arrival);
        sys_handle_close(right);
        return outcome;
}

outcome_t after_revoke(struct semantics *s, uint64_t reason)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_ECHO, 0, NULL);
        handle_t right = form_right(s, BADGE);
        form_expect(s, "revoked", ASK(s, REVOKE, BADGE, reason), OUTCOME_OK);
        outcome_t outcome = form_ask(s, right, &message, &arrival);
        sys_handle_close(right);
        return outcome;
}

outcome_t no_senders(struct semantics *s, uint64_t argument)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_TOLD, 0, NULL);
        handle_t copy, right = form_right(s, BADGE);
        (void)argument;
        form_expect(s, "copy", sys_handle_copy(right, RIGHTS_ALL, &copy), OUTCOME_OK);
        sys_handle_close(right);
        form_expect(s, "asked", form_ask(s, copy, &message, &arrival), OUTCOME_OK);
        form_expect(s, "one handle is left", arrival.words[1], 0);
        sys_handle_close(copy);
        for (uint64_t end = rt_after(SOON); rt_now() < end;) {
                form_expect(s, "asked", form_ask(s, s->target, &message, &arrival), OUTCOME_OK);
                if (arrival.words[1])
                        break;
        }
        form_expect(s, "told", arrival.words[1], 1);
        form_expect(s, "badge", arrival.words[2], BADGE);
        return OUTCOME_OK;
}
