/* The probe: tests of init, the name service and the log from inside, as a component among others.
 * One file a subject; probe.c runs them and has what they share. */
#ifndef TESTS_INIT_PROBE_H
#define TESTS_INIT_PROBE_H

#include <stdbool.h>
#include "servers/proto/processes.h"
#include "servers/rt/serve/service.h"

/* A wait that long is a failure. */
#define PATIENCE (30 * RT_SECOND)

/* Writes `ok NAME` or `FAILED NAME` to the console. */
void check(const char *name, bool good);

/* name.lookup, asked again while the name service restarts. */
outcome_t look_up(const char *name, uint64_t wait, uint64_t deadline, handle_t *right);

/* Waits for a name. Without it, that is a failed check. */
handle_t must_find(const char *name);

struct process {
        char home[32]; /* in whose task it runs */
        uint64_t state, id, priority, cpu, memory, restarts;
};

/* Fills in what `proc` says of a component; false: there is none. */
bool process_find(const char *wanted, struct process *process);

/* Waits until a component is in a state (servers/proto/processes.h). */
bool process_reaches(const char *name, uint64_t state, struct process *process);

/* Asks an actor for a name: it does what actor.c says. */
outcome_t actor_ask(handle_t actor, const char *what, uint64_t deadline);

/* Names and watches; a peer's names; the death of the name service, which nobody else may notice.
 */
void check_lookups(void);
void check_register(void);
void check_peer(void);
void check_name(void);

/* Deaths, policies, hanging. */
void check_kill(void);
void check_policies(void);
void check_hang(void);

/* Components of one task; whether they can call each other. */
void check_together(void);
bool they_meet(void);

void check_log(void);

/* The bus server's death: arguments of main(). */
void check_fence(int count, char **arguments);

#endif
