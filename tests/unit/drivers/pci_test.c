/* What the bus server makes of configuration spaces, friendly and hostile. */
#include <stdlib.h>
#include <string.h>
#include <linux/pci_regs.h>
#include "drivers/bus/pci/bars.h"
#include "drivers/bus/pci/functions.h"
#include "drivers/bus/pci/msix.h"
#include "drivers/bus/pci/stop.h"
#include "tests/unit/drivers/fake_pci.h"
#include "tests/unit/drivers/suites.h"

enum { NET = 0x020000, ISA = 0x060100, BRIDGE = 0x060400 };

static struct fake_bus *bus;

static void set_up(void)
{
        bus = malloc(sizeof *bus);
        ck_assert_ptr_nonnull(bus);
        fake_bus_init(bus);
}

static void tear_down(void)
{
        free(bus);
}

static uint16_t at(unsigned bus_number, unsigned device, unsigned function)
{
        return (uint16_t)(bus_number << 8 | device << 3 | function);
}

/* ---- capabilities ---- */

static void capability(struct pci_config *config, unsigned offset, uint8_t id, uint8_t next)
{
        config->bytes[PCI_STATUS] = PCI_STATUS_CAP_LIST;
        config->bytes[offset] = id;
        config->bytes[offset + 1] = next;
}

START_TEST(capabilities_are_found_in_the_order_of_the_list)
{
        struct pci_config config = {{0}};
        config.bytes[PCI_CAPABILITY_LIST] = 0x98;
        capability(&config, 0x98, PCI_CAP_ID_VNDR, 0x40);
        capability(&config, 0x40, PCI_CAP_ID_MSIX, 0xfc);
        capability(&config, 0xfc, PCI_CAP_ID_VNDR, 0);
        ck_assert_uint_eq(pci_capability_find(&config, PCI_CAP_ID_MSIX, 0), 0x40);
        ck_assert_uint_eq(pci_capability_find(&config, PCI_CAP_ID_VNDR, 0), 0x98);
        ck_assert_uint_eq(pci_capability_find(&config, PCI_CAP_ID_VNDR, 0x98), 0xfc);
        ck_assert_uint_eq(pci_capability_find(&config, PCI_CAP_ID_VNDR, 0xfc), 0);
        ck_assert_uint_eq(pci_capability_find(&config, PCI_CAP_ID_EXP, 0), 0);
}
END_TEST

START_TEST(a_capability_list_that_comes_back_to_itself_ends)
{
        struct pci_config config = {{0}};
        config.bytes[PCI_CAPABILITY_LIST] = 0x40;
        capability(&config, 0x40, PCI_CAP_ID_VNDR, 0x48);
        capability(&config, 0x48, PCI_CAP_ID_VNDR, 0x40);
        ck_assert_uint_eq(pci_capability_find(&config, PCI_CAP_ID_MSIX, 0), 0);
        ck_assert_uint_eq(pci_capability_find(&config, PCI_CAP_ID_VNDR, 0x40), 0x48);
        ck_assert_uint_eq(pci_capability_find(&config, PCI_CAP_ID_VNDR, 0x48), 0);
}
END_TEST

START_TEST(a_capability_list_that_points_into_the_header_ends)
{
        struct pci_config config = {{0}};
        config.bytes[PCI_CAPABILITY_LIST] = 0x3c;
        capability(&config, 0x3c, PCI_CAP_ID_MSIX, 0);
        ck_assert_uint_eq(pci_capability_find(&config, PCI_CAP_ID_MSIX, 0), 0);
        config.bytes[PCI_CAPABILITY_LIST] = 0x40;
        capability(&config, 0x40, PCI_CAP_ID_MSIX, 0);
        config.bytes[PCI_STATUS] = 0;
        ck_assert_uint_eq(pci_capability_find(&config, PCI_CAP_ID_MSIX, 0), 0);
}
END_TEST

START_TEST(reads_beyond_the_copy_give_all_ones)
{
        struct pci_config config = {{0}};
        ck_assert_uint_eq(pci_config_8(&config, 256), 0xff);
        ck_assert_uint_eq(pci_config_16(&config, 255), 0xffff);
        ck_assert_uint_eq(pci_config_32(&config, 253), 0xffffffff);
        ck_assert_uint_eq(pci_config_32(&config, 252), 0);
        ck_assert_uint_eq(pci_config_32(&config, UINT32_MAX), 0xffffffff);
}
END_TEST

