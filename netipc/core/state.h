/* The core's state, shared by its files and by nobody else.
 *
 *      core ── peer (a node heard of) ── session (while up)
 *                                         ├─ call slots       our calls and sends to the peer
 *                                         ├─ served slots     its calls and sends to us
 *                                         ├─ exports          our rights that it holds
 *                                         ├─ imports          its rights that we hold
 *                                         ├─ sent, received   packet numbers, loss, acknowledgement
 *                                         └─ queues           what waits to be transmitted
 *
 * Everything below a session dies with it: a lost session and a new epoch leave nothing behind. All
 * tables have a fixed size, taken when the session begins; beyond that, memory is only allocated
 * for messages, bounded by the number of slots and by the configuration.
 *
 * A session that meets a protocol error is marked (session_fail) and torn down when the packet or
 * call at hand is done, so no function pulls a session from under its caller. */
#ifndef NETIPC_STATE_H
#define NETIPC_STATE_H

#include <assert.h>
#include <string.h>

#include "netipc/core/core.h"
#include "netipc/core/granules.h"
#include "netipc/core/wire.h"
#include "netipc/core/breakage.h"

/* What a function takes for granted, and what it leaves true: two in each that changes state. No
 * peer can make one false, whatever it sends. Where one is false the program ends, and says where
 * and which: the transport by servers/rt/abort.c, the simulator and the fuzzers by their libc. */
#define core_assert(belief) assert(belief)

#define MICROSECOND 1000ull
#define MILLISECOND 1000000ull

enum {
        NO_INDEX = 0xffff,
        REPLY_REF = 0x8000, /* in a reference to an outgoing message: it is a served slot's */
        SENT_RING = 256,    /* packets whose fate is not known: a power of two */
        SENT_ITEMS = 64,    /* frames that need an acknowledgement, in one packet … */
        SENT_NOTES = 1024,  /* … and in all packets of the ring: a power of two */
        RECEIVED_WINDOW = 1024,
        RECEIVED_BUSY = 64, /* packets without room, not yet reported */
        EXPORT_BUCKETS = 256,
        RELEASE_RING = 32,    /* RELEASE frames not acknowledged */
        RELEASE_WINDOW = 64,  /* sequence numbers a receiver tells apart: above RELEASE_RING */
        OUTGOING_SMALL = 192, /* content up to here needs no allocation */
        CALL_SLOTS_MAX = 1024,
        READY_QUEUES = 6, /* of messages with 1, 2 to 3, 4 to 7, …, 32 to 63 packets left */
        PARKED = READY_QUEUES,
};

/* What is known of the peer's room for a message. */
enum room {
        ROOM_FOUND = 0, /* nothing says that there is none */
        ROOM_ASKED,     /* there was none: one fragment goes, and asks */
        ROOM_NONE,      /* … and the message waits for its turn to ask */
};

/* A message on its way out: in a call slot or, as a reply, in a served slot. It is active until all
 * granules are acknowledged or its slot knows better. They go out in their order, so what was not
 * transmitted once begins at `fresh`; of those before it, one of several granules has two sets
 * behind its content (struct unsettled): usually nothing of it is lost, and one has none. */
struct outgoing {
        struct wire_msg header;
        uint8_t *content; /* `small` or allocated */
        uint64_t deadline;
        uint8_t granules; /* of the content */
        uint8_t fresh;    /* from this one on they were not transmitted once */
        uint8_t again;    /* so many before it are to be transmitted again */
        uint8_t unacked;  /* so many are not acknowledged */
        uint16_t next;    /* in its queue */
        uint32_t age;     /* started after those with a smaller number */
        uint32_t asked;   /* for room, or started, after those with a smaller number */
        uint8_t place;    /* which of session->ready that is, or PARKED */
        uint8_t room;     /* enum room */
        bool active;
        bool queued;
        uint8_t small[OUTGOING_SMALL];
};

/* Of a message of several granules, before `fresh`. */
struct unsettled {
        struct granules again; /* to be transmitted again: not acknowledged */
        struct granules acked;
};

