/* A command line that is put together piece by piece: argv for execvp, with its text inside. */
#ifndef PTL_ARGUMENTS_H
#define PTL_ARGUMENTS_H

#include <stddef.h>

enum { ARGUMENTS_MAX = 96, ARGUMENTS_TEXT = 16384 };

struct arguments {
        unsigned count;
        size_t used;
        char *argv[ARGUMENTS_MAX + 1]; /* ends with NULL */
        char text[ARGUMENTS_TEXT];
};

/* Adds one argument, formatted. Running out of room is a mistake in ptl and ends it. */
__attribute__((format(printf, 2, 3))) void argument_add(struct arguments *arguments,
                                                        const char *format, ...);

#endif
