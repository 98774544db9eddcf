/* Running the table, and what the forms share. The sender's own calls are all asynchronous, because
 * it serves meanwhile: the partner may be calling it. */
#include "tests/semantics/forms.h"
#include "servers/rt/task/memory.h"

enum { KEY_ASKING = 1, KEY_TRYING = 2 };

/* In the second column: as in the first. */
#define SAME          0xffff
#define OK            OUTCOME_OK
#define ANSWERED(why) (OUTCOME_ANSWERED << 8 | REASON_##why)
#define NOT(why)      (OUTCOME_NOT_EXECUTED << 8 | REASON_##why)
#define PERHAPS(why)  (OUTCOME_PERHAPS_EXECUTED << 8 | REASON_##why)

static const struct form forms[] = {
#define FORM(name, function, argument, near, far, text)                                            \
        {#name, function, argument, near, (far) == SAME ? (near) : (far), text},
#include "tests/semantics/forms.def"
#undef FORM
};

outcome_t form_differs(struct semantics *s, const char *what, uint64_t got)
{
        if (!s->problem) {
                s->problem = what;
                s->problem_got = got;
        }
        return OUTCOME_OK;
}

void form_serve(struct semantics *s, uint64_t deadline)
{
        rt_serve_one(&s->self.server, deadline);
}

/* ---- calls ----------------------------------------------------------------------------------- */

struct message form_message(enum partner_method method, unsigned words, const uint64_t *word)
{
        struct message message = {.interface = PARTNER_INTERFACE,
                                  .method = (uint16_t)method,
                                  .word_count = (uint8_t)words};
        for (unsigned i = 0; i < words; i++)
                message.words[i] = word[i];
        return message;
}

/* What an answer may bring. */
static void space(struct semantics *s, struct arrival *arrival)
{
        arrival_prepare(arrival, s->got, BYTES_MAX, MESSAGE_CAPS);
}

/* Serves until the call with that key is done; collects it. */
static outcome_t collect(struct semantics *s, handle_t call, unsigned key, struct arrival *arrival)
{
        uint64_t deadline = rt_after(2 * SOON);
        while (!(s->self.completed >> key & 1) && rt_now() < deadline)
                form_serve(s, deadline);
        s->self.completed &= ~(1ull << key);
        return rt_call_finish(call, arrival);
}

outcome_t form_ask(struct semantics *s, handle_t whom, const struct message *message,
                   struct arrival *arrival)
{
        space(s, arrival);
        outcome_t outcome = rt_call_start(whom, s->asking, rt_after(SOON), message, arrival);
        return outcome == OUTCOME_OK ? collect(s, s->asking, KEY_ASKING, arrival) : outcome;
}

outcome_t form_begin(struct semantics *s, handle_t whom, uint64_t wait,
                     const struct message *message)
{
        struct arrival arrival;
        space(s, &arrival);
        return rt_call_start(whom, s->trying, rt_after(wait), message, &arrival);
}

outcome_t form_end(struct semantics *s, struct arrival *arrival)
{
        space(s, arrival);
        return collect(s, s->trying, KEY_TRYING, arrival);
}

uint64_t form_word(struct semantics *s, enum partner_method method, unsigned words,
                   const uint64_t *word)
{
        struct arrival arrival;
        struct message message = form_message(method, words, word);
        outcome_t outcome = form_ask(s, s->target, &message, &arrival);
        if (outcome != OUTCOME_OK)
                form_differs(s, "a question to the partner", outcome);
        arrival_drop(&arrival);
        return outcome == OUTCOME_OK ? arrival.words[0] : ~0ull;
}

/* ---- what is passed around ------------------------------------------------------------------- */

outcome_t form_give(struct semantics *s, handle_t whom, struct send_cap cap,
                    struct arrival *arrival)
{
        struct message message = form_message(PARTNER_KEEP, 0, NULL);
        message.cap_count = 1;
        message.caps[0] = cap;
        return form_ask(s, whom, &message, arrival);
}

/* The capability that the answer to a question brings. */
static handle_t asked_for(struct semantics *s, const struct message *message)
{
        struct arrival arrival;
        outcome_t outcome = form_ask(s, s->target, message, &arrival);
        if (outcome != OUTCOME_OK || arrival.cap_count != 1)
                form_differs(s, "what the partner was asked to give", outcome);
        handle_t handle =
            outcome == OUTCOME_OK && arrival.cap_count ? cap_take(&arrival.caps[0]) : 0;
        arrival_drop(&arrival);
        return handle;
}

handle_t form_take(struct semantics *s, unsigned flags)
{
        struct message message = form_message(PARTNER_GIVE, 2, (uint64_t[]){0, flags});
        return asked_for(s, &message);
}

handle_t form_port(struct semantics *s)
{
        struct message message = form_message(PARTNER_PORT, 0, NULL);
        return asked_for(s, &message);
}

handle_t form_right(struct semantics *s, uint64_t badge)
{
        struct message message = form_message(PARTNER_MINT, 1, &badge);
        return asked_for(s, &message);
}

static bool is_dead(handle_t right)
{
        enum object_kind type;
        uint32_t rights;
        uint64_t identity;
        return sys_handle_info(right, &type, &rights, &identity) != OUTCOME_OK;
}

/* The word of it is on its way: with each question it has had more time. */
void form_await_death(struct semantics *s, handle_t right)
{
        for (uint64_t end = rt_after(SOON); !is_dead(right) && rt_now() < end;)
                ASK(s, TOLD, 0);
}

/* ---- the table ------------------------------------------------------------------------------- */

static bool partner_ready(struct semantics *s, handle_t whom)
{
        struct arrival arrival;
        struct message message = form_message(PARTNER_RESET, 0, NULL);
        return whom && form_ask(s, whom, &message, &arrival) == OUTCOME_OK;
}

/* Both have forgotten the form before. After a death there is another partner soon. */
static bool form_prepare(struct semantics *s)
{
        partner_reset(&s->self);
        s->problem = NULL;
        for (uint64_t end = rt_after(3 * SOON); rt_now() < end;) {
                if (partner_ready(s, s->target) && partner_ready(s, s->helper))
                        return true;
                outcome_t outcome = s->find(s);
                if (outcome != OUTCOME_OK)
                        form_differs(s, "the partners are not to be found", outcome);
        }
        form_differs(s, "the partners do not answer", 0);
        return false;
}

static unsigned form_run(struct semantics *s, const struct form *form)
{
        outcome_t wanted = s->far ? form->far : form->near, got = not_executed(REASON_NOT_FOUND);
        if (form_prepare(s)) {
                s->problem = NULL;
                got = form->run(s, form->argument);
        }
        s->report(s, form->name, got, wanted);
        return s->problem || got != wanted;
}

unsigned semantics_run(struct semantics *s)
{
        unsigned failed = 0;
        for (unsigned i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
                failed += form_run(s, &forms[i]);
        return failed;
}

outcome_t semantics_init(struct semantics *s)
{
        *s = (struct semantics){0};
        outcome_t outcome = partner_init(&s->self, &s->own);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_call(&s->self.server, KEY_ASKING, &s->asking);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_call(&s->self.server, KEY_TRYING, &s->trying);
        if (outcome == OUTCOME_OK)
                outcome = rt_memory_allocate(BYTES_MAX, (void **)&s->sent);
        if (outcome == OUTCOME_OK)
                outcome = rt_memory_allocate(BYTES_MAX, (void **)&s->got);
        return outcome;
}