/* A message being put together from fragments, or held until its turn comes. */
struct incoming {
        struct wire_msg header; /* of the first fragment that came */
        uint8_t *content; /* NULL: nothing has come; behind it the set of granules that have */
        uint32_t charged; /* bytes of the peer's share that it takes */
        uint32_t missing; /* granules */
        uint64_t deadline;
};

enum call_state {
        CALL_FREE = 0,
        CALL_WAITING,   /* sent or being sent; the answer will complete it */
        CALL_ABANDONED, /* completed by its deadline; the late answer is dropped */
        CALL_SENDING,   /* one-way, until acknowledged */
        CALL_WITHDRAWN, /* not sent whole: a VOID takes its place in the order */
};

struct call_slot {
        struct outgoing out;
        struct incoming in; /* the answer */
        uint64_t sequence;
        uint64_t cookie;
        uint8_t state; /* enum call_state */
        bool cancel_queued;
        uint16_t cancel_reason; /* 0: no CANCEL was asked for */
        uint16_t next;          /* free list, or CANCEL queue */
};

enum served_state {
        SERVED_IDLE = 0,
        SERVED_RECEIVING, /* some fragments are here */
        SERVED_HELD,      /* complete; an earlier message through the same right is not */
        SERVED_EXECUTING,
        SERVED_REPLYING, /* until the answer is acknowledged */
};

struct served_slot {
        struct outgoing out; /* the answer */
        struct incoming in;
        uint64_t sequence;  /* the latest seen: the floor below which all is duplicate */
        uint64_t cancelled; /* sequence for which a CANCEL came, 0 none */
        uint16_t cancel_reason;
        uint8_t state; /* enum served_state */
};

/* What may become a session (steps.def): an attempt of ours that waits for its response, an answer
 * to the peer's. */
enum meeting_state { MEETING_APART, MEETING_BEGUN, MEETING_ANSWERED, MEETING_BOTH };

/* A message that waits for an earlier one through the same right, or for room to deliver it. */
struct held {
        struct held *next; /* by order */
        uint16_t reason;   /* why it will not be executed, once that is known */
        struct incoming message;
};

enum export_state {
        EXPORT_FREE = 0,
        EXPORT_LIVE,
        EXPORT_DEAD, /* kept until the peer has given all its references back */
};

struct exported {
        uint64_t token;
        uint32_t generation;
        uint64_t count; /* references sent and not given back */
        uint32_t next_order;
        uint16_t hash_next;
        uint16_t next; /* free list, or DEAD queue */
        uint16_t reason;
        uint8_t state; /* enum export_state */
        uint8_t type;  /* enum wire_capability_kind */
        bool dead_queued;
        bool stalled; /* in the queue of those whose first held message waits for room */
        uint16_t stalled_next;
        struct held *held;
};

struct imported {
        uint32_t generation; /* 0: never seen */
        uint64_t count;      /* references received and not given back */
        uint16_t calls;      /* slots of ours that calls and sends through it have */
        uint32_t next_order;
        uint64_t serial; /* part of the core_import_t; 0: not in use */
        uint16_t pins;   /* messages in transit that name it: no RELEASE may overtake them */
        uint16_t next;   /* RELEASE queue */
        uint16_t reason; /* dead: why; else 0 */
        uint8_t type;
        bool live; /* the environment holds rights that stand for it */
        bool release_queued;
};

/* A frame in a packet, which is sent again if that is lost. */
struct item {
        uint8_t type;         /* enum wire_frame_type */
        uint8_t first, count; /* of a message: the run of granules */
        bool is_void;         /* … that was withdrawn */
        uint16_t index;       /* reference to an outgoing message, slot of a CANCEL, or export id */
        uint32_t tag;         /* low half of the call's sequence, generation, or release sequence */
};

struct sent_packet {
        uint64_t number;
        uint64_t time;
        uint32_t first; /* of its items, in sent.note */
        uint8_t places; /* how many it takes: one for each WIRE_PLACE bytes begun */
        bool large;     /* it has more than WIRE_PACKET_BASE bytes */
        bool in_flight;
        bool probed; /* what it carried went out again as a probe */
        uint8_t items;
};

