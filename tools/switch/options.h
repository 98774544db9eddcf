/* The command line. */
#ifndef SWITCH_OPTIONS_H
#define SWITCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/switch/mac.h"
#include "tools/switch/fabric.h"
#include "tools/switch/impairment.h"
#include "tools/switch/problem.h"

struct node_option {
        char name[PORT_NAME_MAX];
        unsigned number; /* 1 for n1 */
        struct mac mac;
};

struct options {
        const char *directory;
        const char *tftp, *bootfile, *capture, *keylog; /* NULL: not given */
        struct node_option nodes[NODES_MAX];
        unsigned count;
        bool has_seed, no_boot, help;
        uint64_t seed;
        struct impairment impairment; /* the default one */
};

/* What --help prints. */
extern const char options_usage[];

/* Reads the arguments, whose strings stay in use. */
bool options_parse(int count, char **arguments, struct options *options, struct problem *problem);

#endif
