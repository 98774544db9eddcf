/* Every option has its own small reader. */
#include "tools/switch/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

const char options_usage[] =
    "usage: portolan-switch --dir RUNDIR --node n1=52:54:00:00:00:01 [--node …] [OPTION…]\n"
    "  --dir RUNDIR        holds switch.ctl, and nK/switch.sock and nK/qemu.sock of each node\n"
    "  --node nK=MAC       a node, n1 to n32\n"
    "  --tftp DIR          serve the files beneath DIR to booting nodes\n"
    "  --bootfile FILE     the file that DHCP tells them to boot, within DIR\n"
    "  --no-boot           no DHCP, TFTP or gateway at all\n"
    "  --capture FILE      write all frames to FILE (pcapng)\n"
    "  --keylog FILE       write the keys of all sessions to FILE and into the capture, as the\n"
    "                      nodes write them to nK/keylog\n"
    "  --seed N            of the random numbers that impairments use\n"
    "  --loss P            percentage of frames lost between any two nodes\n"
    "  --default 'SPEC'    impairments between any two nodes, as 'loss 1% delay 5ms'\n";

enum { NODE = 256, DIR, TFTP, BOOTFILE, CAPTURE, KEYLOG, SEED, NO_BOOT, LOSS, DEFAULT, HELP };

static const struct option long_options[] = {
    {"dir", required_argument, NULL, DIR},
    {"node", required_argument, NULL, NODE},
    {"tftp", required_argument, NULL, TFTP},
    {"bootfile", required_argument, NULL, BOOTFILE},
    {"capture", required_argument, NULL, CAPTURE},
    {"keylog", required_argument, NULL, KEYLOG},
    {"seed", required_argument, NULL, SEED},
    {"no-boot", no_argument, NULL, NO_BOOT},
    {"loss", required_argument, NULL, LOSS},
    {"default", required_argument, NULL, DEFAULT},
    {"help", no_argument, NULL, HELP},
    {0},
};

static int hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool mac_parse(const char *text, struct mac *mac)
{
        for (unsigned i = 0; i < sizeof mac->bytes; i++, text += 3) {
                int high = hex_digit(text[0]);
                int low = high < 0 ? -1 : hex_digit(text[1]);
                char after = i < sizeof mac->bytes - 1 ? ':' : 0;
                if (low < 0 || text[2] != after)
                        return false;
                mac->bytes[i] = (uint8_t)(high << 4 | low);
        }
        return !mac_is_group(*mac);
}

/* The number of a name n1 … n32 that stands before '='; 0 if it is none. */
static unsigned number_parse(const char *text)
{
        unsigned number = 0;
        if (*text++ != 'n' || *text == '0')
                return 0;
        for (; *text >= '0' && *text <= '9' && number <= NODES_MAX; text++)
                number = number * 10 + (unsigned)(*text - '0');
        return *text == '=' && number <= NODES_MAX ? number : 0;
}

static bool node_parse(const char *text, struct options *options, struct problem *problem)
{
        struct node_option node = {.number = number_parse(text)};
        const char *equals = strchr(text, '=');
        if (node.number == 0 || !mac_parse(equals + 1, &node.mac))
                return problem_set(problem, "--node %s: not a node; say n1=52:54:00:00:00:01",
                                   text);
        for (unsigned i = 0; i < options->count; i++) {
                if (options->nodes[i].number == node.number ||
                    mac_equal(options->nodes[i].mac, node.mac))
                        return problem_set(
                            problem, "--node %s: given twice; each has its own name and MAC", text);
        }
        snprintf(node.name, sizeof node.name, "n%u", node.number);
        options->nodes[options->count++] = node;
        return true;
}

static bool seed_parse(const char *text, struct options *options, struct problem *problem)
{
        char *end;
        errno = 0;
        options->seed = strtoull(text, &end, 0);
        options->has_seed = true;
        if (errno || end == text || *end || strchr(text, '-'))
                return problem_set(problem, "--seed %s: not a number; give one", text);
        return true;
}

static bool impairment_option(const char *prefix, const char *text, struct options *options,
                              struct problem *problem)
{
        char line[256];
        struct problem inner = {""};
        if (snprintf(line, sizeof line, "%s%s", prefix, text) >= (int)sizeof line)
                return problem_set(problem, "the impairment is too long; shorten it");
        if (!impairment_parse(line, &options->impairment, &inner))
                return problem_set(problem, "--%s%s: %s", *prefix ? prefix : "default ", text,
                                   inner.text);
        return true;
}

static bool option_take(int code, char *value, struct options *options, struct problem *problem)
{
        switch (code) {
        case DIR:
                options->directory = value;
                return true;
        case NODE:
                return node_parse(value, options, problem);
        case TFTP:
                options->tftp = value;
                return true;
        case BOOTFILE:
                options->bootfile = value;
                return true;
        case CAPTURE:
                options->capture = value;
                return true;
        case KEYLOG:
                options->keylog = value;
                return true;
        case SEED:
                return seed_parse(value, options, problem);
        case NO_BOOT:
                options->no_boot = true;
                return true;
        case LOSS:
                return impairment_option("loss ", value, options, problem);
        case DEFAULT:
                return impairment_option("", value, options, problem);
        case HELP:
                options->help = true;
                return true;
        default:
                return problem_set(problem,
                                   "an option is not known or lacks its value; see --help");
        }
}

bool options_parse(int count, char **arguments, struct options *options, struct problem *problem)
{
        int code;
        memset(options, 0, sizeof *options);
        optind = 0; /* glibc: start anew */
        opterr = 0;
        while ((code = getopt_long(count, arguments, "", long_options, NULL)) >= 0) {
                if (!option_take(code, optarg, options, problem))
                        return false;
        }
        if (options->help)
                return true;
        if (optind < count)
                return problem_set(problem, "%s: not an option; see --help", arguments[optind]);
        if (!options->directory)
                return problem_set(problem, "--dir is missing; see --help");
        if (options->count == 0)
                return problem_set(problem, "no --node is given; see --help");
        if (options->bootfile && strlen(options->bootfile) > 127)
                return problem_set(problem, "--bootfile: longer than 127 bytes; shorten it");
        return true;
}
