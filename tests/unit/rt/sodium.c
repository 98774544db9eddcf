/* A program that uses libsodium, to be linked: nothing of Debian's fortified archive may be
 * missing. */
#include <sodium.h>
#include <stdio.h>

int main(void)
{
        unsigned char hash[16];
        if (sodium_init() < 0)
                return 1;
        crypto_generichash(hash, sizeof hash, (const unsigned char *)"portolan", 8, NULL, 0);
        for (unsigned i = 0; i < sizeof hash; i++)
                printf("%02x", hash[i]);
        printf("\n");
        return 0;
}
