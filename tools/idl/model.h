/* An interface description in memory.
 *
 *      interface ──> enums, records ──> their values, their fields
 *           └──────> methods ──> parameters in and out
 *
 * Everything is owned by the struct interface and freed with it. Names are C identifiers of
 * lower-case letters, digits and underscores. */
#ifndef IDL_MODEL_H
#define IDL_MODEL_H

#include <stdbool.h>
#include <stddef.h>

enum {
        IDL_NAME = 32,
        IDL_METHODS = 128,
        IDL_PARAMETERS = 16,
        IDL_ENUMS = 16,
        IDL_VALUES = 64,
        IDL_RECORDS = 16,
        IDL_LIST_MOST = 8192, /* elements: no message has room for more */
};

/* How a parameter travels. */
enum type { TYPE_WORD, TYPE_BYTES, TYPE_CAP };

struct value {
        char name[IDL_NAME];
        unsigned number;
        unsigned line;
};

struct enumeration {
        char name[IDL_NAME];
        unsigned line;
        char *doc;
        unsigned count;
        struct value values[IDL_VALUES];
};

struct record;

/* Of a method or of a record. */
struct parameter {
        char name[IDL_NAME];
        enum type type;
        bool move, share; /* of a capability */
        bool text;        /* of bytes, or of the bytes in a list: for people, in UTF-8 */
        bool optional;
        unsigned list_most;               /* of bytes: a list of so many elements; 0: no list */
        enum type element;                /* of a list: TYPE_WORD or TYPE_BYTES */
        const struct enumeration *values; /* of a word, or of the words in a list; NULL: any */
        const struct record *record;      /* of bytes: one, or a list of them; NULL: neither */
        unsigned line;
};

struct parameters {
        unsigned count;
        struct parameter list[IDL_PARAMETERS];
};

struct record {
        char name[IDL_NAME];
        unsigned line;
        char *doc;
        struct parameters fields;
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
        unsigned enum_count, record_count;
        struct enumeration enums[IDL_ENUMS];
        struct record records[IDL_RECORDS];
        unsigned method_count;
        struct method methods[IDL_METHODS];
};

/* Where a description is wrong, and how. */
struct idl_error {
        unsigned line;
        char text[160];
};

/* How many of a type there are, without the optional ones; how many of those. */
unsigned parameters_of(const struct parameters *parameters, enum type type);
unsigned optionals_of(const struct parameters *parameters);

void interface_free(struct interface *interface);

#endif
