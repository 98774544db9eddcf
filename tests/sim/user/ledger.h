/* What the applications tell the judge (tests/sim/ledger.c), which knows what is true: it sees both
 * ends of every message. Times are those of the node's own clock. */
#ifndef SIM_USER_LEDGER_H
#define SIM_USER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/message.h"
#include "kernel/abi/outcome.h"

enum { LETTER_INTERFACE = 42 };

/* What a capability of a message is, and what its number counts: objects, snapshots, events, or the
 * call that a reply right answers. */
enum gift_kind { GIFT_RIGHT, GIFT_MEMORY, GIFT_EVENT, GIFT_REPLY };

/* A message, as it was sent or as it arrived. Its first word is its number (an answer's: its number
 * inverted), its bytes follow from that (ledger_bytes). If its sender's thread waits for its end,
 * the deadline of what that serves may come before, and who waits for that raises its priority. */
struct letter {
        uint64_t first;  /* arrived: its first word */
        uint64_t object; /* that the right stands for: the badge; sent: 0 if it is not known */
        uint64_t right;  /* sent: the right's identity */
        uint16_t method;
        uint8_t flags, priority;
        uint8_t words, caps;
        uint8_t way;   /* sent: how many links there are from its sender to the object's node */
        bool detailed; /* sent: with the priority and trace below */
        bool waits;    /* sent: by a thread that waits for its end */
        uint64_t trace;
        uint64_t deadline; /* TIME_NEVER: none */
        uint32_t length;
        const void *bytes;          /* arrived */
        uint64_t cap[MESSAGE_CAPS]; /* numbers; 0: a capability that is dead */
        uint8_t kind[MESSAGE_CAPS]; /* enum gift_kind */
        uint8_t hops[MESSAGE_CAPS]; /* sent: links from the sender to the node of each */
};

/* A number for a new right of an application, unique in the run. */
uint64_t ledger_object(void);

/* A message is about to be sent; returns its number. */
uint64_t ledger_begin(const struct letter *letter);
/* It was refused at once: nobody ever sees it. */
void ledger_withdraw(uint64_t number, outcome_t outcome);
void ledger_executed(uint64_t number, const struct letter *letter);
/* What was sent: a message, or its answer. */
const struct letter *ledger_sent(uint64_t number, bool answer);
/* It is about to be answered, with this content. */
void ledger_answers(uint64_t number, const struct letter *letter);
/* A call is over; `letter` is the answer's content, if it has any. A one-way message has been
 * taken. */
void ledger_ended(uint64_t number, outcome_t outcome, const struct letter *letter);
/* The application has waited for one call alone, and until now has not looked at the others. */
void ledger_waited(void);
/* Its sender has asked for its cancellation. */
void ledger_cancelled(uint64_t number);
void ledger_revoked(uint64_t object);

/* Whether it was not, and its application lives; of one that is not known (0), that it does. */
bool ledger_lives(uint64_t object);
/* Its receiver gives its reply right away with the next message. */
void ledger_handed_on(uint64_t number);

/* A number for a new snapshot of so many bytes; its content is that number, then ledger_bytes() of
 * it. */
uint64_t ledger_snapshot(size_t bytes);

/* A number for a new event, of which each bit is signalled once. */
uint64_t ledger_event(void);
/* A bit of it to be signalled now, by whoever was given it then; 0: there is none left. */
uint64_t ledger_signals(uint64_t number, uint64_t since);
/* The bit was accepted; `direct`: by the event's own node or one that it gave it to. */
void ledger_signalled(uint64_t number, uint64_t bit, bool direct);
void ledger_event_came(uint64_t number, uint64_t bits);
/* No handle to it is left anywhere, and all its bits have come. */
void ledger_event_ends(uint64_t number);

/* The node's transport has met a peer in the life of that epoch (a part of it), or lost it. */
void ledger_peer(const char *peer, bool up, unsigned reason, uint64_t epoch);
/* The nodes, as the transport of `node` has told the application, which watches it from then on. */
struct node_record;
void ledger_view(const char *node, const struct node_record *table, size_t count);
/* It is refused that: no fault brings that about. */
void ledger_unwatched(const char *node, outcome_t outcome);
/* What the node's name service lists. */
void ledger_names(const void *lines, size_t bytes);

/* The content that follows from a number; and whether it is that. */
void ledger_bytes(uint64_t number, void *bytes, uint32_t length);
bool ledger_bytes_are(uint64_t number, const void *bytes, uint32_t length);

/* Random numbers of the run, and whether it is time to come to an end: to begin nothing new … */
uint64_t sim_below(uint64_t bound);
bool sim_chance(unsigned per_thousand);
bool sim_calm(void);
/* … and to drop all that is held. */
bool sim_draining(void);
uint64_t sim_pace(void);         /* most ns between two acts of an application */
unsigned sim_bulk(void);         /* per 1,000: messages up to the largest size */
unsigned sim_gifts(void);        /* per 1,000: messages with capabilities */
uint32_t sim_first_number(void); /* of all that count from 1 */
const char *sim_some_node(void);
void sim_told(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
