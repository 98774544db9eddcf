/* The names, numbers and addresses of the nodes: node K is `nK`, its hardware address is
 * 52:54:00:00:00:KK (hexadecimal), its folder in the run directory is nK/. */
#ifndef PTL_NAMES_H
#define PTL_NAMES_H

#include <stdint.h>

enum {
        NODES_MAX = 16,
        NODE_NAME = 4,  /* bytes of a name, with the final zero */
        NODE_MAC = 18,  /* bytes of a hardware address as text, with the final zero */
        NODE_LIST = 80, /* bytes of `n1,n2,…` for NODES_MAX nodes, with the final zero */
        NODE_FILE = 64, /* bytes of the path of one of a node's files, with the final zero */
};

/* The number of the node of that name, 1 to NODES_MAX, or 0 if that is no node's name. */
unsigned node_number(const char *name);

void node_name(unsigned number, char name[NODE_NAME]);
void node_mac(unsigned number, char mac[NODE_MAC]);

/* Writes `n1,n2,…` up to the node of that number. */
void node_list(unsigned nodes, char list[NODE_LIST]);

/* The path of a node's file, relative to the run directory: `n2/serial.log`. file is at most
 * NODE_FILE - 8 bytes. */
void node_file(unsigned number, const char *file, char path[NODE_FILE]);

/* A 64-bit identity: the hash (FNV-1a) of the cluster's run directory and, unless it is NULL, of
 * the node's name. The same clone always gives the same, so a restarted node is the same node; 0 is
 * never given. */
uint64_t identity(const char *run_directory, const char *name);

#endif
