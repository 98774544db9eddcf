/* The files that the switch writes for its user. */
#ifndef SWITCH_OUTPUT_H
#define SWITCH_OUTPUT_H

#include <stdbool.h>

#include "tools/switch/problem.h"

/* Opens a regular file to write and read, and empties it; a descriptor, or -1 with a problem. Never
 * waits, as opening a pipe could. What is secret only its owner can read, also if others could
 * before. */
int output_open(const char *path, bool secret, struct problem *problem);

#endif
