/* Every value is checked before anything is done, and the first that is wrong is named with what it
 * may be. */
#include "tools/ptl/options.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "tools/lib/complain.h"
#include "tools/ptl/names.h"
#include "tools/ptl/stage.h"

enum { MEMORY_MIN = 32, TIMEOUT_MAX = 86400, PORT_MAX = 65535 };
/* Bytes behind the Ethernet header: the least that the transport uses, what a boot server sends,
 * the most that the switch carries. */
enum { MTU_MIN = 1280, MTU_PXE = 1500, MTU_MAX = 9000 };

static const char *const option_names[] = {
    "N",         "NIC",    "MEM",    "PLACE", "FILES",       "CAPTURE", "LOSS",
    "SEED",      "BOOT",   "ACCEL",  "GDB",   "PTL_TIMEOUT", "SYSTEM",  "MACHINE",
    "PLAINTEXT", "CIPHER", "KEYLOG", "MTU",   "PORTS",       "SERIAL",
};

bool option_known(const char *name)
{
        for (size_t i = 0; i < sizeof option_names / sizeof *option_names; i++)
                if (!strcmp(option_names[i], name))
                        return true;
        return false;
}

static const char *value_of(option_lookup *lookup, const char *name)
{
        const char *value = lookup(name);
        return value && *value ? value : NULL;
}

/* A decimal number from min to max, and nothing behind it. */
static bool number_read(const char *text, uint64_t min, uint64_t max, uint64_t *number)
{
        char *end;
        if (*text < '0' || *text > '9')
                return false;
        errno = 0;
        unsigned long long value = strtoull(text, &end, 10);
        if (errno || *end || value < min || value > max)
                return false;
        *number = value;
        return true;
}

static bool count_read(option_lookup *lookup, const char *name, unsigned min, unsigned max,
                       unsigned *count)
{
        const char *text = value_of(lookup, name);
        uint64_t value;
        if (!text)
                return true;
        if (!number_read(text, min, max, &value))
                return complain("%s=%s: not a whole number from %u to %u", name, text, min, max);
        *count = (unsigned)value;
        return true;
}

/* The index of the value among two choices; the first is the default. */
static bool choice_read(option_lookup *lookup, const char *name, const char *const choices[2],
                        unsigned *choice)
{
        const char *text = value_of(lookup, name);
        *choice = 0;
        if (!text)
                return true;
        for (unsigned i = 0; i < 2; i++)
                if (!strcmp(text, choices[i])) {
                        *choice = i;
                        return true;
                }
        return complain("%s=%s: it must be %s or %s", name, text, choices[0], choices[1]);
}

static const char mixed[] = "mixed";

void option_nic_choices(char *text, size_t size)
{
        size_t used = 0;
        for (size_t i = 0; i < network_card_count && used < size; i++)
                used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "",
                                         network_cards[i].name);
        if (used < size)
                snprintf(text + used, size - used, " or %s", mixed);
}

static bool nic_read(struct options *options, option_lookup *lookup)
{
        const char *text = value_of(lookup, "NIC");
        char names[128];
        options->nic = network_cards;
        if (!text)
                return true;
        for (size_t i = 0; i < network_card_count; i++) {
                options->nic = &network_cards[i];
                if (!strcmp(text, options->nic->name))
                        return true;
        }
        options->nic = NULL;
        if (!strcmp(text, mixed))
                return true;
        option_nic_choices(names, sizeof names);
        return complain("NIC=%s: it must be %s", text, names);
}

static bool choices_read(struct options *options, option_lookup *lookup)
{
        static const char *const boots[] = {"pxe", "direct"};
        static const char *const accels[] = {"tcg", "kvm"};
        static const char *const machines[] = {"q35", "pc"};
        static const char *const serials[] = {"three", "one"};
        static const char *const answers[] = {"no", "yes"};
        static const char *const ciphers[] = {"chacha20-poly1305", "aes-256-gcm"};
        unsigned boot, accel, machine, plaintext, cipher, serial;
        if (!choice_read(lookup, "BOOT", boots, &boot) ||
            !choice_read(lookup, "ACCEL", accels, &accel) ||
            !choice_read(lookup, "MACHINE", machines, &machine) ||
            !choice_read(lookup, "SERIAL", serials, &serial) ||
            !choice_read(lookup, "PLAINTEXT", answers, &plaintext) ||
            !choice_read(lookup, "CIPHER", ciphers, &cipher))
                return false;
        options->plaintext = plaintext == 1;
        options->one_port = serial == 1;
        options->cipher = value_of(lookup, "CIPHER");
        options->keylog = value_of(lookup, "KEYLOG");
        if (options->plaintext && options->keylog)
                return complain("KEYLOG=%s: with PLAINTEXT=yes there are no keys; leave one out",
                                options->keylog);
        options->direct = boot == 1;
        options->accel = value_of(lookup, "ACCEL");
        options->machine = machines[machine];
        return true;
}

