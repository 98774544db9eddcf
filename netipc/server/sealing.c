/* Reads the keys and measures the ciphers; see sealing.h. The shortest of several runs counts: the
 * others were interrupted. */
#include "netipc/server/sealing.h"

#include <string.h>
#include "netipc/server/key_log.h"
#include "netipc/server/keyring.h"
#include "servers/rt/message/syscall.h"
#include "servers/rt/serve/entropy.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/time.h"
#include "servers/rt/start/startup.h"

enum { TRIAL = 1024, TRIALS = 8 };

/* ns for a packet of 1 KiB. */
static uint32_t cost_of(enum cipher cipher)
{
        static uint8_t packet[TRIAL + CIPHER_TAG];
        static const uint8_t bytes[CIPHER_KEY];
        struct cipher_key key;
        uint64_t least = UINT32_MAX;
        cipher_key_set(&key, cipher, bytes);
        for (unsigned i = 0; i < TRIALS; i++) {
                uint64_t begin = rt_now();
                cipher_seal(&key, i, NULL, 0, packet, TRIAL, packet);
                uint64_t took = rt_now() - begin;
                least = took < least ? took : least;
        }
        return least ? (uint32_t)least : 1;
}

static void costs_take(struct core_config *config, const char *forced)
{
        for (enum cipher i = 0; i < CIPHERS; i++) {
                bool wanted = !*forced || strcmp(forced, cipher_name(i)) == 0;
                if (!wanted || !cipher_available(i))
                        continue;
                config->cipher_costs[i] = cost_of(i);
                rt_log("packets are sealed: %s takes %u ns for 1 KiB%s", cipher_name(i),
                       config->cipher_costs[i], *forced ? ", and is forced" : "");
        }
}

static const char *decide(struct core_config *config, handle_t fw_cfg_ports, const char *plaintext,
                          const char *cipher)
{
        const struct keys *keys = keyring_read(fw_cfg_ports, rt_node(), config->cluster);
        if (keys)
                config->node = identity_short(keys->pair.public_key);
        if (strcmp(plaintext, "yes") == 0) {
                rt_log("warning: packets are in clear text, by plaintext=yes: whoever is on the "
                       "network reads and forges them");
                return NULL;
        }
        if (!keys)
                return "it has no keys to seal its packets with; plaintext=yes does without";
        if (!rt_entropy())
                return "it has keys, and no secret randomness (RDRAND, a seed by fw_cfg, or a "
                       "virtio-rng device); plaintext=yes does without both";
        costs_take(config, cipher);
        config->keys = keys;
        for (enum cipher i = 0; i < CIPHERS; i++)
                if (config->cipher_costs[i])
                        return NULL;
        return "cipher= names none that this processor has";
}

const char *sealing_decide(struct core_config *config, const char *plaintext, const char *cipher,
                           enum node_sealing *sealing)
{
        handle_t ports = rt_handle("ioports");
        const char *wrong = decide(config, ports, plaintext, cipher);
        *sealing = !config->keys         ? NODE_SEALING_CLEAR
                   : key_log_open(ports) ? NODE_SEALING_LOGGED
                                         : NODE_SEALING_SEALED;
        sys_handle_close(ports);
        return wrong;
}
