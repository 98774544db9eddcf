/* Runs the suites of the kernel's machine part. */
#include "arch_tests.h"
#include <stdlib.h>

uint8_t physical[PHYSICAL_BYTES];

static const void *at(void *context, paddr_t address, size_t bytes)
{
        (void)context;
        bool inside = address <= PHYSICAL_BYTES && bytes <= PHYSICAL_BYTES - address;
        return inside ? physical + address : NULL;
}

const struct physical_view physical_view = {at, NULL};

int main(void)
{
        SRunner *runner = srunner_create(ranges_suite());
        srunner_add_suite(runner, command_line_suite());
        srunner_add_suite(runner, multiboot_suite());
        srunner_add_suite(runner, acpi_suite());
        srunner_add_suite(runner, log_suite());
        srunner_add_suite(runner, string_suite());
        srunner_run_all(runner, CK_NORMAL);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