static bool seed_read(struct options *options, option_lookup *lookup)
{
        const char *text = value_of(lookup, "SEED");
        uint32_t random;
        if (text)
                return number_read(text, 0, UINT64_MAX, &options->seed) ||
                       complain("SEED=%s: not a whole number below 2^64", text);
        if (getrandom(&random, sizeof random, 0) != sizeof random)
                return complain(
                    "SEED: the host gives no random number (%s); choose one with SEED=1",
                    strerror(errno));
        options->seed = random;
        return true;
}

static bool mtu_read(struct options *options, option_lookup *lookup)
{
        if (!count_read(lookup, "MTU", MTU_MIN, MTU_MAX, &options->mtu))
                return false;
        if (options->mtu && options->mtu < MTU_PXE && !options->direct)
                return complain("MTU=%u: PXE needs a card of %u; add BOOT=direct", options->mtu,
                                MTU_PXE);
        return true;
}

static bool loss_read(struct options *options, option_lookup *lookup)
{
        const char *text = value_of(lookup, "LOSS");
        char *end;
        options->loss = text;
        if (!text)
                return true;
        double percent = strtod(text, &end);
        if (strspn(text, "0123456789.") != strlen(text) || *end || percent > 100)
                return complain("LOSS=%s: not a percentage from 0 to 100, such as 5 or 0.5", text);
        return true;
}

/* Names separated by commas, of nodes that there are. */
static bool ports_read(struct options *options, option_lookup *lookup)
{
        const char *text = value_of(lookup, "PORTS");
        char name[NODE_NAME];
        options->ports = text;
        for (const char *at = text; at && *at; at += at[0] == ',') {
                size_t length = strcspn(at, ",");
                unsigned node = 0;
                if (length < sizeof name) {
                        memcpy(name, at, length);
                        name[length] = 0;
                        node = node_number(name);
                }
                if (node == 0 || node > options->nodes)
                        return complain("PORTS=%s: not a list of nodes, as in n1,n3", text);
                at += length;
        }
        return option_has_ports(options, 1) ||
               complain("PORTS=%s: n1 must be one of them: the others are reached through it",
                        text);
}

static bool gdb_read(struct options *options, option_lookup *lookup)
{
        const char *text = value_of(lookup, "GDB");
        char name[NODE_NAME] = "";
        uint64_t port = 0;
        if (!text)
                return true;
        size_t length = strcspn(text, ":");
        if (length < sizeof name)
                memcpy(name, text, length);
        options->gdb_node = node_number(name);
        if (options->gdb_node == 0 || options->gdb_node > options->nodes)
                return complain("GDB=%s: there is no such node; it must be n1 to n%u", text,
                                options->nodes);
        if (text[length] == ':' && !number_read(text + length + 1, 1, PORT_MAX, &port))
                return complain("GDB=%s: not a TCP port behind the colon", text);
        options->gdb_port = (unsigned)port;
        return true;
}

/* What no path and no list of places can be is not passed on. */
static bool lengths_check(option_lookup *lookup)
{
        for (size_t i = 0; i < sizeof option_names / sizeof *option_names; i++) {
                const char *text = value_of(lookup, option_names[i]);
                if (text && strlen(text) >= PATH_MAX)
                        return complain("%s=%.40s…: it is longer than a path may be",
                                        option_names[i], text);
        }
        return true;
}

bool options_read(struct options *options, option_lookup *lookup)
{
        *options = (struct options){.nodes = 3, .memory = 128, .timeout = 120};
        options->place = value_of(lookup, "PLACE");
        options->files = value_of(lookup, "FILES");
        options->system = value_of(lookup, "SYSTEM");
        options->capture = value_of(lookup, "CAPTURE");
        return lengths_check(lookup) && count_read(lookup, "N", 1, NODES_MAX, &options->nodes) &&
               count_read(lookup, "MEM", MEMORY_MIN, OPTION_MEMORY_MAX, &options->memory) &&
               count_read(lookup, "PTL_TIMEOUT", 1, TIMEOUT_MAX, &options->timeout) &&
               choices_read(options, lookup) && nic_read(options, lookup) &&
               mtu_read(options, lookup) && seed_read(options, lookup) &&
               loss_read(options, lookup) && gdb_read(options, lookup) &&
               ports_read(options, lookup);
}

bool option_has_ports(const struct options *options, unsigned node)
{
        char name[NODE_NAME];
        node_name(node, name);
        return !options->ports || stage_peers_include(options->ports, name);
}

const struct network_card *option_nic(const struct options *options, unsigned node)
{
        return options->nic ? options->nic : &network_cards[(node - 1) % network_card_count];
}

const char *option_nic_choice(const struct options *options)
{
        return options->nic ? options->nic->name : mixed;
}
