/* The current folder, for all who use this shell (`cd`): what paths without a slash in front begin
 * at. It is absolute, without a slash at its end but for "/", and has no `.` or `..` in it.
 * Pure. */
#ifndef SHELL_FOLDER_H
#define SHELL_FOLDER_H

#include <stdbool.h>
#include "servers/proto/files.h"

/* At first "/". */
const char *folder_current(void);

/* Writes the absolute path that `path` means: as it is if it begins with a slash, else from the
 * current folder on, past each `.` and `..` in front. What stands behind those is the file
 * server's. False: it is longer than a path may be. */
bool folder_path(const char *path, char full[FS_PATH_MAX]);

/* The same without any `.` and `..`, as a current folder is, by the names alone: a link's parent is
 * where the link stands. */
bool folder_normal(const char *path, char full[FS_PATH_MAX]);

/* Makes a path of folder_normal() the current folder. */
void folder_change(const char *path);

#endif
