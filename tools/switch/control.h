/* The control socket: a unix stream socket that several clients may use at once, line by line.
 *
 * A client's commands are answered in order. One that asked for events is told of each; a client
 * that does not read what it is told, or sends a line without end, is disconnected. */
#ifndef SWITCH_CONTROL_H
#define SWITCH_CONTROL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "tools/lib/listener.h"
#include "tools/switch/buffer.h"
#include "tools/switch/problem.h"

enum { CLIENTS_MAX = 32, LINE_MAX_BYTES = 1024 };

struct control_env {
        void *context;
        /* Runs a line and adds the answer; true if the client wants events. */
        bool (*run)(void *context, const char *line, struct buffer *answer);
};

struct client {
        int fd; /* -1: a free slot */
        bool wants_events;
        bool half_closed; /* it says nothing more, but may still listen */
        char line[LINE_MAX_BYTES];
        size_t used;
        struct buffer out;
};

struct control {
        struct control_env env;
        const char *path;
        struct listener listener;
        struct client clients[CLIENTS_MAX];
};

/* Listens at a path, which stays the caller's. A socket there that nobody listens at is replaced;
 * one with a listener is a problem. */
bool control_open(struct control *control, const char *path, struct control_env env,
                  struct problem *problem);

/* Adds what to poll for: at most CLIENTS_MAX + 1 entries. Returns how many. *due becomes the time
 * (ms of the monotonic clock) by which to poll anew whatever happens, or INT64_MAX. */
size_t control_poll(struct control *control, struct pollfd *polls, int64_t *due);

/* Handles what poll found in those entries. */
void control_handle(struct control *control, const struct pollfd *polls, size_t count);

/* Tells each client that asked for events: `event LINE`. */
void control_event(struct control *control, const char *line);

/* Sends what can be sent at once, disconnects all, and removes the socket. */
void control_close(struct control *control);

#endif
