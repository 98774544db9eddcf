/* ptl: the host's command line to a cluster of virtual machines. This file finds the verb. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/lib/complain.h"
#include "tools/ptl/options.h"
#include "tools/ptl/verbs.h"

enum { ANY = 99 };

static const struct verb {
        const char *name;
        int least, most; /* arguments */
        verb_function *function;
        const char *arguments;
        const char *help;
} verbs[] = {
    {"up", 0, ANY, verb_up, "[NAME=VALUE]…", "start a cluster and wait until its nodes are up"},
    {"down", 0, 0, verb_down, "", "end it; nothing is left, and it may be down already"},
    {"run", 0, 1, verb_run, "", "a cluster for one shell, or for commands on standard input"},
    {"run", 2, ANY, verb_execute, "[-m BYTES] NODE FILE [ARGUMENT]…",
     "run a static ELF program of this host on a node, as if it were here"},
    {"push", 2, 2, verb_push, "NODE/NAME FILE",
     "start a component anew with another program: the ELF file of a service"},
    {"nodes", 0, 0, verb_nodes, "", "each node's power, and what the cluster says of it"},
    {"ps", 0, 1, verb_ps, "[NODE]", "components and processes of a node, or of all that run"},
    {"sh", 1, 1, verb_sh, "NODE",
     "the node's shell (Ctrl-] leaves it), or the commands on standard input"},
    {"on", 2, 4, verb_on, "[-t SECONDS] NODE 'COMMAND'",
     "run a shell command there; its status is ptl's"},
    {"stop", 1, 1, verb_stop, "NODE", "pull its plug"},
    {"start", 1, 2, verb_start, "[--old] NODE",
     "power it on, with what the cluster was started with, and wait until it is up"},
    {"log", 1, 2, verb_log, "[-f] NODE[/COMPONENT]",
     "what its console says; -f goes on, without NODE for all of them"},
    {"link", 2, ANY, verb_switch, "NODE NODE 'loss 10% delay 5ms rate 1mbit'",
     "impair a link; `clear` ends that"},
    {"partition", 1, ANY, verb_switch, "NODES / NODES", "cut the network: n1 / n2,n3"},
    {"heal", 0, 0, verb_switch, "", "end all partitions"},
    {"keys", 2, 3, verb_keys, "make DIR NODES | show DIR | rotate DIR [NODE]",
     "the keys of a cluster of your own: one file a node; `rotate` makes new ones"},
};

static void help_print(FILE *to)
{
        fputs("usage: ptl VERB …\n\n", to);
        for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
                fprintf(to, "  %s %s\n        %s\n", verbs[i].name, verbs[i].arguments,
                        verbs[i].help);
        char cards[128];
        option_nic_choices(cards, sizeof cards);
        fprintf(to,
                "\nOptions of up and run are variables of the environment (up also takes them as\n"
                "arguments), as behind `make run`:\n"
                "  N=3  MEM=128  PLACE=fs:n3  FILES=DIR  CAPTURE=FILE  LOSS=5  SEED=7  MTU=9000\n"
                "  BOOT=pxe|direct  GDB=n2[:PORT]  ACCEL=tcg|kvm  MACHINE=q35|pc\n"
                "  NIC=CARD (%s)\n"
                "  SERIAL=one (log and shells of a node share one serial port)\n"
                "  PORTS=n1,n3 (nodes with ports for shells; others are reached through n1)\n"
                "  PLAINTEXT=yes (no encryption between nodes, for teaching)  CIPHER=NAME\n"
                "  KEYLOG=FILE (the keys of all sessions, for Wireshark; also into the capture)\n"
                "  SYSTEM=FILE (a system description instead of cluster/system.description)\n"
                "  PTL_TIMEOUT=120 (seconds a node has to come up)\n"
                "PTL_DIR=DIR is the run directory (build/run), PTL_QEMU the QEMU to use.\n",
                cards);
}

/* Descriptors 0 to 2 are open, so that no other file gets one of these numbers. What is read from a
 * closed one is at its end, and writing to it fails. */
static void descriptors_fill(void)
{
        int fd;
        do
                fd = open("/dev/null", O_RDONLY);
        while (fd >= 0 && fd <= STDERR_FILENO);
        close(fd);
}

/* The status of a verb whose output may have gone nowhere. */
static int output_end(int status)
{
        bool written = !fflush(stdout) && !ferror(stdout);
        if (written || status != EXIT_OK)
                return status;
        complain("standard output: %s", strerror(errno));
        return EXIT_FAILED;
}

int main(int argc, char **argv)
{
        descriptors_fill();
        if (argc < 2) {
                help_print(stderr);
                return EXIT_USAGE;
        }
        if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
                help_print(stdout);
                return output_end(EXIT_OK);
        }
        const struct verb *named = NULL; /* a verb may have two forms */
        for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
                const struct verb *verb = &verbs[i];
                if (strcmp(argv[1], verb->name))
                        continue;
                if (argc - 2 >= verb->least && argc - 2 <= verb->most)
                        return output_end(verb->function(argc - 1, argv + 1));
                named = verb;
        }
        if (named)
                complain("usage: ptl %s %s", named->name, named->arguments);
        else
                complain("%s: no such verb; `ptl --help` lists them", argv[1]);
        return EXIT_USAGE;
}
