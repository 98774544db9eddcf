/* Deaths, and what follows: restart_policy of cluster/system/manifest.h. */
#ifndef INIT_SUPERVISE_H
#define INIT_SUPERVISE_H

#include "servers/init/init.h"

/* Ends a component's run by force, or takes note of its end; then its restart policy holds. `why`
 * goes on the console. */
void component_end(struct init *init, struct component *component, const char *why);

/* It cannot run: says so, and does not try again until somebody starts it by hand. */
void component_give_up(struct init *init, struct component *component, const char *why);

/* Starts one that does not run, whatever its policy. False: it runs, or is about to. */
bool component_start(struct init *init, struct component *component, uint64_t now);

/* Looks for signs of life, and starts those anew whose time has come. */
void supervise_work(struct init *init, uint64_t now);

/* Looks for a death among the components, after the event said that there is one. */
void supervise_deaths(struct init *init);

#endif
