/* Messages as bytes: from the core's form into content and fragments, and back.
 *
 * An outgoing message owns its content until all fragments are acknowledged. Its descriptors say
 * which exports it counted (given back if it is withdrawn) and which imports it pins. An incoming
 * one is collected in a buffer of its announced size; a message of one fragment is read where it
 * lies. */
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

/* A fragment was acknowledged. True: it was the last, and outgoing_end() was called. */
bool outgoing_acked(struct session *session, struct outgoing *out, unsigned fragment,
                    uint16_t reference);

/* A packet with a fragment was lost, or refused for lack of room: it goes out again, at once or
 * when the peer has room, unless it has come after all. */
void outgoing_lost(struct session *session, struct outgoing *out, unsigned fragment,
                   uint16_t reference, bool refused);

/* The message needs no more transmission: unpins, frees. Does nothing if it is not active. */
void outgoing_end(struct session *session, struct outgoing *out);

/* As outgoing_end(), but the peer will never see it: its references are taken back too. */
void outgoing_withdraw(struct session *session, struct outgoing *out);

static inline uint64_t fragments_map(uint32_t total, uint32_t size)
{
        uint32_t count = total ? (total + size - 1) / size : 1;
        return count < 64 ? (1ull << count) - 1 : UINT64_MAX;
}

/* --- in -------------------------------------------------------------------------------------- */

enum incoming_result {
        INCOMING_MORE,     /* taken, fragments are missing */
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
