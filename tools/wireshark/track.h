/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one packet must know of the others: sessions, calls and what was sent before.
 *
 *      conversation (two addresses and ports)
 *        └─ session (a receiver index in each direction)
 *             ├─ packet numbers seen           → duplicates
 *             ├─ RELEASE and DEAD frames seen  → retransmissions
 *             └─ call (caller's direction, call id)
 *                  ├─ request: fragments seen  → retransmissions, reassembly
 *                  └─ reply: fragments seen
 *
 * All of it is learnt when a packet is dissected for the first time, in the order of the capture,
 * and noted beside the packet; later dissections only read the notes. So a note never depends on
 * the order in which a user clicks, while calls and messages, to which notes point, are complete
 * from the second pass on.
 *
 * Two directions are one session if a hello's nonces say so. Of a capture that begins later, the
 * first index seen in one direction is paired with the first seen in the other.
 *
 * Everything lives in Wireshark's file scope and goes with the file. */
#ifndef WIRESHARK_TRACK_H
#define WIRESHARK_TRACK_H

#include <epan/packet.h>
#include "netipc/core/wire.h"

/* One direction of a call. */
struct message {
        guint32 serial;         /* unique in the file: names its reassembly */
        guint32 frame;          /* of its first fragment; 0: not seen */
        guint32 complete_frame; /* in which its last missing fragment came; 0: it is not whole */
        struct wire_msg header; /* of the first fragment seen */
        guint32 seen;           /* bytes of content */
        guint32 part_count;
        struct part *parts;
};

struct call {
        guint16 interface, method;
        struct message request, reply;
        nstime_t start;          /* of the request's first fragment */
        nstime_t end;            /* when the reply was whole */
        nstime_t elapsed;        /* valid if both are known */
        guint32 cancel_frame[2]; /* first CANCEL because of the deadline, or of anything else */
        guint32 withdrawn_frame;
};

struct session;

struct packet_note {
        struct session *session;
        int direction;         /* 0 or 1 */
        guint32 serial;        /* of the session */
        const char *from, *to; /* names of nodes, or NULL */
        guint32 duplicate_of;  /* frame with the same packet number, or 0 */
};

struct frame_note {
        const struct call *call;       /* MSG and CANCEL: or NULL */
        const struct message *message; /* MSG: or NULL */
        guint32 repeats;               /* frame in which the same was sent before, or 0 */
        const char *violation;         /* what contradicts earlier packets, or NULL */
        bool added;                    /* MSG: a fragment that was not seen before */
        bool completes;                /* MSG: its message is whole with this fragment */
};

/* Both are called once for each packet or frame, in order, with what passed its checks. They give
 * the note, or NULL if the packet is not tracked (quoted in an ICMP error). `index` counts the
 * frames of the packet. */
const struct packet_note *track_packet(packet_info *pinfo, const struct wire_outer *outer);
const struct frame_note *track_frame(packet_info *pinfo, const struct packet_note *packet,
                                     unsigned index, const struct wire_frame *frame);

/* The rest of the packet is not in the capture, and nobody knows what it held. */
void track_unseen(packet_info *pinfo, const struct packet_note *packet);

/* Why it is not known whether a call in this packet was answered, if no reply was seen; NULL: it is
 * known, since the capture has all that the other node sent. From the second pass on. */
const char *track_replies_unknown(const packet_info *pinfo, const struct packet_note *packet);

/* Learns the indices of sessions from a hello that passed its checks. */
void track_hello(packet_info *pinfo, const struct wire_hello *hello);

/* Another file begins. */
void track_reset(void);

/* Frame in which the call was first cancelled, or 0. */
guint32 call_cancel_frame(const struct call *call);

#endif
