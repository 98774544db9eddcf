/* The texts of refusals. A reason without a text cannot compile. */
#include "netipc/crypto/refusal.h"

const char *crypto_refusal_text(enum crypto_refusal refusal)
{
        static const char *const texts[CRYPTO_REFUSALS] = {
            "is taken",
#define REFUSAL(name, text) text,
#include "netipc/crypto/refusals.def"
#undef REFUSAL
        };
        return (unsigned)refusal < CRYPTO_REFUSALS ? texts[refusal] : "unknown";
}
