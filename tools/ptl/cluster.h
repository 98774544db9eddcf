/* A cluster as its starter holds it: `ptl up` until its nodes are up, `ptl run` to the end. */
#ifndef PTL_CLUSTER_H
#define PTL_CLUSTER_H

#include <stdbool.h>
#include <sys/types.h>

#include "tools/ptl/control.h"
#include "tools/ptl/layout.h"
#include "tools/ptl/options.h"

struct cluster {
        struct layout layout;
        struct options options;
        struct control control;
        pid_t keeper;
        int signals; /* of signals_take() */
        bool broken; /* a signal came, or the keeper is gone */
};

/* A signalfd of the signals that would end ptl; they are blocked from then on. -1 with a
 * complaint. */
int signals_take(void);

/* Prepares and starts a cluster as the environment says and waits until all its nodes are up and
 * n1's shell answers. If that fails it complains, and nothing is left of the cluster. */
bool cluster_start(struct cluster *cluster);

/* Lets the cluster live on without this process. False, with a complaint, if it is gone already. */
bool cluster_release(struct cluster *cluster);

/* Ends the cluster and waits until no process of it is left. */
void cluster_end(struct cluster *cluster);

#endif
