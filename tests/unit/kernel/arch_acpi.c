/* ACPI tables as QEMU makes them, and damaged ones. */
#include "tests/unit/kernel/arch_tests.h"
#include "kernel/arch/x86_64/acpi.h"

enum {
        RSDP = 0xf0000,
        RSDT = 0x50000,
        XSDT = 0x51000,
        MADT = 0x52000,
        FADT = 0x53000,
        DSDT = 0x54000,
        HPET = 0x55000,
        MCFG = 0x56000,
        HEADER = 36
};

static struct acpi acpi;

static void sum(paddr_t at, paddr_t checksum, uint32_t length)
{
        uint8_t total = 0;
        physical[checksum] = 0;
        for (uint32_t i = 0; i < length; i++)
                total = (uint8_t)(total + physical[at + i]);
        physical[checksum] = (uint8_t)-total;
}

/* Gives the table its signature, length and checksum. */
static void seal(paddr_t at, const char *signature, uint32_t length)
{
        put(at, signature, 4);
        put32(at + 4, length);
        sum(at, at + 9, length);
}

static void seal_rsdp(unsigned revision)
{
        put(RSDP, "RSD PTR ", 8);
        physical[RSDP + 15] = (uint8_t)revision;
        put32(RSDP + 16, RSDT);
        put32(RSDP + 20, 36);
        put64(RSDP + 24, XSDT);
        sum(RSDP, RSDP + 8, 20);
        sum(RSDP, RSDP + 32, 36);
}

static void fill_madt(void)
{
        static const uint8_t entries[] = {
            0, 8,  0, 0,  1, 0, 0,    0,                  /* a processor */
            1, 12, 0, 0,  0, 0, 0xc0, 0xfe, 0,   0, 0, 0, /* I/O APIC at 0xfec00000 */
            2, 10, 0, 0,  2, 0, 0,    0,    0,   0,       /* ISA 0 is input 2 */
            2, 10, 0, 9,  9, 0, 0,    0,    0xd, 0,       /* ISA 9: level, active high */
            2, 10, 0, 99, 9, 0, 0,    0,    0xd, 0,       /* no such ISA line */
        };
        put32(MADT + 36, 0xfee00000);
        put(MADT + 44, entries, sizeof entries);
        seal(MADT, "APIC", 44 + sizeof entries);
}

static void fill_fadt(void)
{
        static const uint8_t s5[] = {0x08, '_',  'S',  '5',  '_', 0x12, 0x06,
                                     0x04, 0x0a, 0x05, 0x01, 0,   0};
        put(DSDT + HEADER + 20, s5, sizeof s5);
        seal(DSDT, "DSDT", HEADER + 60);
        put32(FADT + 40, DSDT);
        put32(FADT + 64, 0x604);
        put32(FADT + 76, 0x608);
        put32(FADT + 112, 1 << 10);
        physical[FADT + 116] = 1;
        put64(FADT + 120, 0xcf9);
        physical[FADT + 128] = 0xf;
        seal(FADT, "FACP", 244);
}

static void setup(void)
{
        static const uint32_t tables[] = {MADT, FADT, HPET, MCFG};
        memset(physical, 0, sizeof physical);
        seal_rsdp(0);
        put(RSDT + HEADER, tables, sizeof tables);
        seal(RSDT, "RSDT", HEADER + sizeof tables);
        fill_madt();
        fill_fadt();
        put64(HPET + 44, 0xfed00000);
        seal(HPET, "HPET", 56);
        put64(MCFG + 44, 0xb0000000);
        physical[MCFG + 55] = 255;
        seal(MCFG, "MCFG", 60);
}

static const char *read_it(void)
{
        return acpi_read(&acpi, &physical_view, acpi_find(&physical_view));
}

/* ---- where registers may lie ---- */

