/* The application watches the membership as the transport of some node knows it, its own or
 * another's: reads the table, begins a watch, and reads again only when that is signalled. What it
 * believes at the end has to be true, so no change was missed. */
#ifndef SIM_USER_VIEW_H
#define SIM_USER_VIEW_H

#include "servers/rt/serve/serve.h"

/* `key`: of its call object's completions. False: the kernel has nothing to make it of. */
bool view_init(struct server *server, uint64_t key);

/* Looks whether something is to be done; returns when it is to be called again. */
uint64_t view_work(uint64_t now);

void view_completed(void);
/* The server's own event was signalled. */
void view_signalled(void);
/* Drops all that it holds, for good. */
void view_drop(void);

#endif
