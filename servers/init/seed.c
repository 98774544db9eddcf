/* Secret and public randomness, told apart; see seed.h. What is on the command line came over the
 * boot network: it is public. */
#include "servers/init/seed.h"

#include <string.h>
#include "servers/rt/task/fw_cfg_ports.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/random.h"

enum { SEED_MAX = 64, SEED_LEAST = 16 };

/* The secret seed that whoever started this machine gave it. */
static void secret_read(handle_t hardware)
{
        uint8_t seed[SEED_MAX];
        size_t length = 0;
        handle_t ports;
        if (sys_ioport_create(hardware, FW_CFG_PORT, FW_CFG_PORTS, &ports) != OUTCOME_OK)
                return;
        outcome_t outcome = fw_cfg_read_ports(ports, FW_CFG_SEED, seed, sizeof seed, &length);
        sys_handle_close(ports);
        if (outcome == OUTCOME_OK && length >= SEED_LEAST)
                random_stir(seed, length, RANDOM_SECRET);
        else if (outcome != not_executed(REASON_NOT_FOUND))
                rt_log("the seed in " FW_CFG_SEED " is not used: give it 16 to 64 bytes");
        explicit_bzero(seed, sizeof seed);
}

void seed_read(const struct boot *boot)
{
        struct text seed;
        bool given = text_value(boot->command_line, "seed", &seed) && seed.length > 0;
        secret_read(boot->info->hardware);
        random_stir(boot->command_line.at, boot->command_line.length,
                    given ? RANDOM_PUBLIC : RANDOM_NONE);
        if (random_quality() == RANDOM_SECRET)
                return;
        rt_log("warning: this node can make no keys: its processor has no RDRAND, and QEMU gave no "
               "file " FW_CFG_SEED "%s",
               given ? "; seed= is public, and makes only numbers that differ"
                     : ", nor is there a seed=");
}
