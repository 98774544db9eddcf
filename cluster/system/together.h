/* Components that share a task, by `with` in the description:
 *
 *      component nic with net on *             ┌ task of net ┐
 *      component net on *                      │ net     nic │ two images, a thread each
 *                                              └─────────────┘
 *
 * Such a task has one handle table and one account: what one of its components may do, all can, and
 * the death of one is the death of all. What each of them is given, and may have of memory, is
 * still what its own manifest says; so it is where it runs, its priority and its policy of
 * restarting. */
#ifndef CLUSTER_TOGETHER_H
#define CLUSTER_TOGETHER_H

#include "cluster/system/system.h"

/* `with` names another component, which has a task of its own and runs on each node where this one
 * does; and neither hands out rights that say who holds them, since all of a task hold each of its
 * rights. */
void check_together(struct system *system);

#endif
