/* The system calls as kernel/abi/syscalls.def and arguments.def list them, taken apart. */
#ifndef TOOLS_ABI_LIST_H
#define TOOLS_ABI_LIST_H

#include <stdbool.h>
#include <stdio.h>

/* A line of arguments.def. */
struct kind {
        const char *name, *type; /* C's type */
        const char *object;      /* of a handle: of enum object_kind, "NONE": any; else NULL */
        const char *text;
};

struct parameter {
        const struct kind *kind; /* NULL: a register that is not used */
        bool optional;           /* 0 is allowed for a handle */
        char rights[32];         /* that the handle must have, with spaces between them */
};

enum { PARAMETERS_MAX = 6 };

struct parameters {
        struct parameter list[PARAMETERS_MAX];
        unsigned count;
};

struct system_call {
        bool message; /* registers as message.h says; it has no stub of its own */
        unsigned number;
        const char *name, *arguments, *results, *errors, *text;
        struct parameters in, out;
};

extern const struct kind kinds[];
extern const unsigned kind_count;
extern struct system_call calls[];
extern const unsigned call_count;

/* Takes apart all arguments and results; false: says which call has something that is not in
 * arguments.def, no error or no right, or too much of it. */
bool list_parse(void);

/* Whether a list of words, with spaces between them, has the word. */
bool word_in(const char *words, const char *word);

void stubs_write(FILE *file);
void handlers_write(FILE *file);
void reference_write(FILE *file);

/* The manual page of a call. */
void manual_write(FILE *file, const struct system_call *call);

#endif
