/* Packets of a lab, looked at on their way and given to a node once more. */
#ifndef TEST_NETIPC_SEEN_H
#define TEST_NETIPC_SEEN_H

#include "tests/unit/netipc/lab.h"

/* Of a packet: enum wire_packet_type. */
unsigned type_of(const struct lab_packet *packet);

/* What was last seen of each type, from each node, and how many there were; since watch_begin(). */
extern struct lab_packet seen[LAB_NODES][16];
extern unsigned count[LAB_NODES][16];
void watch_begin(struct lab *lab);
/* The lab's filter for that: lets all pass. */
bool watch(struct lab *lab, struct lab_packet *packet);

/* Gives a packet to a node once more, as from its sender. */
void again(struct lab *lab, const struct lab_packet *packet);

/* A call, and what comes of it. */
void call_and_answer(struct lab *lab, unsigned from, unsigned to);

#endif
