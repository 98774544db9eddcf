/* Runs the suites of the kernel's machine part. */
#include "tests/unit/kernel/arch_tests.h"
#include "tests/unit/suites.h"

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
        return suites_run(ranges_suite(), command_line_suite(), multiboot_suite(), acpi_suite(),
                          log_suite(), string_suite(), NULL);
}
