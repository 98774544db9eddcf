/* What a command line may look up at the name service: what its command is for, and nothing else.
 * Pure. */
#ifndef SHELL_ASKS_H
#define SHELL_ASKS_H

#include <stdbool.h>
#include <stddef.h>
#include "servers/shell/words.h"

/* Whether the line may look up [NODE/]NAME. `call` may all that the shell may, since its user says
 * what is to be called. */
bool asks_for(const struct words *words, const char *name, size_t length);

/* Whether the line runs programs, which may have the keys, draw on the screen, and stop. */
bool asks_programs(const struct words *words);

/* Whether the line's command changes the shell's folder. */
bool asks_folder(const struct words *words);

/* Whether the line's command may have a list of all names. */
bool asks_names(const struct words *words);

/* Whether the line's command reads whole files. */
bool asks_files(const struct words *words);

#endif