static struct acpi usual(void)
{
        return (struct acpi){.local_apic = 0xfee00000,
                             .ioapic_count = 2,
                             .ioapics = {{0xfec00000, 0}, {0xfec01000, 24}},
                             .hpet = 0xfed00000,
                             .ecam = 0xb0000000,
                             .bus_first = 0,
                             .bus_last = 255};
}

static const char *check_of(struct acpi *checked)
{
        static const struct boot_range ram[] = {{0, 0xa0000}, {0x100000, 0x80000000}};
        return acpi_check(checked, ram, 2, 1ull << 36);
}

START_TEST(usual_addresses_are_taken)
{
        struct acpi checked = usual();
        ck_assert(!check_of(&checked));
        ck_assert_uint_eq(checked.hpet, 0xfed00000);
        ck_assert_uint_eq(checked.ecam, 0xb0000000);
}
END_TEST

static const paddr_t wrong_addresses[] = {
    0,          /* none */
    0x1000,     /* RAM */
    0x7ffff000, /* its last page */
    0xfee00010, /* not aligned */
    1ull << 36, /* no physical address */
    ~0xfffull,  /* the sum wraps */
};
enum { WRONG_ADDRESSES = sizeof wrong_addresses / sizeof wrong_addresses[0] };

START_TEST(interrupt_controllers_out_of_place_are_refused)
{
        struct acpi checked = usual();
        checked.local_apic = wrong_addresses[_i];
        ck_assert(strstr(check_of(&checked), "local APIC"));
        checked = usual();
        checked.ioapics[1].address = wrong_addresses[_i];
        ck_assert(strstr(check_of(&checked), "I/O APIC"));
}
END_TEST

START_TEST(timers_and_buses_out_of_place_are_missing)
{
        struct acpi checked = usual();
        checked.hpet = checked.ecam = wrong_addresses[_i];
        ck_assert(!check_of(&checked));
        ck_assert_uint_eq(checked.hpet, 0);
        ck_assert_uint_eq(checked.ecam, 0);
}
END_TEST

START_TEST(a_window_of_buses_that_reaches_into_ram_is_missing)
{
        struct acpi checked = usual();
        checked.ecam = 0x70000000;
        ck_assert(!check_of(&checked));
        ck_assert_uint_eq(checked.ecam, 0);
        checked.bus_first = 255; /* which alone counts, and lies beyond the RAM */
        checked.ecam = 0x80000000 - (255ull << 20);
        ck_assert(!check_of(&checked));
        ck_assert_uint_ne(checked.ecam, 0);
}
END_TEST

START_TEST(the_tables_of_qemu_are_understood)
{
        ck_assert_ptr_null(read_it());
        ck_assert_uint_eq(acpi.local_apic, 0xfee00000);
        ck_assert_uint_eq(acpi.ioapic_count, 1);
        ck_assert_uint_eq(acpi.ioapics[0].address, 0xfec00000);
        ck_assert_uint_eq(acpi.isa[0].gsi, 2);
        ck_assert_uint_eq(acpi.isa[3].gsi, 3);
        ck_assert_uint_eq(acpi.isa[9].gsi, 9);
        ck_assert_uint_eq(acpi.isa[9].flags, 0xd);
        ck_assert_uint_eq(acpi.hpet, 0xfed00000);
        ck_assert_uint_eq(acpi.ecam, 0xb0000000);
        ck_assert_uint_eq(acpi.bus_last, 255);
        ck_assert_uint_eq(acpi.pm_timer, 0x608);
        ck_assert_uint_eq(acpi.pm1a, 0x604);
        ck_assert_uint_eq(acpi.reset_port, 0xcf9);
        ck_assert_uint_eq(acpi.reset_value, 0xf);
        ck_assert(acpi.sleep5_known);
        ck_assert_uint_eq(acpi.sleep5a, 5);
        ck_assert_uint_eq(acpi.sleep5b, 1);
}
END_TEST

