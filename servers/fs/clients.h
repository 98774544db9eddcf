/* Those who hold a right to the service of their own (fs.client): of what the server has for all,
 * open files and locks, each has a share (servers/rt/pure/share.h). Those who use the right that is
 * registered are one client together, without a bound.
 *
 *      badge of a client: bit 62 set, the place's generation in bits 16..61, its number below
 *
 * A place is free when nobody holds the right, and nothing that it has opened is open. Pure. */
#ifndef FS_CLIENTS_H
#define FS_CLIENTS_H

#include <stdbool.h>
#include <stdint.h>

enum { CLIENTS = 256 };

struct client {
        uint64_t badge; /* 0: the place is free */
        bool held;      /* somebody has the right */
        uint32_t opens;
};

/* All zero: there are none but the one that all others are. */
struct clients {
        struct client list[CLIENTS]; /* the first is those without a right of their own */
        uint64_t count;              /* of generations */
};

/* A new one: its badge; 0: there is no place. */
uint64_t client_add(struct clients *clients);

/* The client of a badge, which may be any; NULL: it is none's. */
struct client *client_find(struct clients *clients, uint64_t badge);

/* One more file is open, or one less. */
void client_opened(struct client *client);
void client_closed(struct client *client);

/* Nobody holds the right any more. */
void client_gone(struct client *client);

#endif
