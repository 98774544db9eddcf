/* A listening socket of a poll loop. Where the process has no descriptor left, poll goes on saying
 * that there is a connection that accept cannot take: the loop would spin. So a descriptor is kept
 * in reserve, in whose place the connection is taken, told why, and closed. Where even that fails,
 * the listener rests, and is tried again a moment later. */
#ifndef TOOLS_LISTENER_H
#define TOOLS_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

struct listener {
        int fd;      /* -1: not open */
        int spare;   /* given up for a connection that is to be refused; -1: none */
        int64_t due; /* clock_ms() until which it rests; 0: it does not */
};

enum { LISTENER_REST_MS = 250 };

/* Listens at a path (tools/lib/socket.h). False with errno. */
bool listener_open(struct listener *listener, const char *path);

/* What to give to poll: -1 while it rests; and by when poll is to return for it, or INT64_MAX. */
int listener_poll(struct listener *listener);
int64_t listener_due(const struct listener *listener);

/* Takes a connection, close-on-exec and blocking. -1 if there is none to take; what cannot be taken
 * for want of descriptors has then been sent `refusal`, a line with its newline. */
int listener_accept(struct listener *listener, const char *refusal);

/* Refuses a connection that was taken. */
void listener_refuse(int connection, const char *refusal);

void listener_close(struct listener *listener);

#endif
