/* What the judge's files share: ledger.c has the messages, gifts.c what else they carry, truth.c
 * the nodes. Nothing else includes this. */
#ifndef SIM_JUDGE_H
#define SIM_JUDGE_H

#include "tests/sim/sim.h"

/* Bytes of all snapshots of a message that another node takes (PROTOCOL.md, References). */
enum { SNAPSHOTS_MOST = 1 << 20 };

/* What is true of a node. */
struct truth {
        uint32_t life;                 /* of its application, of all applications' lives; 0: none */
        uint64_t net_began;            /* its transport; 0: there is none */
        bool hungry;                   /* a component of it had no memory at some time */
        bool met[NODES_MAX];           /* its transport says so */
        uint64_t since[NODES_MAX];     /* when it said that last */
        uint64_t epoch[NODES_MAX];     /* of the life that it has met last */
        unsigned last_lost[NODES_MAX]; /* why it lost it then */
        uint32_t lost[NODES_MAX];      /* why its transport has lost each, ever: a bit a reason */
        uint64_t link_since;           /* its card is in use; 0: it is not … */
        uint64_t link_lost;            /* … and when it ceased to be last, as the node can know */
        uint64_t link_paused;          /* of `paused` of the node then */
        uint64_t waited;               /* its application did, and for one call alone, until then */
        bool viewed;                   /* its application has read a table of nodes, and watches: */
        uint8_t view_of;               /* whose, … */
        uint64_t view[NODES_MAX];  /* … and the epochs of those that are up in it; 0: it is not */
        uint64_t names, listed_at; /* a digest of the names that it lists, and when it did */
};

struct truth *truth_of(unsigned node);
/* Of the node that runs. */
struct truth *truth_here(void);
void truth_reset(void);
/* Whether each node has an application, a transport and a card again (init's patience grows), and
 * no application has missed what has happened to a node. */
bool truth_whole(void);
void truth_check(void);

/* Whether two nodes have known each other from before `time` until now, and want nothing. */
bool truth_together(unsigned a, unsigned b, uint64_t time);

/* An array with room for one more than `count`. */
void *ledger_grow(void *array, size_t count, size_t *room, size_t size);

/* What messages carry. */
void gifts_reset(void);
/* Bytes of all snapshots that are with a message. */
size_t gifts_snapshots(const struct letter *letter);
void gifts_check(void);
/* An application is gone: nobody waits for its events. */
void gifts_die(uint32_t life);

#endif
