/* Asks init, once and before anybody is served, what the system description has on all nodes. */
#ifndef NAME_DESCRIBED_H
#define NAME_DESCRIBED_H

#include "cluster/core/expected.h"
#include "kernel/abi/outcome.h"

/* A name that there is no room for is logged, and counts as not described. */
outcome_t described_read(struct expected *expected);

#endif
