/* The whole state of the name server, and what its parts share.
 *
 *      members         who may do what (admitted by init)
 *      registrations   this node's names with their rights
 *      registry        all nodes' names without rights (cluster/core)
 *      expected        which names the system description has on which node (cluster/core)
 *      peers           the other nodes' directories, asked when they say that they have changed
 *      lookups         callers that wait for a name, or for an answer of a peer
 *      watches         events to be signalled when a name changes
 *
 * It never blocks: peers are asked by asynchronous calls, callers are answered later. Those calls
 * are started from the event loop only (NAMES_WORK), where no request's deadline limits them.
 * Everything is bounded; beyond the bound the answer is `overloaded`.
 *
 * Context of all functions: the serving thread. */
#ifndef NAME_NAMES_H
#define NAME_NAMES_H

#include "cluster/core/expected.h"
#include "cluster/core/registry.h"
#include "servers/proto/lookup.h"
#include "servers/proto/name.h"
#include "servers/rt/serve/serve.h"
#include "cluster/system/text.h"

enum {
        NAMES_MEMBERS = 64,
        NAMES_LOOKUPS = 64,
        NAMES_LOOKUPS_EACH = 16, /* of one member */
        NAMES_WATCHES = 64,
        NAMES_WATCHES_EACH = 16,
        NAMES_LIST_BYTES = 512, /* of a member's `provides` or `asks` */
};

/* Bits of the server's event. */
enum names_event {
        NAMES_RIGHT_DIED = 1 << 0, /* one that is registered, or of a peer */
        NAMES_WORK = 1 << 1,       /* calls are to be started */
};

/* Keys of the calls to peers: with the place in the table added. */
enum names_key {
        NAMES_KEY_LOOKUP = 0,
        NAMES_KEY_ASK = NAMES_KEY_LOOKUP + NAMES_LOOKUPS,
        NAMES_KEY_TELL = NAMES_KEY_ASK + REGISTRY_PEERS,
};

/* Badges of rights to the server's port. All others are members'. */
enum { BADGE_SUPERVISOR = 0, BADGE_DIRECTORY = 1 };

/* What the programs that somebody starts may have on each node; number 0: not bounded. */
struct spawn_bounds {
        uint64_t memory, number;
};

struct member {
        uint64_t badge; /* 0: free */
        char component[REGISTRY_NAME];
        char provides[NAMES_LIST_BYTES];
        char asks[NAMES_LIST_BYTES];
        uint64_t grants; /* enum manifest_grants */
        struct spawn_bounds spawn;
};

struct registration {
        char name[REGISTRY_NAME];
        handle_t right; /* 0: free */
        uint64_t badge; /* of the member that registered it */
};

/* A peer; what it has is in the registry's peer of the same index. */
struct name_peer {
        handle_t right;   /* its directory, watched; 0: it is not up */
        uint64_t lost_at; /* its right died here, and nobody said why its node went; 0: not so */

        handle_t call; /* asks for changes */
        bool asking;   /* the call is in progress … */
        bool stale;    /* … and was begun with an earlier right */
        uint64_t ask_at;
        uint64_t news_instance, news_version; /* of its table, as it said last */

        handle_t tell; /* says that this node's table has changed */
        bool telling;
        uint64_t tell_at;
        uint64_t telling_version; /* of the own table, that is being told … */
        uint64_t told;            /* … and that the peer has acknowledged; 0: none */
        char records[REGISTRY_RECORDS];
};

enum lookup_state { LOOKUP_FREE, LOOKUP_WAITING, LOOKUP_ASKED, LOOKUP_BOUNDING };

struct lookup {
        enum lookup_state state;
        handle_t reply;
        uint64_t badge;    /* who asks */
        uint64_t deadline; /* when to say why it is not there */
        uint64_t ask_at;   /* no peer is asked earlier */
        enum name_wait wait;
        char node[REGISTRY_NAME]; /* "": any */
        char name[REGISTRY_NAME];
        char asked[REGISTRY_NAME]; /* the node that was asked last, in this round; "": none */
        unsigned failed;           /* why the last one could not give it (enum reason); 0: none was
                                      asked */
        handle_t unbounded;        /* a peer's right, of LOOKUP_BOUNDING; 0: none */
        handle_t call;             /* made when first needed, kept for the place's next user */
};

struct name_watch {
        handle_t event; /* 0: free */
        uint64_t bits;
        uint64_t badge;
        char name[REGISTRY_NAME];
};

struct names {
        struct server server;
        handle_t event;
        uint64_t next_badge;
        struct registry registry;
        struct expected expected;
        struct member members[NAMES_MEMBERS];
        struct registration registrations[REGISTRY_NAMES];
        struct name_peer peers[REGISTRY_PEERS];
        struct lookup lookups[NAMES_LOOKUPS];
        struct name_watch watches[NAMES_WATCHES];
};

/* Copies a name into `to`; false if it is not valid. */
bool name_copy(char to[REGISTRY_NAME], struct text name);

/* Has the loop call the parts' work functions soon. */
void names_work(struct names *names);

/* Has the loop wake up at `time` at the latest. */
void names_wake_at(struct names *names, uint64_t time);

#endif
