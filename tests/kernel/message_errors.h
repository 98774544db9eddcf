/* What the rows of message_errors.c are made of. A row makes one message call with one wrong thing:
 *
 *      message_requests.c      what the call asks for: a row's `request`
 *      message_peers.c         the threads that take part, and what happens `before` and `after`
 *      message_errors.c        the rows, and how one is run
 *
 * The functions of a row have no arguments: they find what there is in `scene`, and change the call
 * in TRIAL. All of them run in the test's own thread, but for the two of the caller, at the end. */
#ifndef TESTS_KERNEL_MESSAGE_ERRORS_H
#define TESTS_KERNEL_MESSAGE_ERRORS_H

#include "tests/kernel/harness.h"

enum { BYTES = 64 }; /* that a server takes */

/* The call, in SHARED: its caller may be a child. The outcome is 0 before there is one, then 1
 * more. */
struct trial {
        uint64_t number;
        uint64_t port; /* not 0: the caller first receives here, and answers what it got */
        struct message_registers registers;
        struct message_block block;
        volatile uint64_t outcome;
};

#define TRIAL ((struct trial *)SHARED->bytes)

/* Words of SHARED. */
enum { ANSWER, ANSWER_BY, REPLY, GATE, GO };

/* What the server does with a request. */
enum answer { HOLD, DROP, ANSWER_BYTES, ANSWER_EVENT, ANSWER_MEMORY };

/* What there is before a row begins, made by message_errors.c. */
struct scene {
        handle_t port, right, event, memory, object;
        handle_t of_child; /* a right that has come in a message */
        handle_t caller;
        char sent[BYTES + 1], received[BYTES];
};

extern struct scene scene;

/* ---- message_requests.c ---- */

void no_interface(void);
void nine_words(void);
void missing_bytes(void);
void bytes_of_the_kernel(void);
void long_bytes(void);
void too_many_bytes(void);
void closed_handle(void);
void an_event(void);
void a_call_object(void);
void a_memory(void);
void time_is_over(void);
void time_is_short(void);
void receives_nowhere(void);
void receives_too_little(void);
void receives_a_handle(void);
void serves_first(void);
void serves_first_and_time_is_short(void);
void serves_first_and_receives_nowhere(void);
void reply_is_closed(void);
void reply_is_an_event(void);
void unknown_outcome(void);

/* ---- message_peers.c ---- */

void server_comes(void);
void server_waits(void);
void full_server_receives(void);
void full_server_is_there(void);
void full_server_waits(void);
void poor_server_is_there(void);
void poor_server_waits(void);
void right_is_revoked(void);
void port_is_destroyed(void);
void caller_is_diverted(void);
void bytes_come(void);
void a_call_is_served(void);
void a_call_is_served_too_long(void);
void a_call_is_given_up(void);
void a_thread_calls(void);

/* The caller: makes the call of TRIAL; the same where it has used up its memory, and all its
 * handles but for some. */
void tries(uint64_t unused);
void tries_when_full(uint64_t spare);

#endif
