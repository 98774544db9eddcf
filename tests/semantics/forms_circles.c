/* Rights in circles: target and helper hold rights to each other, and each one to itself by way of
 * the other. Of the target far away, by a right that a third node has handed on:
 *
 *      n1   helper ──there──► n2 ──► n3 ──► n1          by way of the target's node
 *           helper ─────────────────► n3   target       as the target gave it
 *      n3   target ──round──► n2 ──► n1 ──► n3          by way of the helper's node
 *           target ─────────────────► n1   helper       as the target found it
 *
 * Nobody collects circles, but each of them ends with those who hold it: they die, or let go. A
 * right to the sender is with both, by which it sees that nobody has anything any more. */
#include <stdio.h>
#include <string.h>
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"
#include "tests/semantics/forms.h"

enum { BADGE_OWN = 62, BADGE_ROUND = 63, OTHER = 0, ITSELF = 1 };

/* What somebody answers to a question of words. */
static struct arrival answer_of(struct semantics *s, handle_t whom, enum partner_method method,
                                unsigned words, const uint64_t *word)
{
        struct arrival arrival = {0};
        struct message message = form_message(method, words, word);
        form_expect(s, "asked", form_ask(s, whom, &message, &arrival), OUTCOME_OK);
        return arrival;
}

static handle_t cap_of(struct semantics *s, struct arrival *arrival)
{
        handle_t handle = arrival->cap_count ? cap_take(&arrival->caps[0]) : 0;
        form_expect(s, "capabilities", arrival->cap_count, 1);
        arrival_drop(arrival);
        return handle;
}

/* ---- the circle ------------------------------------------------------------------------------ */

/* The helper, as the target finds it. */
static handle_t helper_there(struct semantics *s)
{
        char name[PARTNER_NAME];
        struct arrival arrival = {0};
        struct message message = form_message(PARTNER_FIND, 0, NULL);
        int length = snprintf(name, sizeof(name), "%s/helper", rt_node());
        message.buffers[0] = (struct message_buffer){(uint64_t)name, (uint64_t)length};
        message.buffer_count = 1;
        form_expect(s, "found", form_ask(s, s->target, &message, &arrival), OUTCOME_OK);
        return cap_of(s, &arrival);
}

static void give(struct semantics *s, handle_t whom, struct send_cap other, struct send_cap itself,
                 struct send_cap own)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_KEEP, 0, NULL);
        message.caps[OTHER] = other;
        message.caps[ITSELF] = itself;
        message.caps[2] = own;
        message.cap_count = 3;
        form_expect(s, "given", form_ask(s, whom, &message, &arrival), OUTCOME_OK);
}

static void circle_make(struct semantics *s)
{
        struct arrival arrival;
        handle_t own = 0, there = helper_there(s);
        form_expect(s, "kept", form_give(s, s->target, cap_copy(there), &arrival), OUTCOME_OK);
        form_expect(s, "handed over", ASK(s, HAND, OTHER, BADGE_ROUND), OUTCOME_OK);
        arrival = answer_of(s, s->helper, PARTNER_GIVE, 2, (uint64_t[]){0, 0});
        handle_t round = cap_of(s, &arrival);
        form_expect(s, "own", rt_server_right(&s->self.server, BADGE_OWN, &own), OUTCOME_OK);
        give(s, s->target, cap_copy(there), cap_copy(round), cap_copy(own));
        give(s, s->helper, cap_move(round), cap_move(there), cap_move(own));
}

/* A call to itself, which it serves when it has started it. */
static void goes_round(struct semantics *s, handle_t whom)
{
        uint64_t notes = 0;
        answer_of(s, whom, PARTNER_START, 2, (uint64_t[]){ITSELF, PARTNER_NOTE});
        for (uint64_t end = rt_after(SOON); !notes && rt_now() < end;)
                notes = answer_of(s, whom, PARTNER_NOTED, 0, NULL).words[0];
        form_expect(s, "what went round", notes, 1);
}

static void circle(struct semantics *s)
{
        circle_make(s);
        goes_round(s, s->target);
        goes_round(s, s->helper);
}

/* ---- its end --------------------------------------------------------------------------------- */

static void own_is_free(struct semantics *s)
{
        for (uint64_t end = rt_after(SOON); !s->self.no_senders && rt_now() < end;)
                form_serve(s, end);
        form_expect(s, "rights that nobody has", s->self.no_senders, 1);
        form_expect(s, "the sender's own", s->self.no_senders_badge, BADGE_OWN);
}

static void dies(struct semantics *s, handle_t whom)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_EXIT, 0, NULL);
        form_expect(s, "its end", form_ask(s, whom, &message, &arrival),
                    perhaps_executed(REASON_RECEIVER_DIED));
}

outcome_t circle_dies(struct semantics *s, uint64_t argument)
{
        (void)argument;
        circle(s);
        dies(s, s->target);
        dies(s, s->helper);
        own_is_free(s);
        return OUTCOME_OK;
}

outcome_t circle_dropped(struct semantics *s, uint64_t argument)
{
        struct arrival told = {0};
        (void)argument;
        circle(s);
        answer_of(s, s->target, PARTNER_RESET, 0, NULL);
        answer_of(s, s->helper, PARTNER_RESET, 0, NULL);
        own_is_free(s);
        for (uint64_t end = rt_after(SOON); !told.words[1] && rt_now() < end;)
                told = answer_of(s, s->target, PARTNER_TOLD, 0, NULL);
        form_expect(s, "rights of the target that nobody has", told.words[1], 1);
        form_expect(s, "the one that went round", told.words[2], BADGE_ROUND);
        return OUTCOME_OK;
}
