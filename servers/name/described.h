/* What init knows of the system description, for all nodes: asked for once, before anybody is served. */
#ifndef NAME_DESCRIBED_H
#define NAME_DESCRIBED_H

#include "cluster/core/expected.h"
#include "kernel/abi/outcome.h"

/* What there is no room for is said in the log, and not expected then. */
outcome_t described_read(struct expected *expected);

#endif
