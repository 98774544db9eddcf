/* How large packets to a peer may be: path MTU discovery by acknowledged probes (RFC 8899).
 *
 *      ┌── SEARCH ── nothing is left to be tried ──> REST ──┐
 *      ^    probes, one at a time                           │
 *      └──────────────────── the pause is over ─────────────┘
 *
 * Sizes are numbers of granules in one frame (wire_packet_size): from WIRE_SHORT, which every path
 * takes, to what both ends say that they take. That is tried first, then what Ethernets take
 * (WIRE_PACKET_USUAL), then halves of what is left between what was acknowledged and what was tried
 * PATH_TRIES times in vain. A probe carries nothing else, and its loss says nothing of congestion.
 *
 * Nothing is believed but acknowledgements, and these only for as long as large packets arrive:
 * when PATH_FLIGHTS flights of them in a row were lost, and none that was sent later has come, the
 * path swallows them, and packets are small until the next search. So are those that are sent while
 * a probe time-out has no answer, which the search waits for, too: then large ones may be why.
 *
 * Each direction is a path of its own, searched by who sends on it. */
#ifndef NETIPC_PATH_H
#define NETIPC_PATH_H

#include "netipc/core/state.h"

enum { PATH_TRIES = 3, PATH_FLIGHTS = 3 };

/* ns until what did not go is tried again; it doubles each time. */
#define PATH_PAUSE_MIN (1000 * MILLISECOND)
#define PATH_PAUSE_MAX (64000 * MILLISECOND)

/* Start of a session: the peer takes UDP payloads of `theirs` bytes at most, so it says. */
void path_init(struct session *session, size_t theirs);

/* This node takes payloads of another size now (core_set_packet_size). */
void path_bound(struct session *session);

/* The size of the packets that may be sent now: bytes of UDP payload. */
size_t path_packet_size(const struct session *session);

/* Whether path_probe() may have something. */
static inline bool path_is_due(const struct session *session, uint64_t now)
{
        return now >= session->path.due;
}

/* How many granules the packet is to have room for that is to be sent as a probe; 0: none is to be
 * sent now. */
unsigned path_probe(struct session *session, uint64_t now);

/* Whether a probe could be sent: the peer is there, and answers. So a session's first packet is a
 * small one, by which the network learns where the peer is, and the round trip is measured. */
bool path_is_open(const struct session *session);

/* When path_probe() has something: ns, or CORE_NEVER. */
static inline uint64_t path_deadline(const struct session *session)
{
        uint64_t due = session->path.due;
        return due != CORE_NEVER && path_is_open(session) ? due : CORE_NEVER;
}

void path_probe_acked(struct session *session, unsigned granules);
void path_probe_lost(struct path *path, unsigned granules);

/* A packet that was no probe has arrived, or was lost. */
void path_arrived(struct path *path, const struct sent_packet *packet);
void path_lost(struct session *session, const struct sent_packet *packet, uint64_t now);

#endif
