/* A partner: who receives the messages of the forms (forms.h), in whatever task, on whatever node.
 * It does what a message asks for (methods.def), and keeps what came with it. The party that sends
 * is one itself, which serves while it waits: rights to it are sent around, too.
 *
 * Everything that it needs is in the struct, and of the system it uses the runtime's functions
 * alone, so any number can live in one process. */
#ifndef TESTS_SEMANTICS_PARTNER_H
#define TESTS_SEMANTICS_PARTNER_H

#include "servers/rt/serve/serve.h"

enum partner_method {
#define METHOD(name, number, function, text) PARTNER_##name = (number),
#include "tests/semantics/methods.def"
#undef METHOD
        PARTNER_METHODS = 33,
};

enum {
        PARTNER_INTERFACE = 0x7365, /* of no description: nobody else has it */
        PARTNER_BADGE = 1,          /* of the right by which it is found */
        PARTNER_BADGE_PORT = 2,     /* of rights to the second port */
        PARTNER_KEPT = MESSAGE_CAPS,
        PARTNER_HOGGED = 64,
        PARTNER_NAME = 64,
};

struct partner {
        struct server server;
        handle_t kept[PARTNER_KEPT];
        unsigned kept_count;
        handle_t port; /* the second one; 0: none */
        handle_t call; /* of START; 0: none */
        handle_t hogged[PARTNER_HOGGED];
        unsigned hogged_count;
        uint64_t notes, disordered, one_way; /* of NOTE */
        uint64_t cancels;                    /* what the kernel has told */
        uint64_t no_senders, no_senders_badge;
        uint64_t completed; /* calls, by key: a bit each, which their owner clears */
        uint8_t bytes[64];  /* of what RECEIVE takes */
};

/* Makes the partner ready to serve, and a right to it. */
outcome_t partner_init(struct partner *partner, handle_t *right);

/* Forgets everything, as RESET does. */
void partner_reset(struct partner *partner);

/* Memory with a pattern of words that begins with the seed. */
outcome_t partner_memory(size_t bytes, uint64_t seed, handle_t *memory);
/* Writes the pattern into memory. */
outcome_t partner_fill(handle_t memory, uint64_t seed);
/* Compares it; *bytes: the memory's size. */
outcome_t partner_compare(handle_t memory, uint64_t seed, uint64_t *bytes, bool *same);

/* Uses up the task's memory, but for so many bytes; partner_reset() gives it back. */
void partner_hog(struct partner *partner, uint64_t leave);

#endif
