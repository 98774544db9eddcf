/* What a node's memory has room for, told before it boots:
 *
 *      | kernel, what is loaded | what the components may take | again | files ………… |
 *        ROOM_KERNEL, tables                 least
 *
 * `least` and `again` are what cluster/system/share.h says of the node's components. The rest is
 * for the archive of host files and what the file server needs to serve it. Pure. */
#ifndef PTL_ROOM_H
#define PTL_ROOM_H

#include <stdbool.h>
#include <stdint.h>

enum {
        ROOM_KERNEL = 2048, /* KiB that kernel, init and firmware take, whatever the size */
        ROOM_TABLES = 256,  /* the part of all memory that describes it */
        ROOM_IPXE = 8192,   /* KiB that iPXE takes while it loads; it holds each file twice then */
        ROOM_STEP = 4,      /* MiB: what MEM is advised in */
};

/* The memory of a room that no node limits. */
#define ROOM_NO_NODE (UINT64_MAX >> 20)

/* All in KiB. */
struct room {
        uint64_t memory; /* of the node */
        uint64_t loaded; /* files that every node loads */
        uint64_t least;
        uint64_t again;
};

/* What is left for the components. */
uint64_t room_components(const struct room *room);

/* The least MEM, in MiB, with which the components have room. */
uint64_t room_memory_wanted(const struct room *room);

/* What is left for files; the components have room. `direct`: nothing is loaded by iPXE. */
uint64_t room_files(const struct room *room, bool direct);

/* The least MEM, in MiB, with which there is room for so many KiB of files. */
uint64_t room_files_wanted(const struct room *room, bool direct, uint64_t files);

#endif
