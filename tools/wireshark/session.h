/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conversations and their sessions, for what learns from packets (track.h): session.c, sealed.c,
 * track.c. Nobody else looks into them. */
#ifndef WIRESHARK_SESSION_H
#define WIRESHARK_SESSION_H

#include "tools/wireshark/track.h"

struct key;
struct opener;

/* By direction of the packets that carry it: `index` is in their outer header, `name` is their
 * sender's, `repeats` has the control frames that they carried, `opener` opens them. */
struct session {
        guint32 serial;
        guint32 index[2]; /* 0: not known yet */
        const char *name[2];
        wmem_map_t *numbers[2];     /* packet number → frame */
        wmem_map_t *repeats[2];     /* of control frames → frame */
        wmem_map_t *calls[2];       /* call id → struct call, by the caller's direction */
        struct exports *exports[2]; /* of their senders */
        guint32 unseen[2]; /* the last frame of whose packet the rest is not in the capture */
        struct peering *peering;
        const struct handshake *handshake; /* that made it; NULL: in clear, or not seen */
        const struct key *key;             /* NULL: in clear, or not known */
        struct opener *opener[2];          /* NULL: there is no key */
};

/* Two addresses that talk. */
struct peering {
        wmem_map_t *sessions[2]; /* receiver index → struct session */
        wmem_map_t *attempts[2]; /* nonce and kind → struct hello_note, by the sender's direction */
        wmem_map_t *handshakes[2]; /* initiator's index → struct handshake, by its direction */
        struct session *latest;
        bool heard[2]; /* the capture has packets of this direction */
};

/* Notes beside a packet: number 0 is the packet's, and its frames have those from 1. */
void *note_get(packet_info *pinfo, unsigned index);
void note_put(packet_info *pinfo, unsigned index, void *note);

/* The packet's first note, in whichever layer. It becomes `note` if there is none (and that is not
 * NULL). */
void *note_first(packet_info *pinfo, void *note);

/* Whether nothing is to be learnt from the packet: it was seen before, or is quoted in an error. */
bool is_over(const packet_info *pinfo);

/* 0 or 1. */
int direction_of(const packet_info *pinfo);

struct peering *peering_of(packet_info *pinfo);

struct session *session_new(struct peering *peering);

/* The packets of that direction have that index in their header; 0: it is not known. */
void session_index(struct session *session, int direction, guint32 index);

/* The session to which a packet belongs; of one whose beginning was not seen, what was last said
 * between the two tells. */
struct session *session_of(struct peering *peering, int direction, guint32 index);

/* A new note beside a packet of the session, or of none yet (NULL). */
struct packet_note *packet_note_new(packet_info *pinfo, struct session *session);

/* Another file: numbers begin anew, keys are read anew. */
void session_reset(void);
void sealed_reset(void);

#endif
