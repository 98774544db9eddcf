/* A session: from the handshake's end until the peer is silent for too long, says CLOSE, breaks the
 * protocol, or meets us anew. */
#ifndef NETIPC_SESSION_H
#define NETIPC_SESSION_H

#include "netipc/core/state.h"

/* Makes the peer's next session of our prepared nonce and index and of its hello, and tells the
 * environment. Precondition: no session stands. False without memory. */
bool session_begin(struct core *core, struct peer *peer, const struct wire_hello *hello,
                   bool confirmed, uint64_t now);

/* Ends the peer's session, if any: fails its calls, drops its tables, tells the environment. */
void session_end(struct core *core, struct peer *peer, enum reason reason);

/* Marks a protocol error: session_reap() will end the session. */
void session_fail(struct session *session, const char *what);

/* Ends the session if it is marked, with a CLOSE to the peer. */
void session_reap(struct core *core, struct peer *peer, uint64_t now);

/* A clear packet for this session, its trailer already checked. */
void session_packet(struct session *session, const struct wire_outer *outer, const uint8_t *frames,
                    size_t length, uint64_t now);

/* Does what is due in a session, but transmits nothing. False if the peer was silent for too
 * long. */
bool session_tick(struct session *session, uint64_t now);

/* When session_tick() or session_flush() has something to do, if nothing happens before. It is kept
 * from flush to flush: whatever changes a session touches it. */
uint64_t session_deadline(const struct session *session);

/* Whether the deadline that was kept is that of the session's state. For tests. */
bool session_deadline_is_true(const struct session *session);

/* Transmits what waits in a session that was touched, or in which something is due. */
void session_flush(struct session *session, uint64_t now);

#endif
