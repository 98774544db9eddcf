/* Errors of the command line: one line on standard error, `ptl: WHAT: WHY; WHAT TO DO NEXT`. */
#ifndef PTL_COMPLAIN_H
#define PTL_COMPLAIN_H

#include <stdbool.h>

/* Prints the line (the format comes without `ptl: ` and without a newline). Returns false, so that
 * a function that fails can return it at once. */
__attribute__((format(printf, 1, 2))) bool complain(const char *format, ...);

#endif
