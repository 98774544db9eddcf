/* Services by name, through the handle "name" that every component is given. */
#ifndef RT_SERVICE_H
#define RT_SERVICE_H

#include <stdbool.h>
#include "servers/rt/message/message.h"

/* The component's right to the name service. Not to be kept: after a restart there is another. */
handle_t rt_names(void);

/* Whether the name service has died with the question, and there is time to ask its successor:
 * waits a moment for the supervisor to grant a right to it. For questions that may be asked
 * twice. */
bool rt_names_died(outcome_t outcome, uint64_t deadline);

/* Looks up [NODE/]NAME. The handle belongs to the caller. If there is none, the outcome says why:
 * NODE_DIED, LINK_LOST, NODE_RESTARTED if its node is away; NOT_RUNNING if the service is one of
 * the cluster's but not up now; NOT_FOUND only if there is no such service
 * (cluster/core/absence.h); REFUSED if the component may not use it. A name service that dies
 * meanwhile is waited for.
 *
 *      rt_find     at once
 *      rt_bind     waits until `deadline` for what is not running, as after a restart
 *      rt_lookup   waits until `deadline` for whatever is not there
 */
outcome_t rt_find(const char *name, handle_t *right);
outcome_t rt_bind(const char *name, uint64_t deadline, handle_t *right);
outcome_t rt_lookup(const char *name, uint64_t deadline, handle_t *right);

/* The length of a file service's name at the beginning of a path without a slash in front: "fs" or
 * "NODE/fs", the end of the path or a slash behind it. 0: the path begins with neither. Pure. */
size_t file_service_length(const char *path);

/* Registers a right under a name that the component's manifest provides. The caller keeps its
 * handle. */
outcome_t rt_register(const char *name, handle_t right);

/* A service that is looked up when it is first needed, and again after it has died:
 *
 *      static struct service fs = {.name = "fs"};
 *      outcome = service_get(&fs, deadline, &right);
 *      if (outcome == OUTCOME_OK) {
 *              outcome = fs_open(right, …);
 *              service_result(&fs, outcome);
 *      }
 */
struct service {
        const char *name;
        handle_t right; /* 0: to be looked up */
};

/* The service's right, which stays the struct's. One that has died since is looked up again, by
 * rt_bind: where a successor may come the caller sees a delay instead of an error. */
outcome_t service_get(struct service *service, uint64_t deadline, handle_t *right);

/* Forgets the right if the outcome of a call says that it is dead. */
void service_result(struct service *service, outcome_t outcome);

#endif