struct sent {
        struct sent_packet ring[SENT_RING]; /* by number % SENT_RING */
        struct item note[SENT_NOTES];       /* their items, one after the other, by % SENT_NOTES */
        uint32_t noted;                     /* items so far */
        uint64_t next;                      /* number of the next packet, from 1 */
        uint64_t lowest;                    /* none below is in flight */
        uint64_t largest_acked;             /* 0: none */
        uint64_t last_eliciting;            /* when the last ack-eliciting packet was sent */
        uint64_t loss_time;                 /* when the time threshold passes, or CORE_NEVER */
        uint64_t recovery_start;            /* packets sent before do not shrink the window again */
        uint64_t srtt, rttvar, latest;      /* round trips: smoothed, its variation, the last */
        uint32_t in_flight;                 /* places, as all that follow */
        uint32_t window, threshold, growth; /* congestion */
        uint64_t round;                     /* once this number is acknowledged, the next begins */
        uint32_t round_acked, round_lost;   /* whose fate became known in this round */
        uint32_t loss_share;                /* of 1,024 so many are lost, on the average */
        uint32_t credit;                    /* the peer's */
        uint32_t probes;                    /* packets that may be sent beyond the window */
        uint32_t timeouts;                  /* probe time-outs without an ACK between */
        uint64_t lost_count;
};

/* What is known of the way to the peer (path.h). Sizes are granules of one packet. */
struct path {
        size_t theirs;       /* bytes that the peer says it takes */
        uint64_t due;        /* end of the rest; 0: it searches */
        uint64_t pause;      /* how long the next one is */
        uint8_t most;        /* what both ends take */
        uint8_t size;        /* what has been acknowledged; or WIRE_SHORT */
        uint8_t refused;     /* tried in vain; most + 1: nothing was */
        uint8_t probing;     /* the probe that is under way; or 0 */
        uint8_t tries;       /* of that size, lost */
        uint8_t flights;     /* in a row of which large packets were lost */
        uint64_t flight_end; /* number of the first packet behind the last of these */
        uint64_t proven;     /* number of the latest large packet that has arrived */
};

struct received {
        uint64_t map[RECEIVED_WINDOW / 64]; /* bit number % RECEIVED_WINDOW */
        uint64_t largest;                   /* 0: none */
        uint64_t gapless;                   /* from this number to the largest all have come */
        uint64_t largest_time;
        uint64_t ack_deadline;
        uint32_t unacked;        /* ack-eliciting packets since the last ACK sent */
        uint32_t unacked_places; /* … in their sender's window */
        bool ack_now;
        uint64_t count;
        uint64_t busy[RECEIVED_BUSY]; /* numbers of packets that there was no room for */
        unsigned busy_count;
        uint64_t asked_until; /* who was refused may ask until then */
};

struct release_batch {
        uint32_t sequence; /* 0: free */
        uint8_t count;
        bool unsent;
        struct wire_release_entry entry[WIRE_RELEASE_MAX];
};

struct releases {
        struct release_batch ring[RELEASE_RING]; /* by sequence % RELEASE_RING */
        uint32_t next;                           /* sequence of the next batch, from 1 */
        uint32_t resend;                         /* batches with `unsent` set */
        uint32_t seen;                           /* largest sequence received */
        uint64_t seen_map;                       /* bit i: seen - i was received */
        uint64_t deadline;                       /* when waiting entries go out alone */
        bool fresh;                              /* some wait since the last flush */
};

struct queue {
        uint16_t head, tail;
};

struct peer;
struct protection;
struct secure;

struct session {
        struct core *core;
        struct peer *peer;
        uint32_t serial;
        uint32_t local_index, remote_index;
        uint64_t local_nonce, remote_nonce;
        struct protection *protection; /* its keys (secure.h); NULL: it is in clear */
        uint8_t epoch[16];
        uint16_t failed; /* reason of a protocol error, or 0 */
        bool confirmed;  /* a packet of this session has come */
        uint8_t pings;   /* to be sent */
        bool touched;    /* since the last flush: something may wait, and `due` may be another */
        uint64_t due;    /* when session_tick() or a flush has something to do, unless touched */
        uint64_t confirm_time; /* when to repeat the CONFIRM */
        uint64_t last_heard;
        uint64_t calls_deadline; /* not later than the first deadline of a waiting call */

