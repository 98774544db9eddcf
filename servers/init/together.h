/* Components that share a task: `with` of the system description.
 *
 *      net, at home           USER_START            its stack and startup page
 *      nic, its guest         a room of its own     likewise, in that room
 *
 * Each keeps what makes it a component: its manifest, rights, startup page, sign of life, priority
 * and number of the run. Common are the account, which has the sum of their memory, the handle
 * table, and the life. They start together, when each of them that is to run has been admitted.
 * When the task ends, each of them goes on by its own manifest, and waits for the others again. */
#ifndef INIT_TOGETHER_H
#define INIT_TOGETHER_H

#include "servers/init/init.h"

/* Says of each component in whose task it runs, and where in it. One that is `with` nobody of this
 * node, or with a guest, gets a task of its own, and a line on the console says so. */
void together_read(struct init *init);

/* Calls the body for each component with the same home, this one included. */
#define FOR_EACH_TOGETHER(init, component, member)                                                 \
        for (struct component *member = (init)->components;                                        \
             member < (init)->components + (init)->count; member++)                                \
                if (member->home == (component)->home)

/* Whether it shares its task now. */
bool together_now(struct init *init, const struct component *component);

/* Bytes of the account of those that wait to be started with this one, itself included. */
uint64_t together_memory(struct init *init, const struct component *component);

/* The one of a task whose thread has this GS base: it lies in the image, whose runtime has its
 * block there. `component`, if it is none of the others. */
struct component *together_by_block(struct init *init, struct component *component,
                                    uint64_t gs_base);

/* Destroys the task, or with `release` leaves others what they hold of its memory
 * (spawn_release()). Nothing, if there is none. */
void together_drop(struct init *init, struct component *component, bool release);

#endif
