/* Opens files for strangers: only regular files, and only beneath one directory.
 *
 * The path is walked one name at a time and no symbolic link is followed, so there is nothing that
 * could lead out of the directory, whatever is moved while the walk goes on. */
#ifndef SWITCH_BENEATH_H
#define SWITCH_BENEATH_H

#include <stdint.h>

/* Opens `path` (names separated by '/', a leading '/' counts as the directory itself) for reading.
 * Returns a descriptor and the file's size in bytes, or -1 with errno set: EACCES for a path with
 * '.', '..' or a symbolic link, or for what is no regular file. Never blocks. */
int beneath_open(int directory, const char *path, uint64_t *size);

#endif
