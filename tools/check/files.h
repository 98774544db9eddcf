/* Reads the files of a system: the description, and the manifests and programs that it names. What
 * is read stays in memory until files_free, because all parts of the system point into it. */
#ifndef CHECK_FILES_H
#define CHECK_FILES_H

#include <stdio.h>
#include "cluster/system/system.h"

enum { FILES_KEPT = 8 + 5 * SYSTEM_MANIFESTS };

struct files {
        struct system system;
        struct text text;       /* the description's */
        char *kept[FILES_KEPT]; /* what is to be freed */
        unsigned kept_count;
        struct text origins; /* lines `NAME FILE`: where each manifest comes from */
};

/* Reads and parses the description alone. False: a complaint says why. */
bool files_description(struct files *files, const char *path);

/* Reads the manifests of all components from ROOT/manifest and looks for their programs in
 * ROOT/bin. Those that are missing or wrong are complained of and left out. Messages name the file
 * that ROOT.manifests says a manifest was copied from. */
void files_manifests(struct files *files, const char *root);

void files_free(struct files *files);

#endif
