/* Services by name: through the handle "name" that every component is given. */
#ifndef RT_SERVICE_H
#define RT_SERVICE_H

#include <stdbool.h>
#include "servers/rt/message.h"

/* The component's right to the name service; a right to one that began anew is another. Not to be
 * kept. */
handle_t rt_names(void);

/* Whether the name service has died with the question, and there is time to ask the next one: waits
 * a moment for the supervisor to hand out a right to it. For what may be asked twice. */
bool rt_names_died(outcome_t outcome, uint64_t deadline);

/* Looks a service up, waiting until `deadline` for it to be registered: NOT_FOUND then; REFUSED if
 * the component may not use it. The handle belongs to the caller. A name service that dies
 * meanwhile is waited for, here and in the next two functions. */
outcome_t rt_lookup(const char *name, uint64_t deadline, handle_t *right);

/* The same, but NOT_FOUND at once. */
outcome_t rt_find(const char *name, handle_t *right);

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

/* The service's right, which stays the struct's. One that has died since is looked up again: the
 * caller waits for the successor, and sees a delay instead of an error. */
outcome_t service_get(struct service *service, uint64_t deadline, handle_t *right);

/* Forgets the right if the outcome of a call says that it is of no more use. */
void service_result(struct service *service, outcome_t outcome);

#endif
