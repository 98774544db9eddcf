/* What a link does to frames, and its notation: `loss 10% delay 5ms jitter 1ms rate 1mbit dup 1%
 * reorder 2% corrupt 1% mtu 1500`, in any order, each at most once; what is not named is off. */
#ifndef SWITCH_IMPAIRMENT_H
#define SWITCH_IMPAIRMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/switch/problem.h"

enum {
        PPM = 1000000, /* probabilities are in millionths */
        IMPAIRMENT_TEXT = 192,
};

#define DELAY_MAX_NS UINT64_C(10000000000)
#define RATE_MIN     UINT64_C(1000)
#define RATE_MAX     UINT64_C(100000000000)
#define MTU_MIN      68 /* RFC 791, section 3.2 */
#define MTU_MAX      9000

struct impairment {
        uint32_t loss;      /* ppm */
        uint32_t duplicate; /* ppm */
        uint32_t reorder;   /* ppm */
        uint32_t corrupt;   /* ppm */
        uint64_t delay;     /* ns, at most DELAY_MAX_NS */
        uint64_t jitter;    /* ns, at most delay: the delay is even in delay ± jitter */
        uint64_t rate;      /* bit/s; 0 is without limit */
        uint32_t mtu;       /* bytes behind the Ethernet header; 0 is as the switch itself */
};

/* Reads the notation. Percentages have up to four decimals, times the units us, ms (also if none is
 * given) and s, rates bit (also if none is given), kbit, mbit and gbit, an MTU none. On failure
 * *impairment is left as it was. */
bool impairment_parse(const char *text, struct impairment *impairment, struct problem *problem);

/* Writes the notation, at most IMPAIRMENT_TEXT bytes with the final zero; "clear" if nothing is on.
 */
void impairment_format(const struct impairment *impairment, char text[IMPAIRMENT_TEXT]);

#endif
