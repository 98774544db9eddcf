/* The current folder: an open folder of a file service's, which is inherited as open files are, or
 * the path of one that no file service has (the root, /dev, /proc, /etc). At first it is the path
 * that the spawner said to the layer (start/linux.c), which is opened when it is first used.
 * Context: `files` (threads.h). */
#ifndef RT_LINUX_CURRENT_H
#define RT_LINUX_CURRENT_H

#include <stdint.h>

#include "servers/rt/linux/descriptors.h"

/* What the process server calls its right when that goes with the next program (inherit.h): above
 * the numbers of descriptors, and of locks. */
enum { CURRENT_FOLDER = 2 * OPEN_FILES };

/* *open, or, if that is NULL, *path: without a slash in front, "" is the root. 0, or a negated
 * errno: it is not there. */
int64_t current_folder(struct open_file **open, const char **path);

/* The open folder that it is by now; NULL: it is none. */
struct open_file *current_open(void);

/* The next program begins with that one; NULL: it was lost. */
void current_comes(struct open_file *open);

/* What the next program is told of it, if it is not open, by which it finds it. */
const char *current_text(void);

#endif
