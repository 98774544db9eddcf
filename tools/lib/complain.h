/* Errors of a command line: one line on standard error, `PROGRAM: WHAT: WHY; WHAT TO DO NEXT`. */
#ifndef TOOLS_COMPLAIN_H
#define TOOLS_COMPLAIN_H

#include <stdbool.h>

/* Prints the line. The format comes without the program's name, which is the one that it was called
 * by, and without a newline. Returns false, so that a function that fails can return it at once. */
__attribute__((format(printf, 1, 2))) bool complain(const char *format, ...);

#endif
