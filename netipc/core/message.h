/* Messages as bytes: from the core's form into content and fragments, and back.
 *
 * Content is counted in granules (granules.h). A fragment is a run of them, as long as the packet
 * at hand takes, so what was lost goes again in other fragments than before, and those of a message
 * may overlap: each granule counts once, at either end.
 *
 * An outgoing message owns its content until all granules are acknowledged. Its descriptors say
 * which exports it counted (given back if it is withdrawn) and which imports it pins. An incoming
 * one is collected in a buffer of its announced size; one that comes in one fragment is read where
 * it lies. */
#ifndef NETIPC_MESSAGE_H
#define NETIPC_MESSAGE_H

#include "netipc/core/state.h"

/* --- out ------------------------------------------------------------------------------------- */

/* Whether there is memory left for the content of a message, or never will be. */
bool outgoing_has_room(const struct session *session, const struct core_message *message);

/* Makes content and header of a message from *message (NULL: empty); its fields that say what it
 * is (flags, call, export, order, outcome) are the caller's to set afterwards. On failure, an
 * outcome of class not executed, nothing has changed: MALFORMED, OVERLOADED (exports used up),
 * NO_MEMORY. */
outcome_t outgoing_fill(struct session *session, struct outgoing *out,
                        const struct core_message *message);

/* Queues a filled message. */
void outgoing_start(struct session *session, uint16_t reference);

/* A run of granules, as the header of its fragment says it. */
struct run {
        unsigned first, count;
        uint32_t length; /* bytes */
};

/* The run that goes next, of a message of several granules that has something to send, if a
 * fragment may have so many bytes. A short message goes whole. count 0: it does not fit. */
struct run outgoing_next(const struct outgoing *out, size_t room);

/* That run was transmitted. */
void outgoing_sent_run(struct outgoing *out, const struct run *run);

static inline void outgoing_sent(struct outgoing *out, const struct run *run)
{
        if (out->granules > 1) {
                outgoing_sent_run(out, run);
                return;
        }
        out->fresh = 1;
        out->again = 0;
}

/* Whether all of an active message was transmitted, at least once. */
static inline bool outgoing_was_sent(const struct outgoing *out)
{
        return out->fresh == out->granules;
}

/* The fragment that the item stands for was acknowledged. True: nothing of the message is left, and
 * outgoing_end() was called. */
bool outgoing_acked(struct session *session, struct outgoing *out, const struct item *item);

/* A packet with a fragment was lost, or refused for lack of room: what of it has not come after all
 * goes out again, at once or when the peer has room. */
void outgoing_lost(struct session *session, struct outgoing *out, const struct item *item,
                   bool refused);

/* What is known of the granules before `fresh`, of a message of several. */
static inline struct unsettled *outgoing_unsettled(const struct outgoing *out)
{
        core_assert(out->granules > 1);
        return (struct unsettled *)(void *)(out->content + granules_behind(out->header.total));
}

/* The message needs no more transmission: unpins, frees. Does nothing if it is not active. */
void outgoing_end(struct session *session, struct outgoing *out);

/* As outgoing_end(), but the peer will never see it: its references are taken back too. */
void outgoing_withdraw(struct session *session, struct outgoing *out);

/* --- in -------------------------------------------------------------------------------------- */

enum incoming_result {
        INCOMING_MORE,     /* taken, granules are missing */
        INCOMING_COMPLETE, /* *content holds header.total bytes */
        INCOMING_RETRY,    /* no memory: the packet must not be acknowledged */
        INCOMING_BAD,      /* protocol error */
};

/* Adds a MSG frame. When complete, in->header is the message's and *content its content: in the
 * frame itself, or in in->content. */
enum incoming_result incoming_add(struct session *session, struct incoming *in,
                                  const struct wire_frame *frame, uint64_t now,
                                  const uint8_t **content);

/* Makes in->content own what a complete message's content points to. False without memory. */
bool incoming_keep(struct session *session, struct incoming *in, const uint8_t *content);

/* Marks the session, returns INCOMING_BAD. */
enum incoming_result incoming_bad(struct session *session, const char *what);

void incoming_free(struct session *session, struct incoming *in);

/* The core's form of a complete message. Counts its capabilities into the import table; each must
 * then go to message_handed() or message_unwanted(). False on a protocol error. */
bool message_read(struct session *session, const struct incoming *in, const uint8_t *content,
                  struct core_message *message);

/* The environment has taken the message's capabilities. */
void message_handed(struct session *session, const struct core_message *message);

/* Nobody took them: they are given back. */
void message_unwanted(struct session *session, const struct core_message *message);

#endif
