/* The processes of a cluster, wherever its run directory is. All of them carry a mark that is made
 * of the directory's path:
 *
 *      starter, keeper                   as their name (/proc/PID/stat)
 *      switch, machines, and whatever    in their environment, PTL_CLUSTER
 *      else these start
 *
 * So they are found also where the directory was removed or renamed, where the keeper was killed
 * from outside, and where what ptl started is a script that has started something else. */
#ifndef PTL_PROCESSES_H
#define PTL_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { MARK_TEXT = 16 /* the longest name of a process, with its final zero */ };

/* The mark of the cluster of a run directory (struct layout's `real`). */
void cluster_mark(const char *run, char mark[MARK_TEXT]);

/* Marks this process and whatever it starts. */
void process_mark(const char mark[MARK_TEXT]);

/* The first process with the mark that still runs, or 0. */
pid_t process_find(const char mark[MARK_TEXT]);

/* Waits until none is left, for `patience` ms; then ends them, by force if they do not listen.
 * False, with a complaint that names one, if that is not possible. */
bool processes_end(const char mark[MARK_TEXT], int patience);

#endif
