/* The verbs of ptl. Each gets its own arguments, argv[0] being the verb, and returns ptl's exit
 * status; its number of arguments has been checked (main.c). */
#ifndef PTL_VERBS_H
#define PTL_VERBS_H

#include <stdbool.h>
#include "tools/ptl/layout.h"

enum {
        EXIT_OK = 0,
        EXIT_FAILED = 1,
        EXIT_USAGE = 2,
        EXIT_TIMEOUT = 124, /* `ptl on`: no answer in time */
        EXIT_NO_NODE = 125, /* `ptl on`, `ptl run NODE`: it did not run, or its end is not known */
        EXIT_INTERRUPTED = 130,
};

typedef int verb_function(int argc, char **argv);

/* Cluster (verbs_cluster.c, run.c) */
verb_function verb_up, verb_down, verb_run;
/* Nodes (verbs_node.c) */
verb_function verb_start, verb_stop, verb_on, verb_sh;
/* All of them (verbs_nodes.c) */
verb_function verb_nodes, verb_ps;
/* Their logs (verbs_log.c) */
verb_function verb_log;
/* Programs of the host (verbs_remote.c) */
verb_function verb_execute, verb_push;
/* Keys of a site's own cluster (verbs_keys.c) */
verb_function verb_keys;
/* The network (verbs_link.c): passed on to the switch as they are */
verb_function verb_switch;

/* What verbs share (verbs_node.c): each complains where it fails. The number of the node of that
 * name, or 0; goes to the run directory of a cluster that is up, or was; whether it is up. */
unsigned node_argument(const char *name);
bool cluster_enter(struct layout *layout);
bool cluster_is_up(const struct layout *layout);

#endif
