/* Network cards: whether the cluster's nodes have drivers for those that the testbed gives them. */
#ifndef CHECK_NIC_H
#define CHECK_NIC_H

#include "cluster/system/system.h"

/* The name of a card (drivers/net/DRIVER/card), or mixed, which is all. */
bool nic_known(const char *cards);

/* Each component that provides `nic` has a driver for the cards. */
void check_nic(struct system *system, const char *cards);

#endif
