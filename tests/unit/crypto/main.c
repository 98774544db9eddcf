/* Unit tests of netipc/crypto. */
#include "tests/unit/crypto/crypto.h"
#include "tests/unit/suites.h"

int main(void)
{
        return suites_run(noise_suite(), handshake_suite(), cookie_suite(), protect_suite(),
                          replay_suite(), freshness_suite(), keys_suite(), NULL);
}
