/* Command lines. Loaders put different things before the arguments: QEMU the kernel's path, iPXE
 * its URL, GRUB nothing. Pure. */
#ifndef X86_COMMAND_LINE_H
#define X86_COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* Copies the arguments without the kernel's own path, which is a first word without the form
 * name=value. False if they do not fit into `bytes` with their 0. */
bool command_line_copy(char *to, size_t bytes, const char *line);

/* A module's name: the last word of its string, without folders and without a "name=". False if it
 * does not fit. */
bool module_name_copy(char *to, size_t bytes, const char *line);

#endif
