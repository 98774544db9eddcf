/* Calls of local clients to other nodes that are in progress: who is to get the answer. */
#ifndef NETIPC_SERVER_PENDING_H
#define NETIPC_SERVER_PENDING_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/abi/rights.h"

enum { PENDING_MAX = 1024 };

struct fetch;

enum pending_kind {
        PENDING_FREE = 0,
        PENDING_CALL, /* `reply` gets the far answer unchanged */
        PENDING_PING, /* `reply` is of node.ping and gets the time since `started` */
        PENDING_READ, /* a piece of memory, for `fetch`; NULL: nobody wants it any more */
};

struct pending_call {
        uint8_t kind; /* enum pending_kind */
        uint32_t serial;
        uint32_t next_free;
        handle_t reply;
        uint64_t core_handle;
        uint64_t started;
        struct fetch *fetch;
};

struct pending {
        uint32_t under_way;        /* so many are in progress */
        bool added;                /* one has been, since whoever sends them has looked */
        uint32_t used, first_free; /* first_free: index + 1, 0: take calls[used] */
        struct pending_call calls[PENDING_MAX];
};

/* A free entry; NULL: too many calls are in progress. */
struct pending_call *pending_add(struct pending *pending, enum pending_kind kind, handle_t reply);

/* What the core knows it by; not reused while it could matter. */
uint64_t pending_cookie(const struct pending *pending, const struct pending_call *call);

/* The entry of a cookie, or NULL. */
struct pending_call *pending_find(struct pending *pending, uint64_t cookie);

/* The entry that will answer a reply right, or NULL. */
struct pending_call *pending_by_reply(struct pending *pending, handle_t reply);

/* The fetch does not wait for its read any more. */
void pending_forget(struct pending *pending, const struct fetch *fetch);

void pending_remove(struct pending *pending, struct pending_call *call);

#endif
