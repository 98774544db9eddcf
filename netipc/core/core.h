/* The protocol core: a state machine that turns local calls into packets and packets into local
 * calls.
 *
 *      local messages ──► core_call/send/reply ──►┌──────┐──► environment.transmit ──► the wire
 *                                                 │ core │
 *      local rights   ◄── environment.deliver  ◄──└──────┘◄── core_packet_in       ◄── the wire
 *                         environment.complete
 *
 * It does no I/O: clock (`now`, nanoseconds of any steady clock), memory, randomness and
 * transmission are given to it. It holds no global state. One thread at a time may use a `struct
 * core`.
 *
 * CONTEXT OF CALLBACKS. Callbacks run inside a core_* function, on its caller's stack, and must not
 * call the core. Pointers passed to them are valid until they return.
 *
 * TRANSMISSION. Nothing is sent before core_flush() (core_tick() flushes too): an adapter handles a
 * batch of packets and messages, then flushes once.
 *
 * TOKENS. A local right is known by a 64-bit token, the kernel's identity of that right, never
 * reused. Each CORE_CAP_LOCAL in a message that the core accepts hands one reference of the right
 * to the core; each reference comes back through environment.right_drop. If a function refuses a
 * message, it has taken nothing.
 *
 * IMPORTS. A far right is known by a core_import_t, never reused either (it serves as the badge of
 * a proxy, and leaves the two uppermost bits free for others). Once it was given to the environment
 * in a message it is live until core_import_drop() or environment.import_dead. The same far right
 * always comes as the same import while it is live. */
#ifndef NETIPC_CORE_H
#define NETIPC_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/abi/outcome.h"
#include "netipc/core/wire.h"
#include "netipc/crypto/cipher.h"
#include "netipc/crypto/keys.h"

#define CORE_NEVER UINT64_MAX

typedef uint64_t core_import_t; /* 0: none */
typedef uint64_t core_call_t;   /* a far call that is being served here; 0: none */
typedef uint64_t core_handle_t; /* a call of ours that is under way; 0: none */

struct core;

struct core_address {
        uint32_t ipv4; /* host order */
        uint16_t port; /* host order */
};

/* Where a beacon goes: the adapter sends it to all. */
#define CORE_BROADCAST ((struct core_address){UINT32_MAX, WIRE_UDP_PORT})

enum core_cap_kind {
        CORE_CAP_NONE = 0,   /* no capability; `reason` says why */
        CORE_CAP_LOCAL = 1,  /* a right of this node: `id` is its token */
        CORE_CAP_IMPORT = 2, /* a right of another node: `id` is the import */
};

struct core_cap {
        uint8_t kind;    /* enum core_cap_kind */
        uint8_t type;    /* CAPABILITY_SEND, _EVENT, _REPLY, _MEMORY; ignored in a sent IMPORT */
        uint16_t rights; /* carried for the adapter */
        uint16_t reason; /* of CORE_CAP_NONE; 0 where nothing is known */
        uint32_t length; /* of CAPABILITY_MEMORY: bytes, at least 1 */
        uint64_t id;
};

/* A message as the core sees it. Beyond the counts, `word` and `cap` are undefined. */
struct core_message {
        uint16_t interface;
        uint16_t method;
        uint16_t flags; /* the message's own flags: carried for the application */
        uint8_t words;
        uint8_t caps;
        uint8_t priority;
        bool idempotent;
        bool unordered;    /* may pass others through the same right */
        outcome_t outcome; /* of a one-way message through a reply right; else 0 */
        uint8_t peer;      /* slot of the peer that sent it; ignored in what we send */
        uint32_t length;   /* of bytes: at most WIRE_BYTES_MAX */
        const void *bytes;
        uint64_t trace;
        uint64_t deadline; /* ns on the clock of `now`, or CORE_NEVER; ignored in replies */
        uint64_t word[WIRE_WORDS_MAX];
        struct core_cap cap[WIRE_CAPS_MAX];
};

enum core_peer_state {
        CORE_PEER_NEW = 0,     /* heard of, no session yet */
        CORE_PEER_UP = 1,      /* session established */
        CORE_PEER_SUSPECT = 2, /* up, but silent for half the time after which it is dead */
        CORE_PEER_DOWN = 3,    /* session lost: `reason` says why */
};

struct core_peer_info {
        uint64_t node;
        uint8_t epoch[16];
        char name[16];
        struct core_address address;
        enum core_peer_state state;
        enum reason reason; /* of CORE_PEER_DOWN, else 0 */
        uint8_t slot;
        core_import_t root;            /* the peer's root, while up; else 0 */
        uint32_t exports;              /* rights the peer holds of us, its root not counted */
        uint32_t imports;              /* rights we hold of it, its root not counted */
        uint32_t calls_out;            /* calls and sends of ours not finished */
        uint32_t calls_in;             /* calls of its being received, executed or answered */
        uint64_t rtt;                  /* smoothed round trip, ns */
        uint64_t sent, received, lost; /* packets of the session */
};

