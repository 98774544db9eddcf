/* Messages of local programs that wait for room in the core: in a line for each import, in order,
 * until core_ready() says that there is room. A line takes no more than is left for others. What a
 * message passes on lives until the core has taken it, whoever else drops it. */
#ifndef NETIPC_SERVER_WAITING_H
#define NETIPC_SERVER_WAITING_H

#include "kernel/abi/rights.h"
#include "netipc/core/core.h"

enum { WAITING_BYTES = 3 << 19 }; /* of all messages that wait */

struct waiting_message;

struct waiting_line {
        struct waiting_line *next;
        core_import_t import;
        struct waiting_message *first, **end;
        size_t bytes;
        bool unheld; /* no local right stands for the import: it is dropped after its messages */
};

struct waiting {
        struct waiting_line *lines;
        size_t bytes;
};

/* The line of an import; NULL: nothing waits. */
struct waiting_line *waiting_line(struct waiting *waiting, core_import_t import);

/* Keeps a copy of a message, with the references of its capabilities. False: too much waits, or
 * there is no memory. */
bool waiting_add(struct waiting *waiting, core_import_t import, handle_t reply,
                 const struct core_message *message);

/* Takes the call out that has this reply right; its capabilities are the caller's to release. */
bool waiting_take(struct waiting *waiting, handle_t reply, struct core_message *message);

/* Begins what there is room for now. */
void waiting_retry(struct waiting *waiting);

/* The bridge's: begins a message that has waited, or answers its caller. */
void waiting_begin(core_import_t import, handle_t reply, const struct core_message *message);

#endif
