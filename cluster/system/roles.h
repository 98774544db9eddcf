/* What each node of a cluster must have so that it comes up: the services that everything else is
 * started by, and what the testbed (tools/ptl) talks to. A node without one of them boots, and then
 * nothing happens. */
#ifndef CLUSTER_ROLES_H
#define CLUSTER_ROLES_H

#include "cluster/system/system.h"

/* What the cluster is for, besides running its components. */
enum purpose {
        PURPOSE_TESTBED = 1 << 0, /* its nodes join, answer `ptl on NODE`, and n1 has a shell */
        PURPOSE_FILES = 1 << 1,   /* it serves files of the host */
};

/* Complains of each role that nobody fills on a node that wants it, with the line to add. */
void check_roles(struct system *system, unsigned purposes);

#endif
