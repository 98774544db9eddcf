/* Where things are. ptl finds the build by its own place, build/ptl, so that each clone uses its
 * own; the run directory is build/run, or PTL_DIR. ptl works inside the run directory and names its
 * files by relative paths there, since a unix socket's path may have 107 bytes and no more:
 *
 *      lock              held while a cluster is up; holds the keeper's process id
 *      before/           the logs of the cluster before, in the same places
 *      up                the cluster that the logs are of came up
 *      ptl.ctl           the keeper's control socket
 *      keeper.log  switch.log  switch.ctl
 *      tftp/             what the nodes load: kernel, modules, scripts
 *      nK/  keys  seed   secret, and only their owner's to read (keys.h)
 *           pid  serial.log  qemu.log  shell.sock  batch.sock  batch.lock  shell.lock
 *           hostL.sock  hostL.lock  way  line.sock
 *           qmp.sock  gdb.sock  qemu.sock  switch.sock */
#ifndef PTL_LAYOUT_H
#define PTL_LAYOUT_H

#include <limits.h>
#include <stdbool.h>

#define CONTROL_SOCKET "ptl.ctl"
#define SWITCH_CONTROL "switch.ctl"
#define LOCK_FILE      "lock"

struct layout {
        char build[PATH_MAX]; /* absolute */
        char start[PATH_MAX]; /* the working directory of the user, absolute */
        char run[PATH_MAX];   /* absolute */
        char real[PATH_MAX];  /* the same, without symbolic links: what processes are marked by */
        const char *shown;    /* the run directory as messages name it */
};

/* Finds the folder of the running program, which is the build's. False with a complaint. */
bool layout_build(char build[PATH_MAX]);

/* Finds the folders, makes the run directory if `make` is true, and changes into it. Complains and
 * returns false if that cannot be done; without `make`, a run directory that is not there means
 * that no cluster was ever up: *missing tells it apart, without a complaint. */
bool layout_enter(struct layout *layout, bool make, bool *missing);

/* What a path of the project begins with. */
enum place { PLACE_BUILD /* what `make` has built */, PLACE_CLONE /* the sources around it */ };

/* Writes the path of a file of the project; false, with a complaint, if it is too long. layout_find
 * also complains if that is not a readable file. */
bool layout_path(const struct layout *layout, enum place place, const char *file,
                 char path[PATH_MAX]);
bool layout_find(const struct layout *layout, enum place place, const char *file,
                 char path[PATH_MAX]);

/* A path as the user would write it: relative to his working directory if it lies below that. */
const char *layout_shown(const struct layout *layout, const char *path);

/* Makes a path absolute that is relative to the user's working directory. */
bool layout_user_path(const struct layout *layout, const char *file, char path[PATH_MAX]);

#endif
