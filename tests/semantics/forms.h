/* Every form that a message can take, and its outcome: one list (forms.def), played against a
 * partner (partner.h) wherever that is.
 *
 *      near     in another task of this node
 *      far      on another node
 *      third    on a third node, by a right that the partner of the second one has handed on
 *
 *      FORM(name, function, argument, near, far, "what is done: what has to come of it")
 *
 * `near` and `far` are outcomes as the sender has them; SAME stands in `far` where they have to be
 * equal. They differ only where kernel/abi says that far calls can end in more ways.
 *
 * A form's function does it, and looks at both ends for whatever else has to be so; what is not,
 * it says with form_differs(). It may use the runtime's functions, and what is in struct semantics,
 * and nothing else, so that the table runs on any kernel that the runtime runs on. */
#ifndef TESTS_SEMANTICS_FORMS_H
#define TESTS_SEMANTICS_FORMS_H

#include "tests/semantics/partner.h"

/* What is to come has come by then, else something is broken; the deadline of what never comes. */
#define SOON (20 * RT_SECOND)
#define LATE (300 * RT_MILLISECOND)

enum { BYTES_MAX = MESSAGE_BYTES_MAX + 16 };

struct semantics {
        struct partner self; /* it serves while it waits for its own calls */
        handle_t own;        /* a right to it */
        handle_t target;     /* to the partner that is tried */
        handle_t helper;     /* to one more, on this node */
        bool far;
        handle_t asking, trying; /* call objects: for questions, and for the form at hand */
        const char *problem;     /* what was not as it has to be; NULL: nothing */
        uint64_t problem_got;
        uint8_t *sent, *got; /* BYTES_MAX each */

        /* Given by whoever runs the forms. */
        void *context;
        /* Finds target and helper anew, which may just be starting: ok, or why not. */
        outcome_t (*find)(struct semantics *semantics);
        void (*report)(struct semantics *semantics, const char *form, outcome_t got,
                       outcome_t wanted);
};

typedef outcome_t form_function(struct semantics *s, uint64_t argument);

struct form {
        const char *name;
        form_function *run;
        uint64_t argument;
        outcome_t near, far;
        const char *text;
};

/* Ready to run forms; `find` and `report` are the caller's to set. */
outcome_t semantics_init(struct semantics *s);

/* Runs all forms, reports each; how many were not as they have to be. */
unsigned semantics_run(struct semantics *s);

/* Gives the target whatever can be held, and takes what it can give; calls `ready`, and waits until
 * its node is lost. The outcome of a call whose reply right it has. */
outcome_t semantics_lose(struct semantics *s, void (*ready)(void));

/* ---- for the forms --------------------------------------------------------------------------- */

/* Notes what was not as it has to be, unless something was before; returns OUTCOME_OK. */
outcome_t form_differs(struct semantics *s, const char *what, uint64_t got);

static inline void form_expect(struct semantics *s, const char *what, uint64_t got, uint64_t wanted)
{
        if (got != wanted)
                form_differs(s, what, got);
}

/* A request with so many words. */
struct message form_message(enum partner_method method, unsigned words, const uint64_t *word);

/* Asks somebody, and serves meanwhile. Capabilities of the answer are the caller's. */
outcome_t form_ask(struct semantics *s, handle_t whom, const struct message *message,
                   struct arrival *arrival);

/* Asks the target with words alone; the first word of its answer, or a problem. */
uint64_t form_word(struct semantics *s, enum partner_method method, unsigned words,
                   const uint64_t *word);
#define ASK(s, method, ...)                                                                        \
        form_word(s, PARTNER_##method, sizeof((uint64_t[]){__VA_ARGS__}) / 8,                      \
                  (uint64_t[]){__VA_ARGS__})

/* Gives a capability to somebody, who keeps it in place 0. */
outcome_t form_give(struct semantics *s, handle_t whom, struct send_cap cap,
                    struct arrival *arrival);

/* The capability that the target has in place 0; 0: it gives none. */
handle_t form_take(struct semantics *s, unsigned flags);

/* A right to the target's second port, which it makes; of a badge of its own. */
handle_t form_port(struct semantics *s);
handle_t form_right(struct semantics *s, uint64_t badge);

/* Starts the call that the form is about, and waits for its end. */
outcome_t form_begin(struct semantics *s, handle_t whom, uint64_t wait,
                     const struct message *message);
outcome_t form_end(struct semantics *s, struct arrival *arrival);

/* Waits until the right is dead here, too. */
void form_await_death(struct semantics *s, handle_t right);

/* Serves once, or until the deadline. */
void form_serve(struct semantics *s, uint64_t deadline);

#define FORM(name, function, argument, near, far, text) form_function function;
#include "tests/semantics/forms.def"
#undef FORM

#endif