enum core_log { CORE_LOG_INFO = 0, CORE_LOG_WARNING = 1 };

struct core_environment {
        void *context; /* first argument of each function below */

        /* Sends one UDP payload. It may be lost. */
        void (*transmit)(void *context, struct core_address to, const void *packet, size_t length);
        /* Fills with unpredictable bytes. */
        void (*random)(void *context, void *bytes, size_t length);
        /* Memory, aligned for any type, or NULL, which the core survives anywhere but in
         * core_create(). */
        void *(*allocate)(void *context, size_t size);
        void (*release)(void *context, void *memory);

        /* Whether there is room to deliver a message of at most `bytes` to `token` now, from the
         * peer in this slot. If not, the core keeps it, and what comes after it through the same
         * right, until core_resume(). */
        bool (*room)(void *context, uint64_t token, uint8_t peer, uint32_t bytes);
        /* Delivers a message to the local right `token`. `call` is 0 for a one-way message, else it
         * is to be answered by one core_reply(), unless `cancel` says that it is gone. Returns
         * OUTCOME_OK, or the outcome (of class not executed) with which the core answers at once.
         * `type` is what was exported: a CAPABILITY_EVENT is signalled with word 0, a
         * CAPABILITY_REPLY is answered with message->outcome, and dropped by the core afterwards;
         * of a CAPABILITY_MEMORY a piece is to be read (PROTOCOL.md, References).
         * Caps of kind LOCAL are lent: they are the environment's own tokens coming home. */
        outcome_t (*deliver)(void *context, uint64_t token, enum wire_capability_kind type,
                             core_call_t call, const struct core_message *message);
        /* The caller gave up (DEADLINE, CANCELLED: an answer is still wanted) or is gone (any other
         * reason: `call` has become invalid). */
        void (*cancel)(void *context, core_call_t call, enum reason reason);
        /* A call made by core_call() has ended; called once for each. `message` is NULL if there
         * was no answer. Returns whether the message's capabilities were taken; else they are given
         * back. */
        bool (*complete)(void *context, uint64_t cookie, outcome_t outcome,
                         const struct core_message *message);
        /* Gives one reference of the right back. */
        void (*right_drop)(void *context, uint64_t token);
        /* Why a local right is dead (wire.h), as far as core_export_dead() was told; 0: it lives. A
         * message may wait for longer than the rights in it live. */
        unsigned (*right_death)(void *context, uint64_t token);
        /* Makes a local right that stands for a live import, to be passed on to a third node: its
         * token, with one reference for the core; 0 if there is none to be had. */
        uint64_t (*import_right)(void *context, core_import_t import);
        /* A live import will never work again. It needs no core_import_drop(). */
        void (*import_dead)(void *context, core_import_t import, enum reason reason);
        /* A session was established or lost. At `down`, import_dead, complete, cancel and
         * right_drop have already been called for everything in it. */
        void (*peer_up)(void *context, const struct core_peer_info *peer);
        void (*peer_down)(void *context, const struct core_peer_info *peer);
        /* The line of a key log (netipc/crypto/keylog.h), of `length` bytes, of a session that is
         * about to begin: given by the node that began the handshake, before the session's first
         * packet. NULL: nobody is to have it. */
        void (*key_log)(void *context, const char *line, size_t length);
        /* For the log: `peer` is a name or ""; `what` says what the number is, "": there is
         * none. */
        void (*log)(void *context, enum core_log level, const char *peer, const char *text,
                    const char *what, uint64_t value);
};

struct core_config {
        uint64_t cluster;
        uint64_t node; /* not 0 */
        char name[16]; /* a node's (servers/common/name.h) */
        /* NULL: in clear. Else peers are those of the keys, packets are sealed, and cluster, node
         * and name are those of the keys. They outlive the core. */
        const struct keys *keys;
        uint32_t cipher_costs[CIPHERS]; /* cipher.h; with keys, one at least is not 0 */
        /* Bounds; 0 takes the default. */
        uint16_t peers;           /* 32, at most 255 */
        uint16_t calls;           /* call slots per peer and direction: 128, at most 1024 */
        uint16_t exports;         /* per peer: 1024, at most 32768 */
        uint16_t credit;          /* packets one peer may have under way to us: 64, at most 256;
                                     large ones count as several (PROTOCOL.md) */
        uint16_t packet_size;     /* bytes of UDP payload that may be sent and are taken: from
                                     WIRE_PACKET_BASE (the default) to WIRE_PACKET_MAX */
        uint32_t content;         /* bytes of messages kept for one peer, each way: 4 MiB; at least
                                     WIRE_CONTENT_MAX */
        uint64_t dead_after;      /* ns of silence: 500 ms; at least 400 ms */
        uint64_t beacon_interval; /* ns: 1 s */
};

/* Makes a core with a new random epoch; NULL without memory or with an invalid configuration. The
 * environment is copied. Beacons start with the first core_tick(). */
