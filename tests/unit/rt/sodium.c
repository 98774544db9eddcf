/* A program that uses libsodium, to be linked: nothing of Debian's fortified archive may be
 * missing. It has constants that hold addresses, for `built` to find them in what is not written
 * to. */
#include <sodium.h>
#include <stdio.h>

static const char *const formats[] = {"%02x", "%02x\n"};

int main(void)
{
        unsigned char hash[16];
        if (sodium_init() < 0)
                return 1;
        crypto_generichash(hash, sizeof hash, (const unsigned char *)"portolan", 8, NULL, 0);
        for (unsigned i = 0; i < sizeof hash; i++) {
                const char *const volatile *format = &formats[i + 1 == sizeof hash];
                printf(*format, hash[i]);
        }
        return 0;
}
