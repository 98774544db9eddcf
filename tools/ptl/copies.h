/* Copies of what the nodes load, in the run directory: building on does not change what a running
 * cluster boots. The originals show whether there is something newer. */
#ifndef PTL_COPIES_H
#define PTL_COPIES_H

#include <limits.h>
#include <stdbool.h>

#include "tools/ptl/layout.h"
#include "tools/ptl/options.h"

#define DESCRIPTION "system.description"

/* Writes text to a file as a whole: it holds the old text or the new. Returns false with errno. */
bool file_write(const char *path, const char *text);

/* Copies a file of the user into the run directory; false with a complaint. */
bool file_copy(const struct layout *layout, const char *from, const char *to);

/* The path of the system description that the user wrote. */
bool description_path(const struct layout *layout, const struct options *options,
                      char path[PATH_MAX]);

/* Copies the image and the boot script as they are now, and the description, which has been found
 * right. False with a complaint. */
bool copies_make(const struct layout *layout);
bool description_keep(const struct layout *layout, const struct options *options);

/* Whether one of them has been built or written anew since; its path then. */
bool copies_changed(const struct layout *layout, const struct options *options,
                    char path[PATH_MAX]);

#endif
