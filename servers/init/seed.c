/* Secret and public randomness, told apart; see seed.h. What is on the command line came over the
 * boot network: it is public. */
#include "servers/init/seed.h"

#include <string.h>
#include "servers/rt/task/fw_cfg_ports.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/random.h"

enum { SEED_MAX = 64, SEED_LEAST = 16 };

/* The secret seed that whoever started this machine gave it. False: there is none. */
static bool secret_read(handle_t hardware)
{
        uint8_t seed[SEED_MAX];
        size_t length = 0;
        handle_t ports;
        if (sys_ioport_create(hardware, FW_CFG_PORT, FW_CFG_PORTS, &ports) != OUTCOME_OK)
                return false;
        outcome_t outcome = fw_cfg_read_ports(ports, FW_CFG_SEED, seed, sizeof seed, &length);
        sys_handle_close(ports);
        bool used = outcome == OUTCOME_OK && length >= SEED_LEAST;
        if (used)
                random_stir(seed, length, RANDOM_SECRET);
        else if (outcome != not_executed(REASON_NOT_FOUND))
                rt_log("the seed in " FW_CFG_SEED " is not used: give it 16 to 64 bytes");
        explicit_bzero(seed, sizeof seed);
        return used;
}

void seed_read(const struct boot *boot)
{
        struct text seed;
        bool given = text_value(boot->command_line, "seed", &seed) && seed.length > 0;
        bool rdrand = random_quality() == RANDOM_SECRET; /* nobody has given init any */
        bool secret = secret_read(boot->info->hardware);
        random_stir(boot->command_line.at, boot->command_line.length,
                    given ? RANDOM_PUBLIC : RANDOM_NONE);
        rt_log("randomness:%s%s%s%s", rdrand ? " RDRAND" : "", secret ? " " FW_CFG_SEED : "",
               given ? " seed= (public)" : "", rdrand || secret || given ? "" : " none");
        if (!rdrand && !secret)
                rt_log("warning: this node can make no keys, unless it has a virtio-rng device: "
                       "its processor has no RDRAND, and QEMU gave no file " FW_CFG_SEED "%s",
                       given ? "; seed= is public, and makes only numbers that differ"
                             : ", nor is there a seed=");
}
