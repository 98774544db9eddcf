/* A component's new program (`ptl push`), on its way from the host to init: it is gathered in a
 * memory object, of which init gets a snapshot when it is whole.
 *
 *      PUSH ──install_begin──> gathering ──PROGRAM: install_add──> whole ──> proc.install
 *
 * What the file is worth init says; here it is bytes. Context: the agent's one thread; nothing
 * blocks but the look for init's name. */
#ifndef AGENT_INSTALL_H
#define AGENT_INSTALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"
#include "servers/common/name.h"
#include "servers/common/remote.h"

/* More than any component's program has, and than init takes. */
enum { INSTALL_MOST = 1 << 20 };

struct install {
        char component[NAME_LONGEST + 1];
        uint64_t size, come; /* bytes of the file; size 0: there is none */
        handle_t memory;
        uint8_t *bytes; /* the object, mapped here */
};

/* Begins to gather it: of 1 to INSTALL_MOST bytes. NO_MEMORY. */
outcome_t install_begin(struct install *install, const struct remote_push *push);

/* Gives back everything. */
void install_end(struct install *install);

/* Adds bytes. False: there are more than it has. */
bool install_add(struct install *install, const uint8_t *bytes, size_t count);

/* Hands the whole program to init: an asynchronous call, which answers with a sentence in `wrong`
 * (WRONG_BYTES - 1), or none. What was gathered is gone then. */
outcome_t install_start(struct install *install, handle_t call, char *wrong);

/* The sentence for what init has answered, which is no sentence. */
const char *install_wrong(outcome_t outcome);

#endif