START_TEST(the_root_pointer_is_found_in_the_ebda)
{
        enum { EBDA = 0x9fc00 };
        memcpy(physical + EBDA + 32, physical + RSDP, 36);
        memset(physical + RSDP, 0, 36);
        ck_assert_uint_eq(acpi_find(&physical_view), 0);
        physical[0x40e] = EBDA >> 4 & 0xff;
        physical[0x40f] = EBDA >> 12;
        ck_assert_uint_eq(acpi_find(&physical_view), EBDA + 32);
}
END_TEST

START_TEST(a_root_pointer_with_a_wrong_sum_is_none)
{
        physical[RSDP + 10]++;
        ck_assert_uint_eq(acpi_find(&physical_view), 0);
        ck_assert_ptr_nonnull(read_it());
}
END_TEST

START_TEST(revision_2_has_wide_addresses)
{
        put64(XSDT + HEADER, MADT);
        seal(XSDT, "XSDT", HEADER + 8);
        seal_rsdp(2);
        ck_assert_ptr_null(read_it());
        ck_assert_uint_eq(acpi.hpet, 0); /* only in the other root table */
        physical[XSDT + 20]++;
        ck_assert_ptr_null(read_it());
        ck_assert_uint_eq(acpi.hpet, 0xfed00000);
}
END_TEST

START_TEST(damaged_tables_count_as_missing)
{
        physical[HPET + 44]++;
        put32(MCFG + 4, 20);
        put32(FADT + 4, 2 << 20);
        ck_assert_ptr_null(read_it());
        ck_assert_uint_eq(acpi.hpet, 0);
        ck_assert_uint_eq(acpi.ecam, 0);
        ck_assert_uint_eq(acpi.pm1a, 0);
        physical[MADT + 50]++;
        ck_assert_ptr_nonnull(read_it());
}
END_TEST

START_TEST(entries_that_run_over_their_table_end_it)
{
        physical[MADT + 45] = 200;
        seal(MADT, "APIC", 44 + 50);
        ck_assert_ptr_nonnull(read_it());
        physical[MADT + 45] = 0;
        seal(MADT, "APIC", 44 + 50);
        ck_assert_ptr_nonnull(read_it());
        seal(MADT, "APIC", HEADER);
        ck_assert_ptr_nonnull(read_it());
}
END_TEST

START_TEST(a_short_fadt_has_what_it_has)
{
        seal(FADT, "FACP", 116);
        ck_assert_ptr_null(read_it());
        ck_assert_uint_eq(acpi.pm_timer, 0x608);
        ck_assert_uint_eq(acpi.reset_port, 0);
}
END_TEST

START_TEST(sleep_values_must_be_small_numbers)
{
        physical[DSDT + HEADER + 20 + 9] = 9;
        seal(DSDT, "DSDT", HEADER + 60);
        ck_assert_ptr_null(read_it());
        ck_assert(!acpi.sleep5_known);
}
END_TEST

Suite *acpi_suite(void)
{
        Suite *suite = suite_create("acpi");
        TCase *tests = tcase_create("acpi");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, the_tables_of_qemu_are_understood);
        tcase_add_test(tests, the_root_pointer_is_found_in_the_ebda);
        tcase_add_test(tests, a_root_pointer_with_a_wrong_sum_is_none);
        tcase_add_test(tests, revision_2_has_wide_addresses);
        tcase_add_test(tests, damaged_tables_count_as_missing);
        tcase_add_test(tests, entries_that_run_over_their_table_end_it);
        tcase_add_test(tests, a_short_fadt_has_what_it_has);
        tcase_add_test(tests, sleep_values_must_be_small_numbers);
        tcase_add_test(tests, usual_addresses_are_taken);
        tcase_add_loop_test(tests, interrupt_controllers_out_of_place_are_refused, 0,
                            WRONG_ADDRESSES);
        tcase_add_loop_test(tests, timers_and_buses_out_of_place_are_missing, 0, WRONG_ADDRESSES);
        tcase_add_test(tests, a_window_of_buses_that_reaches_into_ram_is_missing);
        suite_add_tcase(suite, tests);
        return suite;
}
