/* Open files whose server has ended. The successor begins with the files of the boot archive and
 * has nothing that was written since, so a file survives if it is one of those, and if nothing was
 * seen of it that is lost (fs.reopen). An offset that is shared survives with it (fs.resume):
 *
 *      call fails: its server is gone ──file that survives──> opened anew, the call is made again
 *                                     └─all others──────────> ESTALE
 *
 * What is lost with the server besides, and so makes a file one of the others, is what was written
 * to it, and locks. Where reading and writing go on the open file knows itself, or a note that its
 * server has left.
 *
 * A call that was perhaps executed is made again only if that changes nothing, as reading at a
 * place and writing there, or if the successor says that it was not. Context of all functions:
 * `files` (threads.h); they wait for a server that restarts. */
#ifndef RT_LINUX_REOPEN_H
#define RT_LINUX_REOPEN_H

#include "servers/rt/linux/descriptors.h"

/* A call at an offset that is shared. */
struct shared_call {
        uint64_t request; /* its number */
        unsigned tries;
        bool executed; /* by a server that is gone: it has read from, or led to, `at` */
        uint64_t at;
};

/* After a call to the file's own right: whether its server was gone, the file is open at the
 * successor, and the call is to be made again: *tries times at most, which begins at 0. */
bool file_again(struct open_file *open, outcome_t outcome, unsigned *tries);

/* The same after a call at the offset that is shared. */
bool shared_again(struct open_file *open, outcome_t outcome, struct shared_call *call);

/* The same, before a call that is not to be made twice. */
void file_refresh(struct open_file *open);

/* Makes sure that it is known which file it is: `device` and `identity`. 0, or a negated errno. */
int64_t file_known(struct open_file *open);

#endif