/* ---- functions ---- */

static struct fake_function *bridge_add(uint16_t address, uint8_t secondary)
{
        struct fake_function *bridge = fake_function_add(bus, address, 0x1b36, 0xc, BRIDGE);
        fake_set(bridge, PCI_HEADER_TYPE, 1, PCI_HEADER_TYPE_BRIDGE);
        fake_set(bridge, PCI_SECONDARY_BUS, 1, secondary);
        return bridge;
}

START_TEST(functions_behind_bridges_are_found)
{
        struct pci_function found[PCI_FUNCTIONS_MAX];
        fake_function_add(bus, at(0, 0, 0), 0x8086, 0x29c0, 0x060000);
        bridge_add(at(0, 2, 0), 1);
        fake_function_add(bus, at(1, 31, 0), 0x1af4, 0x1041, NET);
        ck_assert_uint_eq(pci_functions_find(&bus->space, found, PCI_FUNCTIONS_MAX), 3);
        ck_assert_uint_eq(found[2].address, at(1, 31, 0));
        ck_assert_uint_eq(found[2].vendor, 0x1af4);
        ck_assert_uint_eq(found[2].device, 0x1041);
        ck_assert_uint_eq(found[2].class, NET);
}
END_TEST

START_TEST(further_functions_count_only_where_the_first_says_so)
{
        struct pci_function found[PCI_FUNCTIONS_MAX];
        struct fake_function *first = fake_function_add(bus, at(0, 3, 0), 1, 1, NET);
        fake_function_add(bus, at(0, 3, 5), 1, 2, NET);
        ck_assert_uint_eq(pci_functions_find(&bus->space, found, PCI_FUNCTIONS_MAX), 1);
        fake_set(first, PCI_HEADER_TYPE, 1, 0x80);
        ck_assert_uint_eq(pci_functions_find(&bus->space, found, PCI_FUNCTIONS_MAX), 2);
        ck_assert_uint_eq(found[1].address, at(0, 3, 5));
}
END_TEST

START_TEST(bridges_in_a_circle_or_out_of_range_do_not_hold_the_walk)
{
        struct pci_function found[PCI_FUNCTIONS_MAX];
        bus->space.bus_last = 1;
        bridge_add(at(0, 1, 0), 1);
        bridge_add(at(0, 2, 0), 2);
        bridge_add(at(1, 1, 0), 0);
        bridge_add(at(1, 2, 0), 1);
        fake_function_add(bus, at(2, 0, 0), 1, 1, NET);
        ck_assert_uint_eq(pci_functions_find(&bus->space, found, PCI_FUNCTIONS_MAX), 4);
}
END_TEST

START_TEST(no_more_functions_are_noted_than_there_is_room_for)
{
        struct pci_function found[PCI_FUNCTIONS_MAX];
        for (unsigned i = 0; i < 256; i++)
                fake_set(fake_function_add(bus, at(0, i / 8, i % 8), 1, 1, NET), PCI_HEADER_TYPE, 1,
                         0x80);
        ck_assert_uint_eq(pci_functions_find(&bus->space, found, PCI_FUNCTIONS_MAX), 256);
        ck_assert_uint_eq(found[PCI_FUNCTIONS_MAX - 1].address, PCI_FUNCTIONS_MAX - 1);
}
END_TEST

/* ---- base address registers ---- */

