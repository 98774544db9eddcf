/* A task that another one fills with a copy of itself (fork): here is what whoever has made that
 * other task does for it before and after. In between there is nothing in it that counts on its
 * content, which its parent may make what it likes. */
#ifndef RT_TWIN_H
#define RT_TWIN_H

#include "servers/rt/start/spawn.h"

/* The twin's one thread: where it begins, and at which priority. */
struct twin_thread {
        uint64_t entry, stack, argument;
        unsigned priority;
};

/* What a process is given of its own. */
struct twin_own {
        handle_t child; /* its right "name" and "log" */
        handle_t signals;
};

/* An account of `memory` bytes with a task, which has nothing but what its parent has in common
 * with others, and whose faults go to `fault_right`. NO_MEMORY: there is less; *spawned is for
 * spawn_destroy() in any case. */
outcome_t twin_begin(uint64_t memory, handle_t fault_right, const struct spawned *parent,
                     struct spawned *spawned);

/* The task has been filled: writes its own number and handles to its startup page, which is where
 * spawned->startup_page says, and makes its thread. Started by spawn_start(). Not ok: the page is
 * not there, or not one, or there is no memory. */
outcome_t twin_finish(struct spawned *spawned, uint64_t process, const struct twin_own *own,
                      const struct twin_thread *thread);

#endif
