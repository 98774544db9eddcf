/* Numbers as users type them. Pure. */
#ifndef SHELL_NUMBER_H
#define SHELL_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Parses a decimal number of at most `most`; false if the text is not one. */
bool number_parse(const char *text, uint64_t most, uint64_t *number);

#endif
