/* Deaths, and what follows: restart_policy of cluster/system/manifest.h. */
#ifndef INIT_SUPERVISE_H
#define INIT_SUPERVISE_H

#include "servers/init/init.h"

/* Ends a component's run, or notes that it has ended; then the restart policy applies. `why` is
 * written to the console. */
void component_end(struct init *init, struct component *component, const char *why);

/* The same for one that others did not admit, for lack of memory or whatever: that is no failure of
 * its own, so it tries again, at longer and longer intervals, and is not given up for it. */
void component_refused(struct init *init, struct component *component);

/* The component cannot run. Says so, and does not try again until somebody starts it by hand. */
void component_give_up(struct init *init, struct component *component, const char *why);

/* Starts a component whatever its policy. False: it runs, or is about to. */
bool component_start(struct init *init, struct component *component, uint64_t now);

/* Ends a component's run, if it has one, and starts the next one at once: nothing has failed. */
void component_renew(struct init *init, struct component *component, uint64_t now);

/* Looks for signs of life, and restarts components whose pause is over. */
void supervise_work(struct init *init, uint64_t now);

/* Finds out which components have died, after the event said that one has. */
void supervise_deaths(struct init *init);

#endif