START_TEST(registers_are_sized_and_left_as_they_were)
{
        struct fake_function *function = fake_function_add(bus, at(0, 2, 0), 0x1af4, 0x1041, NET);
        struct fake_function before;
        struct pci_bar bars[PCI_BARS];
        fake_set(function, PCI_BASE_ADDRESS_0, 4, 0xc041);
        fake_set(function, PCI_BASE_ADDRESS_0, 4, 0xc041);
        memset(function->writable + PCI_BASE_ADDRESS_0, 0xe0, 1);
        memset(function->writable + PCI_BASE_ADDRESS_0 + 1, 0xff, 1);
        fake_bar(function, 1, 0xfebd1000, 0x1000, 0);
        fake_bar(function, 4, 0x800000000, 0x4000, 1);
        before = *function;
        pci_bars_read(&bus->space, function->address, bars);
        ck_assert_int_eq(bars[0].kind, PCI_BAR_PORTS);
        ck_assert_uint_eq(bars[0].base, 0xc040);
        ck_assert_uint_eq(bars[0].bytes, 32);
        ck_assert_int_eq(bars[1].kind, PCI_BAR_MEMORY);
        ck_assert_uint_eq(bars[1].base, 0xfebd1000);
        ck_assert_uint_eq(bars[1].bytes, 0x1000);
        ck_assert_int_eq(bars[2].kind, PCI_BAR_NONE);
        ck_assert_uint_eq(bars[4].base, 0x800000000);
        ck_assert_uint_eq(bars[4].bytes, 0x4000);
        ck_assert_int_eq(bars[5].kind, PCI_BAR_NONE);
        ck_assert_mem_eq(before.bytes, function->bytes, sizeof before.bytes);
        ck_assert_uint_eq(bus->sized_while_decoding, 0);
}
END_TEST

START_TEST(registers_that_make_no_sense_are_none)
{
        struct fake_function *function = fake_function_add(bus, at(0, 2, 0), 1, 1, NET);
        struct pci_bar bars[PCI_BARS];
        fake_bar(function, 0, 0, 0x1000, 0);                  /* without an address */
        fake_bar(function, 2, 0xfffffffffffff000, 0x1000, 1); /* ends beyond all addresses */
        fake_set(function, PCI_BASE_ADDRESS_5, 4, 0xfebd1000 | PCI_BASE_ADDRESS_MEM_TYPE_64);
        pci_bars_read(&bus->space, function->address, bars);
        for (unsigned i = 0; i < PCI_BARS; i++)
                ck_assert_int_eq(bars[i].kind, PCI_BAR_NONE);
}
END_TEST

static const struct {
        uint64_t bytes;
        struct pci_range hole, parts[3];
} splits[] = {
    {0x4000, {0, 0}, {{0, 0x4000}}},
    {0x4000, {0x1800, 0x30}, {{0, 0x1000}, {0x2000, 0x2000}}},
    {0x4000, {0, 0x10}, {{0x1000, 0x3000}}},
    {0x4000, {0x3ff0, 0x10}, {{0, 0x3000}}},
    {0x4000, {0xff0, 0x20}, {{0x2000, 0x2000}}},
    {0x1000, {0, 0x10}, {{0, 0}}},
    {0x4000, {0, 0x4000}, {{0, 0}}},
};

START_TEST(parts_leave_out_the_pages_of_the_table)
{
        struct pci_bar bar = {PCI_BAR_MEMORY, 0xfe000000, splits[_i].bytes};
        struct pci_range range;
        unsigned part = 0;
        for (; splits[_i].parts[part].bytes != 0; part++) {
                ck_assert(pci_bar_part(&bar, splits[_i].hole, part, &range));
                ck_assert_uint_eq(range.offset, splits[_i].parts[part].offset);
                ck_assert_uint_eq(range.bytes, splits[_i].parts[part].bytes);
        }
        ck_assert(!pci_bar_part(&bar, splits[_i].hole, part, &range));
}
END_TEST

START_TEST(registers_within_a_page_and_ports_have_no_parts)
{
        struct pci_bar small = {PCI_BAR_MEMORY, 0xfe000000, 0x100};
        struct pci_bar ports = {PCI_BAR_PORTS, 0xc000, 0x1000};
        struct pci_range range;
        ck_assert(!pci_bar_part(&small, (struct pci_range){0, 0}, 0, &range));
        ck_assert(!pci_bar_part(&ports, (struct pci_range){0, 0}, 0, &range));
}
END_TEST

/* ---- MSI-X ---- */

static void msix_capability(struct pci_config *config, unsigned vectors, uint32_t where)
{
        config->bytes[PCI_CAPABILITY_LIST] = 0x98;
        capability(config, 0x98, PCI_CAP_ID_MSIX, 0);
        config->bytes[0x98 + PCI_MSIX_FLAGS] = (uint8_t)(vectors - 1);
        memcpy(config->bytes + 0x98 + PCI_MSIX_TABLE, &where, sizeof where);
}

