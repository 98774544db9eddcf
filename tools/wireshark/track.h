/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one packet must know of the others: sessions, calls and what was sent before.
 *
 *      conversation (two addresses and ports)
 *        ├─ hellos and handshakes              → which answers which
 *        └─ session (a receiver index in each direction)
 *             ├─ keys, if there are any       → opened packets
 *             ├─ packet numbers seen           → duplicates
 *             ├─ RELEASE and DEAD frames seen  → retransmissions
 *             ├─ exports of each node         → capability tables
 *             └─ call (caller's direction, call id)
 *                  ├─ request: fragments seen  → retransmissions, reassembly
 *                  └─ reply: fragments seen
 *
 * All of it is learnt when a packet is dissected for the first time, in the order of the capture,
 * and noted beside the packet; later dissections only read the notes. So a note never depends on
 * the order in which a user clicks, while calls and messages, to which notes point, are complete
 * from the second pass on.
 *
 * Two directions are one session if a hello's nonces, a handshake or a key log say so. Of a capture
 * that begins later, the first index seen in one direction is paired with the first seen in the
 * other. What does not open under the keys of its session changes nothing.
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
        guint32 missing;        /* granules of its content */
        guint32 *came;          /* by granule: the frame in which it came first, or 0 */
};

struct call {
        guint32 number; /* in the file, from 0 */
        guint16 interface, method;
        const char *subject; /* the first text among its arguments, or NULL */
        struct message request, reply;
        nstime_t start;          /* of the request's first fragment */
        nstime_t end;            /* when the reply was whole */
        nstime_t elapsed;        /* valid if both are known */
        guint32 cancel_frame[2]; /* first CANCEL because of the deadline, or of anything else */
        guint32 withdrawn_frame;
};

struct session;
struct cipher_key;
struct export;
struct exports;

struct hello_note {
        guint32 frame;
        guint32 index;       /* that its sender gave */
        guint32 answers;     /* frame of the hello whose nonce it gives back, or 0 */
        guint32 answered_in; /* frame of the hello that gives its nonce back, or 0 */
        const char *name;    /* of its sender */
};

/* What belongs to one INITIATION. */
struct handshake {
        guint32 frame;        /* of the INITIATION */
        guint32 answer_frame; /* of the RESPONSE, or 0 */
        guint32 cookie_frame; /* of the COOKIE, or 0 */
        int direction;        /* of the INITIATION */
        guint32 index;        /* that the initiator gave */
        const char *name;     /* of the initiator, or NULL */
        guint8 ephemeral[32]; /* the initiator's */
};

struct packet_note {
        struct session *session; /* NULL: of a handshake that has made none */
        int direction;           /* 0 or 1 */
        guint32 serial;          /* of the session, or 0 */
        const char *from, *to;   /* names of nodes, or NULL */
        guint32 duplicate_of;    /* frame of the same packet, or 0 */

        const struct handshake *handshake; /* of INITIATION, RESPONSE, COOKIE: or NULL */

        const struct cipher_key *key; /* of SEALED: opens it */
        const char *closed;           /* … NULL then; else why nothing opens it */
        bool damaged;                 /* … there is a key, and it does not fit */
        bool part;                    /* … the capture has only the beginning; the key may fit */
        const char *cipher;           /* … its name, or NULL */
};

struct frame_note {
        const struct call *call;       /* MSG and CANCEL: or NULL */
        guint32 trace;                 /* … number of its trace in the file, from 0 */
        const struct message *message; /* MSG: or NULL */
        guint32 repeats;               /* frame in which it, or part of it, was sent before, or 0 */
        const char *violation;         /* what contradicts earlier packets, or NULL */
        bool added;                    /* MSG: a fragment of which not all was seen before */
        bool completes;                /* MSG: its message is whole with this fragment */
        bool gives;                    /* it changed a capability table */
};

/* Those below are called once for each packet or frame, in order, with what passed its checks. They
 * give the note, or NULL if the packet is not tracked (a beacon, or quoted in an ICMP error).
 * `index` counts the frames of the packet. */
const struct hello_note *track_hello(packet_info *pinfo, const struct wire_hello *hello);
const struct packet_note *track_packet(packet_info *pinfo, const struct wire_outer *outer);
const struct packet_note *track_initiation(packet_info *pinfo, guint32 index, guint64 node,
                                           const guint8 ephemeral[32]);
/* A RESPONSE or a COOKIE. */
const struct packet_note *track_answer(packet_info *pinfo, const struct wire_outer *outer);
/* `packet` has `length` bytes; 0: the capture has not all of it, but the outer header. */
const struct packet_note *track_sealed(packet_info *pinfo, const struct wire_outer *outer,
                                       const guint8 *packet, unsigned length);
const struct frame_note *track_frame(packet_info *pinfo, const struct packet_note *packet,
                                     unsigned index, const struct wire_frame *frame);

/* The note of the first frame that is of a call, or NULL; also when the packet's dissection is
 * over. */
const struct frame_note *track_first(packet_info *pinfo);

/* What a whole message says: a text among its arguments, a capability of that parameter (or NULL).
 * */
void track_subject(packet_info *pinfo, const struct frame_note *note, const char *text);
void track_capability(packet_info *pinfo, const struct packet_note *packet,
                      const struct frame_note *note, const struct wire_capability *capability,
                      const char *parameter);

/* A right that the packet's sender, or its receiver, has given to the other; NULL: not known. */
const struct export *track_export(const struct packet_note *packet, bool of_sender, guint32 id,
                                  guint32 generation);

/* All that the packet's sender, or its receiver, has given to the other. */
struct exports *track_exports(const struct packet_note *packet, bool of_sender);

/* The rest of the packet is not in the capture, and nobody knows what it held. */
void track_unseen(packet_info *pinfo, const struct packet_note *packet);

/* Why it is not known whether a call in this packet was answered, if no reply was seen; NULL: it is
 * known, since the capture has all that the other node sent. From the second pass on. */
const char *track_replies_unknown(const packet_info *pinfo, const struct packet_note *packet);

/* Another file begins. */
void track_reset(void);

/* Frame in which the call was first cancelled, or 0. */
guint32 call_cancel_frame(const struct call *call);

#endif