struct core *core_create(const struct core_environment *environment,
                         const struct core_config *config, uint64_t now);

/* Frees everything, calling release() alone: no other callback. */
void core_destroy(struct core *core);

/* The right that peers reach as our root; 0 for none: calls end as not executed,
 * receiver died. The core takes a reference of the new one and gives the old one back. */
void core_set_root(struct core *core, uint64_t token);

/* This node's epoch: 16 bytes. */
const uint8_t *core_epoch(const struct core *core);

/* This node's link was lost or has come back; at the start it is there. Without it nothing is sent:
 * what is begun then waits for it, and what comes all the same is dropped, and counted in the log.
 * Until something has come by it again, no peer's silence counts; after 2 s the sessions end as
 * LINK_LOST. Beacons are sent when it comes back. */
void core_link(struct core *core, bool up, uint64_t now);

/* Takes one UDP payload that came from `from`. */
void core_packet_in(struct core *core, struct core_address from, const void *packet, size_t length,
                    uint64_t now);

/* Does what is due, then flushes. Call it at core_next_deadline(), or earlier or later. */
void core_tick(struct core *core, uint64_t now);

/* When core_tick() is needed next: ns, or CORE_NEVER. */
uint64_t core_next_deadline(const struct core *core);

/* Transmits what is waiting, within window and credit. */
void core_flush(struct core *core, uint64_t now);

/* Starts a call through an import. OUTCOME_OK: `complete` will be called once with `cookie`, and
 * *handle (which may be NULL) names the call for core_cancel(). Else the outcome, always not
 * executed, and nothing was taken: DEADLINE, OVERLOADED (no slot or export left), MALFORMED,
 * REFUSED, BAD_HANDLE (not an import), or why the import or its node is dead. */
outcome_t core_call(struct core *core, core_import_t import, const struct core_message *message,
                    uint64_t cookie, core_handle_t *handle, uint64_t now);

/* Whether there are a slot and memory for this message now, so that it need not wait. One import
 * has at most three quarters of the slots, so that one receiver that is slow leaves some to the
 * others. True also of what would be refused for another reason. */
bool core_ready(struct core *core, core_import_t import, const struct core_message *message);

/* Sends a one-way message through an import. OUTCOME_OK: accepted, not delivered. */
outcome_t core_send(struct core *core, core_import_t import, const struct core_message *message,
                    uint64_t now);

/* Cancels a call of ours. If it was not sent whole, it completes before this returns,
 * as not executed; else its true outcome is awaited until its deadline. The handle of a call
 * that has ended is ignored. */
void core_cancel(struct core *core, core_handle_t handle, uint64_t now);

/* Nobody waits for a call of ours any more: it completes before this returns, as if its deadline
 * had passed, and its receiver is told. */
void core_abandon(struct core *core, core_handle_t handle, uint64_t now);

/* Answers a far call: `outcome`, and `message` (NULL: empty). OUTCOME_OK, or not executed with
 * nothing taken: BAD_HANDLE if the caller is gone, OVERLOADED, MALFORMED (also: an invalid
 * outcome), NO_MEMORY (an answer without content then always succeeds). */
outcome_t core_reply(struct core *core, core_call_t call, outcome_t outcome,
                     const struct core_message *message, uint64_t now);

/* The environment may have room again: delivers what it had none for, right by right. */
void core_resume(struct core *core, uint64_t now);

/* Changes config.credit; peers learn of it with the next acknowledgement. */
void core_set_credit(struct core *core, uint16_t credit);

/* Changes config.packet_size, within its bounds. Peers whose sessions stand learn of it by what no
 * longer reaches us, later ones in their hello. */
void core_set_packet_size(struct core *core, size_t bytes);

/* No local right stands for this import any longer. The adapter has compared the kernel's issue
 * count, so that none was issued meanwhile. */
void core_import_drop(struct core *core, core_import_t import);

/* The slot of the peer that the import is of. */
unsigned core_import_slot(core_import_t import);

/* A local right died or was revoked: its holders on all nodes are told. The core's references are
 * dropped. A reason that is not for the wire (0, 32 and above) goes as REVOKED. */
void core_export_dead(struct core *core, uint64_t token, enum reason reason);

/* Peer in slot `index`; false if the slot is not used. */
bool core_peer(const struct core *core, unsigned index, uint64_t now, struct core_peer_info *info);

/* Slots that core_peer() may be asked for. */
unsigned core_peer_slots(const struct core *core);

/* A right that one node holds of another. */
struct core_reference {
        char peer[16];
        bool is_export; /* the peer holds it of us; else we of the peer */
        uint32_t id, generation;
        uint32_t count; /* references that went over the wire and were not given back */
};

/* The index-th reference of all sessions, roots left out; false: there are no more. */
bool core_reference(const struct core *core, uint32_t index, struct core_reference *reference);

/* NULL if all tables of all sessions agree with each other, else what does not. For tests. */
const char *core_check(const struct core *core);

#endif
