/* Nodes for the fuzzers: a core with an environment that keeps what it is given, and checks the
 * core's invariants and its memory at the end. Nodes are numbered 1 and 2. */
#ifndef FUZZ_NETIPC_NODE_H
#define FUZZ_NETIPC_NODE_H

#include "netipc/core/core.h"

/* The method of messages whose bytes each are the low bits of the number of their granule: one that
 * is delivered with another byte aborts. */
enum { NODE_GRANULES = 1000 };

/* From now on messages of any content may come, with that method too. Until node_make(). */
void node_takes_anything(void);

struct core *node_make(unsigned number);
/* One that has keys: packets between two such nodes are sealed. */
struct core *node_make_sealed(unsigned number);
struct core *node_core(unsigned number);

/* Aborts if an invariant does not hold, destroys the core, aborts if memory is left. */
void node_end(unsigned number);

/* Lets both nodes meet; returns the time. */
uint64_t node_meet(void);

/* The index that node 1 gave to node 2: what node 2's packets carry. */
uint32_t node_index(void);

/* A packet that node 2 sent to node 1 when they met: its length. */
size_t node_said(unsigned which, uint8_t packet[WIRE_PACKET_MAX]);

/* Seals frames behind the outer header, `used` bytes with it, as node 2's next packet. */
void node_seal(uint8_t *packet, size_t used, uint64_t now);

/* Puts the nonce of the last offer, which only a genuine answer knows, into a hello, as `how`
 * says. */
void node_answer_hints(unsigned number, struct wire_hello *hello, uint8_t how);

/* A call or send with capabilities, an answer to the oldest call, a drop, a cancel. */
void node_call(unsigned number, uint8_t how, uint64_t now);
void node_answer(unsigned number, uint64_t now);
void node_drop(unsigned number);
void node_cancel(unsigned number, uint64_t now);

#endif
