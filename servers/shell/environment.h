/* The variables that programs are given (`export`), for all who use this shell: NAME=VALUE strings
 * one behind the other. Pure. */
#ifndef SHELL_ENVIRONMENT_H
#define SHELL_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

enum { ENVIRONMENT_BYTES = 4096 };

/* Sets a variable by NAME=VALUE; a name has letters, digits and _, and does not begin with a digit.
 * False: it is no such string (*wrong, a sentence), or there is no room. */
bool environment_set(const char *assignment, const char **wrong);

/* The value of a variable; NULL: there is none. */
const char *environment_get(const char *name);

/* All of them, each with a 0 behind it, *length bytes; valid until one is set. */
const char *environment_all(size_t *length);

#endif