        struct sent sent;
        struct path path;
        struct received received;
        struct releases releases;
        struct queue ready[READY_QUEUES]; /* messages, by how much of them is left (queues.h) */
        struct queue parked[2];           /* those without room at the peer: requests, answers */
        struct queue cancels, dead, release, stalled;
        uint32_t ready_map;  /* bit i: ready[i] is not empty */
        uint32_t turns;      /* packets that could carry messages */
        uint32_t started;    /* messages, so far */
        uint64_t resume;     /* when one of those that are parked asks, or CORE_NEVER */
        uint64_t pause;      /* how long the next one waits */
        uint32_t asks;       /* for room, so far */
        bool oldest_asked;   /* the last time that one asked at `resume` */
        struct held *doomed; /* will not be executed, and are about to be refused */
        bool dooming;
        uint64_t short_until; /* for so long short messages (WIRE_SHORT) have lately been sent */

        uint16_t call_count;   /* slots that both sides allow */
        uint16_t calls_free;   /* free list */
        uint16_t calls_used;   /* not free */
        uint16_t exports_free; /* free list */
        uint16_t exports_left; /* its length */
        uint16_t export_count; /* ids below this may be used */
        uint16_t exports_used; /* but the root */
        uint16_t imports_used; /* with count > 0, but the root */
        uint16_t held_count;   /* bounded by the number of call slots */
        uint16_t served_used;  /* not idle */
        uint32_t content_in;   /* bytes kept of messages from the peer … */
        uint32_t content_out;  /* … and to it; bounded by the configuration */
        struct call_slot *calls;
        struct served_slot *served;
        struct exported *exports;
        struct imported *imports;
        uint16_t export_hash[EXPORT_BUCKETS];
};

struct peer {
        bool used;
        bool was_up;
        uint8_t slot;
        uint16_t reason;
        uint64_t node;
        char name[16];
        uint8_t epoch[16];
        struct core_address address;
        struct session *session;
        uint64_t heard;          /* the last hello */
        uint8_t hello_epoch[16]; /* what it gave */
        /* Our half of the next session, until that is established. */
        uint64_t nonce; /* 0: none made */
        uint32_t index;
        uint8_t offers;      /* sent without an answer */
        uint64_t offer_time; /* when to repeat it, or CORE_NEVER */
};

/* A hello that was not believed: what was logged last. */
struct refusal {
        uint64_t node;
        const char *why;
        uint64_t time;
};

struct core {
        struct core_environment environment;
        struct core_config config;
        uint8_t epoch[16];
        uint64_t root; /* token or 0 */
        uint64_t beacon_time;
        uint64_t last_tick;
        bool link_up;       /* the driver says so */
        uint64_t link_lost; /* since when we have no link that was seen to work, or CORE_NEVER */
        uint64_t unlinked;  /* packets that came while there was none */
        uint32_t beacons;
        uint64_t import_serial;
        uint32_t session_serial;
        struct refusal refusal;
        unsigned resumed;    /* so often */
        unsigned peers_seen; /* slots from here on were never used */
        struct peer *peers;
        struct secure *secure; /* NULL: in clear */
};

static inline void queue_init(struct queue *queue)
{
        queue->head = NO_INDEX;
        queue->tail = NO_INDEX;
}

static inline void *core_allocate(struct core *core, size_t size)
{
        return core->environment.allocate(core->environment.context, size);
}

static inline void core_release(struct core *core, void *memory)
{
        core->environment.release(core->environment.context, memory);
}

static inline void core_log(struct core *core, enum core_log level, const struct peer *peer,
                            const char *text, const char *what, uint64_t value)
{
        core->environment.log(core->environment.context, level, peer ? peer->name : "", text, what,
                              value);
}

static inline bool same_address(struct core_address a, struct core_address b)
{
        return a.ipv4 == b.ipv4 && a.port == b.port;
}

static inline uint64_t earlier(uint64_t a, uint64_t b)
{
        return a < b ? a : b;
}

/* Numbers of an order wrap round, and leave 0 out. */
static inline uint32_t order_after(uint32_t order)
{
        return order + 1 ? order + 1 : 1;
}

static inline bool order_before(uint32_t a, uint32_t b)
{
        return (int32_t)(a - b) < 0;
}

#endif
