/* Parameters of methods and fields of records as a user types and reads them, by the table of
 * names.
 *
 *      word            a number; of an enum, the name of a value
 *      bytes, text     a text
 *      record          its fields, separated by commas:                pear,3,note=ripe
 *      list            its elements, separated by semicolons:          a;b   or   pear,3;fig,4
 *      cap             the service of that name, or the file of that path
 *      optional        NAME=VALUE behind the others */
#ifndef SHELL_DESCRIBED_H
#define SHELL_DESCRIBED_H

#include "servers/proto/names.h"
#include "servers/rt/message/record.h"
#include "servers/shell/commands/command.h"

struct described {
        const struct proto_parameter *list;
        unsigned count;
};

/* A message, and the memory of what was packed for it. */
struct composed {
        struct message message;
        void *packed[MESSAGE_SEND_BUFFERS];
        unsigned packed_count;
};

/* The number of parameters that have to be given. */
unsigned described_required(struct described described);

/* Puts what was typed into the message; a status, and a failure has been reported. Whatever it was,
 * composed_close() is to follow. */
int compose(struct job *job, struct composed *composed, struct described described,
            char *const *texts, unsigned count);
/* Closes the capabilities and frees the memory. */
void composed_close(struct composed *composed);

/* Prints the parameters of an answer, NAME: VALUE in a line; elements of a list in lines of their
 * own. False, and nothing is printed: it is not what is described. */
bool described_print(struct job *job, struct described described, const struct arrival *answer);

#endif
