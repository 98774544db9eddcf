/* A kernel for the adapter's tests: handles and rights that are counted, calls that end as the test
 * says, and a core that only records what it is told. */
#ifndef TEST_TRANSPORT_KERNEL_H
#define TEST_TRANSPORT_KERNEL_H

#include <check.h>
#include "netipc/server/bridge.h"
#include "netipc/server/capabilities.h"
#include "netipc/server/deliveries.h"

enum { KERNEL_HANDLES = 4096, KERNEL_RIGHTS = 4096, KERNEL_PEERS = 4, KERNEL_REPLIES = 64 };
/* Reply rights: of a caller that waits, and of one that is gone. */
enum { REPLY_LIVE = 1 << 20, REPLY_DEAD };

struct kernel {
        struct {
                uint64_t identity; /* of the right; 0: free */
                uint32_t rights;
        } handle[KERNEL_HANDLES];
        struct {
                uint64_t badge; /* of our port; 0: another's */
                uint32_t proxy; /* RIGHT_PROXY or 0 */
                unsigned watches;
                enum reason dead; /* 0: it lives */
        } right[KERNEL_RIGHTS];   /* by identity */
        uint64_t memory_left;     /* that the account has */
        unsigned mapped;          /* pieces of memory that are mapped */
        const void *content;      /* of what is mapped; NULL: zeros */
        handle_t log;             /* the right to the log server; 0: it is dead */
        handle_t keys;            /* the boot module of that name; 0: there is none */
        uint64_t cookie;          /* of the last core_call */
        uint64_t bound_key;       /* of the last event that was bound */
        uint64_t signalled;       /* bits of all events */
        unsigned handles_left;    /* then memory is used up */
        outcome_t start;          /* what rt_call_start returns */
        struct arrival answer;    /* what rt_call_finish gives … */
        outcome_t ended;          /* … with this outcome */
        unsigned starts;          /* calls of rt_call_start */
        struct message started;   /* the last request … */
        uint64_t started_deadline;
        outcome_t replied;                   /* the outcome of the last local answer */
        struct message reply;                /* … and the answer */
        outcome_t core;                      /* what core_call, _send and _reply return */
        outcome_t far_reply[KERNEL_REPLIES]; /* outcomes given to core_reply */
        unsigned far_replies;
        unsigned far_sends;      /* calls of core_send */
        unsigned far_calls;      /* calls of core_call */
        core_import_t core_full; /* for which the core has no room */
        unsigned resumed, imports_dropped;
        unsigned far_cancelled, far_abandoned;
        unsigned calls, calls_cancelled, calls_closed; /* call objects */
        struct core_message far_message;               /* the last message given to the core */
        struct core_peer_info peer[KERNEL_PEERS];      /* that core_peer() tells of; node 0: none */
        unsigned peers_read;                           /* calls of core_peer() */
        unsigned references;                           /* that core_reference() tells of */
        unsigned lines;                                /* that the log was told at once */
        char line[256];                                /* the last one */
        unsigned priority, ceiling;                    /* of our thread */
        unsigned yields, yielded_at;                   /* how often; the priority at the last */
};

extern struct kernel kernel;

void kernel_reset(void);

/* A handle to a new right of somebody else, with these permissions. */
handle_t kernel_right(uint32_t rights);
/* Open handles, and watches, in all. */
unsigned kernel_handles(void);
unsigned kernel_watches(void);
/* The handle as the kernel hands it over in a message. */
struct received_cap kernel_cap(handle_t handle);

Suite *neighbours_suite(void);
Suite *far_calls_suite(void);
Suite *answers_suite(void);
Suite *waiting_suite(void);
Suite *capabilities_suite(void);
Suite *rights_suite(void);
Suite *replies_suite(void);
Suite *signals_suite(void);
Suite *fetches_suite(void);
Suite *reads_suite(void);
Suite *names_suite(void);
Suite *control_suite(void);
Suite *gather_suite(void);
Suite *keyring_suite(void);
Suite *shares_suite(void);
Suite *journal_suite(void);
Suite *link_suite(void);

#endif
