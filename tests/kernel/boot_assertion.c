/* In place of kernel/boot/first.c: a kernel with an assertion that fails, so that boot_machines.sh
 * sees what it says. */
#include "kernel/boot/first.h"
#include "kernel/debug/panic.h"

uint64_t first_load(struct space *space, struct account *account, const void *image, uint64_t bytes)
{
        kassert(space && account);
        kassert(!image || bytes % 2 == 2 || !"a module, %s");
        return 0;
}

/* Nobody comes here. */
struct memory *first_map(struct space *space, struct account *account, uint64_t address,
                         uint64_t bytes, unsigned flags, const char *what)
{
        kassert(space && account && address && bytes && flags && what);
        panic("the assertion has held");
}
