/* Names that a server looks up for its clients, by asynchronous calls: none of them holds it up.
 *
 *      free ──begin──> asked ──the name service says──> answered, free
 *                      │   ^
 *                      │   └── again, a moment later: the name service has died with the question
 *                      ├── its client waits no longer
 *                      └── overloaded: a client with fewer questions needs the place
 *
 * Shares: where all places are taken, who has the most of them loses the oldest question to a
 * client that has at least two fewer. So whoever asks for names that never come leaves the others
 * as many places as if there were no more of it: with no more clients than places each has one.
 *
 * Context: the server's one thread. */
#ifndef RT_QUERIES_H
#define RT_QUERIES_H

#include "servers/rt/serve/serve.h"
#include "servers/rt/start/startup.h"

/* One place. All zero: free. */
struct query {
        handle_t call;    /* 0: not made */
        handle_t reply;   /* of who asks; 0: the place is free */
        bool under_way;   /* the call is, … */
        bool stale;       /* … for a question before this one: nobody wants its outcome */
        unsigned current; /* which name is this question's: the other one may be the call's */
        uint64_t client, order, wait, deadline, again_at;
        size_t length;
        char name[2][2 * STARTUP_NAME];
};

/* The first four are set before the first question. */
struct queries {
        struct server *server;
        uint64_t key; /* of the first place's call; those of the others follow */
        unsigned count;
        struct query *list;
        uint64_t asked; /* questions so far */
};

/* Asks for a name in the name of a client, until the request's deadline: what a handler of
 * name.lookup returns. NOT_FOUND: nobody can have such a name; OVERLOADED: no place for it. */
outcome_t queries_begin(struct queries *queries, const struct request *request, uint64_t client,
                        const void *name, size_t length, uint64_t wait);

/* A call has its outcome; keys that are not of these calls are left alone. */
void queries_completed(struct queries *queries, uint64_t key);

/* Who waits by that reply does so no longer, and is answered. False: nobody waits by it. */
bool queries_cancel(struct queries *queries, handle_t reply);

/* Before each wait: asks again what a name service has died with. Returns when to be called again,
 * at the latest. */
uint64_t queries_work(struct queries *queries, uint64_t now);

#endif
