/* One directed link between two ports: what it does to a frame is decided here, by the link's own
 * random numbers.
 *
 * Every frame draws the same number of random values whatever is switched on, so the same seed and
 * the same sequence of frames on a link give the same decisions, and turning on `dup` does not
 * change which frames are lost. */
#ifndef SWITCH_LINK_H
#define SWITCH_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/switch/impairment.h"
#include "tools/switch/prng.h"

enum {
        LINK_BACKLOG_MAX = 65536, /* bytes that may wait for a rate-limited link */
        CORRUPT_FROM = 14,        /* the Ethernet header stays whole, so the frame still arrives */
};

#define REORDER_HOLD_NS UINT64_C(5000000) /* how long a reordered frame lets others pass */

enum drop {
        DROP_LOSS,
        DROP_PARTITION,
        DROP_NO_RECEIVER, /* nobody has the address, or its QEMU is not there */
        DROP_SLOW,        /* the receiver does not read, and its backlog is full */
        DROP_QUEUE_FULL,  /* the rate's backlog or the delay queue is full */
        DROP_MALFORMED,   /* no Ethernet frame by its length */
        DROP_TOO_LONG,    /* for the link's MTU */
        DROPS,
};

struct link {
        struct impairment own; /* used if has_own, else the fabric's default is */
        bool has_own;
        struct prng prng;
        uint64_t busy_until; /* when the last bit of the last frame has left, by the rate */
        uint64_t last_due;   /* no later frame is due earlier, but for reordered ones */
};

struct verdict {
        unsigned copies; /* 0 dropped, 1, or 2 doubled */
        enum drop drop;  /* why, if copies is 0 */
        uint64_t due;    /* when to deliver, ns */
        bool delayed;    /* due is later than now by impairment */
        bool reordered;  /* due later, and later frames may pass */
        bool corrupted;  /* flip bit corrupt_bit of byte corrupt_byte */
        uint32_t corrupt_byte, corrupt_bit;
};

/* Decides what becomes of a frame of `length` bytes that enters at `now` (ns, never going back). */
struct verdict link_decide(struct link *link, const struct impairment *impairment, size_t length,
                           uint64_t now);

#endif
