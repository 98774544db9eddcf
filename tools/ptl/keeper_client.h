/* The keeper's clients: connections with lines both ways, and no more. */
#ifndef PTL_KEEPER_CLIENT_H
#define PTL_KEEPER_CLIENT_H

#include "tools/ptl/keeper_state.h"

/* Takes a connection that is there; returns the client, or NULL, having refused it, if there are
 * too many. */
struct client *client_add(struct keeper *keeper, int fd);

/* Called with each line that a client sends. */
typedef void client_line(struct keeper *keeper, struct client *client, char *line);

/* Reads what the client has sent. If it is gone, so is the client, and with one that is bound the
 * cluster ends. */
void client_read(struct keeper *keeper, struct client *client, client_line *function);

/* A longer line is cut. */
enum { CLIENT_LINE = LINE_MAX_BYTES };

/* Sends a line to one client, and to all that wait for something. A client that does not read is
 * dropped. */
__attribute__((format(printf, 3, 4))) void client_send(struct keeper *keeper, struct client *client,
                                                       const char *format, ...);
__attribute__((format(printf, 2, 3))) void clients_tell(struct keeper *keeper, const char *format,
                                                        ...);

#endif
