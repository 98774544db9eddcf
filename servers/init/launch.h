/* From WAITING to RUNNING. */
#ifndef INIT_LAUNCH_H
#define INIT_LAUNCH_H

#include "servers/init/init.h"

/* Goes on with a component that waits: collects the answer of an admission, asks for the next one,
 * or starts its task. It stays waiting as long as one who is to admit it is not ready. */
void launch_advance(struct init *init, struct component *component, uint64_t now);

/* Drops what a launch has gathered, and what a run had. */
void launch_drop(struct component *component);

/* The log, or the name service, has died: so have all rights to it. */
void launch_forget_log(struct init *init);
void launch_forget_name(struct init *init);

/* Hands the new name service to those who lost the old one, when it knows all that the old one
 * knew. */
void launch_hand_over_names(struct init *init);

/* There is a log that admits: those who run without one are to be given a right to it. */
void launch_log_is_back(struct init *init);

#endif
