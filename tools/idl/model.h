/* An interface description in memory.
 *
 *      interface ──> methods ──> parameters in and out
 *
 * Everything is owned by the struct interface and freed with it. Names are C identifiers of
 * lower-case letters, digits and underscores. */
#ifndef IDL_MODEL_H
#define IDL_MODEL_H

#include <stdbool.h>
#include <stddef.h>

enum { IDL_NAME = 32, IDL_METHODS = 128, IDL_PARAMETERS = 16 };

enum type { TYPE_WORD, TYPE_BYTES, TYPE_CAP };

struct parameter {
        char name[IDL_NAME];
        enum type type;
        bool move, share; /* of a capability */
        bool text;        /* of bytes: for people, in UTF-8 */
        unsigned line;
};

struct parameters {
        unsigned count;
        struct parameter list[IDL_PARAMETERS];
};

struct method {
        char name[IDL_NAME];
        unsigned number;
        bool one_way;
        unsigned line;
        char *doc; /* its comment, without the marks; lines end with \n; NULL: none */
        struct parameters in, out;
};

struct interface {
        char name[IDL_NAME];
        unsigned number;
        unsigned line;
        const char *file; /* for messages; not owned */
        char *doc;
        unsigned method_count;
        struct method methods[IDL_METHODS];
};

/* Where a description is wrong, and how. */
struct idl_error {
        unsigned line;
        char text[160];
};

unsigned parameters_of(const struct parameters *parameters, enum type type);

void interface_free(struct interface *interface);

#endif
