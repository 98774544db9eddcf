/* The kernel that the stubs under test call: a request goes to a dispatch function, its answer
 * comes back. */
#ifndef TESTS_IDL_LOOP_H
#define TESTS_IDL_LOOP_H

#include "servers/rt/serve/serve.h"

enum { RIGHT = 5, DEADLINE = 1000 };

/* From now on, with everything else as at the beginning. */
void loop_serve_by(dispatch_function *dispatch, const void *handlers);

/* The last request. */
const struct message *loop_sent(void);

/* Serves a request that no stub has made. */
outcome_t loop_send(const struct message *message);

#endif