START_TEST(the_msix_table_is_found_in_its_register)
{
        struct pci_bar bars[PCI_BARS] = {[1] = {PCI_BAR_MEMORY, 0xfebd1000, 0x1000}};
        struct pci_config config = {{0}};
        struct msix msix;
        msix_capability(&config, 3, 0x800 | 1);
        msix = msix_find(&config, bars);
        ck_assert_uint_eq(msix.capability, 0x98);
        ck_assert_uint_eq(msix.vectors, 3);
        ck_assert_uint_eq(msix.bar, 1);
        ck_assert_uint_eq(msix.table.offset, 0x800);
        ck_assert_uint_eq(msix.table.bytes, 48);
}
END_TEST

START_TEST(an_msix_table_outside_a_memory_register_is_none)
{
        static const uint32_t places[] = {0x1000 | 1, 0xfd8 | 1, 0xfffffff8 | 1, 2, 6, 7};
        struct pci_bar bars[PCI_BARS] = {
            [1] = {PCI_BAR_MEMORY, 0xfebd1000, 0x1000}, [2] = {PCI_BAR_PORTS, 0xc000, 0x1000}};
        struct pci_config config = {{0}};
        msix_capability(&config, 3, places[_i]);
        ck_assert_uint_eq(msix_find(&config, bars).capability, 0);
}
END_TEST

START_TEST(table_entries_are_masked_while_they_change)
{
        uint32_t table[8] = {0};
        msix_entry_set(table, 1, 0x1fee00000, 0x41);
        ck_assert_uint_eq(table[4], 0xfee00000);
        ck_assert_uint_eq(table[5], 1);
        ck_assert_uint_eq(table[6], 0x41);
        ck_assert_uint_eq(table[7], 0);
        msix_entry_mask(table, 1);
        ck_assert_uint_eq(table[7], 1);
        ck_assert_uint_eq(table[3], 0);
}
END_TEST

/* ---- stopping ---- */

