/* The numbers of interface name (name.idl). */
#ifndef PROTO_LOOKUP_H
#define PROTO_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>

enum {
        NAME_LINE_MAX = 48,   /* bytes of a line NODE/NAME\n */
        NAME_LIST_MAX = 4096, /* bytes of lines of one answer: every client has room for them */
};

/* Whether an answer of `length` bytes of lines was the last one: another line would have fitted. */
static inline bool name_list_ended(size_t length)
{
        return length + NAME_LINE_MAX <= NAME_LIST_MAX;
}

#endif
