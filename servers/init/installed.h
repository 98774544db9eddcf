/* Programs that somebody has put in the place of a component's own (proc.install): a component is
 * started anew with one, and goes back to what it ran before if that does not do.
 *
 *      of the archive ──install──> ON TRIAL ──served, and ran 30 s or until the next came──> kept
 *            ^                        │
 *            └──the one before────────┘ its runs have failed INSTALLED_FAILURES times in a row
 *
 * They are in init's own memory, SHARE_INSTALLED bytes of a node for all of them together, and are
 * gone when the node boots again. An image stays where it is until no run of it is left. */
#ifndef INIT_INSTALLED_H
#define INIT_INSTALLED_H

#include "servers/init/init.h"

enum { INSTALLED_FAILURES = 3 };

/* Puts a program in place for the component's next run: `bytes` of a snapshot, which is the
 * receiver's to read. NULL: it is, and on trial; else a sentence that says why it cannot be, which
 * may be constant, and nothing has changed. The component does not run meanwhile, or ends before
 * its next start. */
const char *installed_put(struct init *init, struct component *component,
                          const struct received_cap *program, uint64_t bytes);

/* The program that was installed for the component; false: it has that of the archive. */
bool installed_program(const struct component *component, struct text *program);

/* Whether a long run of the component's program says that it does: what is on trial may have hung
 * all that time, and only what has served is worth keeping. */
bool installed_has_served(const struct component *component);

/* The component's program has shown that it does: what was there before is given up. */
void installed_keep(struct component *component);

/* It does not, and is no longer run: back to what was there before. */
void installed_return(struct component *component);

/* Answers whoever installed a program and waits for its start, if it is known by now how that went.
 */
void installed_tell(struct init *init, struct component *component);

#endif
