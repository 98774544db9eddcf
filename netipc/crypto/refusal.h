/* The reasons why this folder's functions refuse what they are given (refusals.def). */
#ifndef NETIPC_CRYPTO_REFUSAL_H
#define NETIPC_CRYPTO_REFUSAL_H

enum crypto_refusal {
        CRYPTO_TAKEN = 0,
#define REFUSAL(name, text) CRYPTO_REFUSED_##name,
#include "netipc/crypto/refusals.def"
#undef REFUSAL
        CRYPTO_REFUSALS, /* their number; sizes counters */
};

/* What a log line says behind the sender's name; "is taken" of CRYPTO_TAKEN. */
const char *crypto_refusal_text(enum crypto_refusal refusal);

#endif
