/* Asking a device for randomness; see entropy.h. Called by native programs alone. */
#include "servers/rt/serve/entropy.h"

#include "servers/proto/entropy.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/random.h"

#define DEVICE_WAIT (3 * RT_SECOND)

enum { DRAWN = 32 };

static outcome_t draw(uint8_t bytes[DRAWN])
{
        handle_t device;
        size_t length = 0;
        outcome_t outcome = rt_bind("./entropy", rt_after(DEVICE_WAIT), &device);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = entropy_draw(device, rt_after(DEVICE_WAIT), DRAWN, bytes, DRAWN, &length);
        sys_handle_close(device);
        return outcome == OUTCOME_OK && length != DRAWN ? perhaps_executed(REASON_MALFORMED)
                                                        : outcome;
}

bool rt_entropy(void)
{
        uint8_t bytes[DRAWN];
        if (random_quality() == RANDOM_SECRET)
                return true;
        outcome_t outcome = draw(bytes);
        if (outcome == OUTCOME_OK) {
                random_stir(bytes, sizeof bytes, RANDOM_SECRET);
                rt_log("randomness: a virtio-rng device");
        }
        bytes_zero(bytes, sizeof bytes);
        return outcome == OUTCOME_OK;
}