static struct fake_function *express_add(int flr)
{
        struct fake_function *function = fake_function_add(bus, at(0, 2, 0), 0x1af4, 0x1041, NET);
        fake_set(function, PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
        fake_set(function, PCI_CAPABILITY_LIST, 1, 0x40);
        fake_set(function, 0x40, 2, PCI_CAP_ID_EXP | 0x98 << 8);
        fake_set(function, 0x40 + PCI_EXP_DEVCAP, 4, flr ? PCI_EXP_DEVCAP_FLR : 0);
        function->flr_control = 0x40 + PCI_EXP_DEVCTL;
        fake_set(function, 0x98, 4, PCI_CAP_ID_MSIX | (uint64_t)PCI_MSIX_FLAGS_ENABLE << 16);
        memset(function->writable + 0x98 + PCI_MSIX_FLAGS, 0xff, 2);
        fake_bar(function, 0, 0xfebd0000, 0x1000, 0);
        return function;
}

START_TEST(a_stopped_function_has_neither_mastering_nor_interrupts)
{
        struct fake_function *function = express_add(1);
        function_stop(&bus->space, function->address);
        ck_assert_uint_eq(fake_get(function, PCI_COMMAND, 2),
                          PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_INTX_DISABLE);
        ck_assert_uint_eq(fake_get(function, 0x98 + PCI_MSIX_FLAGS, 2), 0);
}
END_TEST

START_TEST(a_reset_keeps_the_addresses_and_mastering_off)
{
        struct fake_function *function = express_add(1);
        function_stop(&bus->space, function->address);
        ck_assert(function_reset(&bus->space, function->address));
        ck_assert_uint_eq(function->resets, 1);
        ck_assert_uint_ge(bus->paused, 100000000);
        ck_assert_uint_eq(fake_get(function, PCI_BASE_ADDRESS_0, 4), 0xfebd0000);
        ck_assert_uint_eq(fake_get(function, PCI_COMMAND, 2) & PCI_COMMAND_MASTER, 0);
        ck_assert_uint_ne(fake_get(function, PCI_COMMAND, 2) & PCI_COMMAND_MEMORY, 0);
}
END_TEST

START_TEST(a_function_without_reset_is_left_alone)
{
        struct fake_function *function = express_add(0);
        ck_assert(!function_reset(&bus->space, function->address));
        ck_assert_uint_eq(function->resets, 0);
        ck_assert_uint_eq(bus->paused, 0);
}
END_TEST

START_TEST(at_the_start_all_endpoints_but_bridges_are_stopped)
{
        fake_function_add(bus, at(0, 1, 0), 1, 1, NET);
        fake_function_add(bus, at(0, 31, 0), 1, 1, ISA);
        bridge_add(at(0, 2, 0), 1);
        functions_stop_all(&bus->space);
        ck_assert_uint_eq(fake_get(&bus->functions[0], PCI_COMMAND, 2) & PCI_COMMAND_MASTER, 0);
        ck_assert_uint_ne(fake_get(&bus->functions[1], PCI_COMMAND, 2) & PCI_COMMAND_MASTER, 0);
        ck_assert_uint_ne(fake_get(&bus->functions[2], PCI_COMMAND, 2) & PCI_COMMAND_MASTER, 0);
}
END_TEST

START_TEST(no_device_that_is_silenced_masters_the_bus_on_any_bus)
{
        for (unsigned i = 0; i < 2 * PCI_FUNCTIONS_MAX; i++)
                fake_set(fake_function_add(bus, at(0, i / 8, i % 8), 1, 1, NET), PCI_HEADER_TYPE, 1,
                         0x80);
        bridge_add(at(0, 30, 0), 1);
        fake_function_add(bus, at(1, 0, 0), 1, 1, NET);
        ck_assert_uint_eq(functions_silence(&bus->space), 2 * PCI_FUNCTIONS_MAX + 1);
        for (unsigned i = 0; i < bus->count; i++)
                ck_assert_uint_eq(
                    (fake_get(&bus->functions[i], PCI_COMMAND, 2) & PCI_COMMAND_MASTER) != 0,
                    fake_get(&bus->functions[i], PCI_HEADER_TYPE, 1) == PCI_HEADER_TYPE_BRIDGE);
        ck_assert_uint_eq(functions_silence(&bus->space), 0);
}
END_TEST

static void add_reading_tests(TCase *tests)
{
        tcase_add_test(tests, capabilities_are_found_in_the_order_of_the_list);
        tcase_add_test(tests, a_capability_list_that_comes_back_to_itself_ends);
        tcase_add_test(tests, a_capability_list_that_points_into_the_header_ends);
        tcase_add_test(tests, reads_beyond_the_copy_give_all_ones);
        tcase_add_test(tests, functions_behind_bridges_are_found);
        tcase_add_test(tests, further_functions_count_only_where_the_first_says_so);
        tcase_add_test(tests, bridges_in_a_circle_or_out_of_range_do_not_hold_the_walk);
        tcase_add_test(tests, no_more_functions_are_noted_than_there_is_room_for);
}

Suite *pci_suite(void)
{
        Suite *suite = suite_create("pci");
        TCase *tests = tcase_create("pci");
        tcase_add_checked_fixture(tests, set_up, tear_down);
        add_reading_tests(tests);
        tcase_add_test(tests, registers_are_sized_and_left_as_they_were);
        tcase_add_test(tests, registers_that_make_no_sense_are_none);
        tcase_add_loop_test(tests, parts_leave_out_the_pages_of_the_table, 0,
                            sizeof splits / sizeof splits[0]);
        tcase_add_test(tests, registers_within_a_page_and_ports_have_no_parts);
        tcase_add_test(tests, the_msix_table_is_found_in_its_register);
        tcase_add_loop_test(tests, an_msix_table_outside_a_memory_register_is_none, 0, 6);
        tcase_add_test(tests, table_entries_are_masked_while_they_change);
        tcase_add_test(tests, a_stopped_function_has_neither_mastering_nor_interrupts);
        tcase_add_test(tests, a_reset_keeps_the_addresses_and_mastering_off);
        tcase_add_test(tests, a_function_without_reset_is_left_alone);
        tcase_add_test(tests, at_the_start_all_endpoints_but_bridges_are_stopped);
        tcase_add_test(tests, no_device_that_is_silenced_masters_the_bus_on_any_bus);
        suite_add_tcase(suite, tests);
        return suite;
}
