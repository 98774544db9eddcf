/* The one rule for names of nodes, components and services: a-z, 0-9, `-` and `_`, beginning with a
 * letter. A name of that kind needs no quotes in a description, in the shell, or in a file's name.
 * (Names of files and of interfaces have rules of their own: servers/fs/tree.h, tools/idl.) */
#ifndef COMMON_NAME_H
#define COMMON_NAME_H

#include <stdbool.h>
#include <stddef.h>

enum {
        NAME_LONGEST = 23,      /* bytes of a name */
        NODE_NAME_LONGEST = 15, /* bytes of a node's: a hello on the wire has no more room */
};

/* Whether `length` bytes are a name of 1 to `longest` bytes. */
bool is_name(const char *name, size_t length, size_t longest);

#endif
