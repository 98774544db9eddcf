/* The service `bench` of the node that serves: what a client's rows call. No interface description:
 * stubs would be a part of what is measured, and nobody else calls it. */
#ifndef TESTS_BENCH_PORTOLAN_SERVICE_H
#define TESTS_BENCH_PORTOLAN_SERVICE_H

#include "servers/rt/message/message.h"

enum { BENCH_INTERFACE = 46, MEET_MAX = 32 };

enum bench_method {
        BENCH_NULL = 1,  /* () -> () */
        BENCH_REPLY = 2, /* (length: word) -> (data: that many bytes) */
        BENCH_SINK = 3,  /* (data: bytes) -> () */
        BENCH_LOAD = 4,  /* () -> (), of the service `load` */
        BENCH_MEET = 5,  /* (callers: word) -> (), answered when so many, MEET_MAX at most, ask */
        BENCH_MARK = 6, /* (ends: word) -> (): the rounds of a row begin, or end, for the profile */
};

/* Registers the service under that name and serves, for ever. Returns why it could not. */
outcome_t bench_serve(const char *name);

#endif
