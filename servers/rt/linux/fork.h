/* Another process from this one: fork, vfork and posix_spawn, which are one thing here.
 *
 *      this process                                   the child
 *      asks for a child ──────────────────────────>   an empty task
 *      its memory, page by page, and its handles ──>  the same at the same addresses
 *      starts it ─────────────────────────────────>   linux_forked: makes the copy its own
 *
 * Memory is copied whole, also where the program asked for less (vfork, CLONE_VM), but for what
 * nobody can write to of the program and the layer: the process server has put that there. The
 * child never changes its parent's, but for maps that are shared (shared_map.h). Handles have other
 * numbers in the child; those that go with it are open files' rights, the file service that was
 * used last, and what the startup page lists. What the layer has made for itself (events, call
 * objects, threads) stays the parent's.
 *
 * Each part of the layer that has such things says what becomes of them in a function …_forked(),
 * which is called in the child, before anything else happens there. */
#ifndef RT_LINUX_FORK_H
#define RT_LINUX_FORK_H

#include "servers/rt/linux/linux.h"

/* The arguments of clone(2). */
struct clone {
        uint64_t flags, end_signal, stack, parent_tid, child_tid, tls;
};

#define CLONE_CLEAR_HANDLERS 0x100000000ull /* CLONE_CLEAR_SIGHAND: clone3 alone */

/* clone(2) without CLONE_THREAD. The child's number, or a negated errno. */
int64_t process_clone(const struct linux_context *context, const struct clone *clone);

#endif
