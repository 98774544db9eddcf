/* Which function a component gets, and what is said where there is none for it. */
#include "drivers/bus/pci/config_ports.h"
#include "drivers/bus/pci/match.h"
#include "tests/unit/drivers/suites.h"

enum { VIRTIO = 0, E1000 = 1, NET = 0x020000 };

static const struct pci_id ids[] = {
    {0x1af4, 0x1041, VIRTIO}, {0x1af4, 0x1000, VIRTIO}, {0x8086, 0x100e, E1000}};

enum { IDS = sizeof ids / sizeof ids[0] };

/* A bridge, a screen, an e1000 at 00:02.0, two virtio cards at 00:03.0 and 00:10.0. */
static const struct pci_function functions[] = {
    {0x00, 0x8086, 0x1237, 0x060000, 0}, {0x08, 0x1234, 0x1111, 0x030000, 0},
    {0x10, 0x8086, 0x100e, NET, 0},      {0x18, 0x1af4, 0x1041, NET, 0},
    {0x80, 0x1af4, 0x1000, NET, 0},
};

static struct machine_functions machine_with(unsigned card)
{
        return (struct machine_functions){functions, sizeof functions / sizeof functions[0], card};
}

START_TEST(without_a_card_to_prefer_the_first_that_can_be_driven_is_chosen)
{
        struct machine_functions machine = machine_with(CARD_ANY);
        unsigned driver = 99;
        ck_assert(driver_choose(ids, IDS, &machine, &driver));
        ck_assert_uint_eq(driver, E1000);
        ck_assert(driver_choose(ids, 1, &machine, &driver));
        ck_assert_uint_eq(driver, VIRTIO);
        ck_assert(!driver_choose(ids, 0, &machine, &driver));
}
END_TEST

START_TEST(of_network_cards_only_that_which_booted_is_handed_out)
{
        struct machine_functions machine = machine_with(0x80);
        unsigned driver = 99;
        ck_assert(driver_choose(ids, IDS, &machine, &driver));
        ck_assert_uint_eq(driver, VIRTIO);
        ck_assert(!ids_match(ids, IDS, &machine, 2));
        ck_assert(!ids_match(ids, IDS, &machine, 3));
        ck_assert(ids_match(ids, IDS, &machine, 4));
        ck_assert(!driver_choose(ids + 2, 1, &machine, &driver));
}
END_TEST

START_TEST(other_devices_do_not_depend_on_the_card)
{
        static const struct pci_id screen = {0x1234, 0x1111, 0};
        struct machine_functions machine = machine_with(0x80);
        ck_assert(ids_match(&screen, 1, &machine, 1));
}
END_TEST

START_TEST(a_card_is_an_address_of_a_network_function)
{
        struct machine_functions machine = machine_with(CARD_ANY);
        ck_assert_uint_eq(card_read("0x80"), 0x80);
        ck_assert_uint_eq(card_read("00000080"), 0x80);
        ck_assert_uint_eq(card_read(""), CARD_ANY);
        ck_assert_uint_eq(card_read("0x80x"), CARD_ANY);
        ck_assert_uint_eq(card_read("fffffffff"), CARD_ANY);
        ck_assert(card_present(&machine, 0x80));
        ck_assert(!card_present(&machine, 0x08));
        ck_assert(!card_present(&machine, 0x88));
        ck_assert(!card_present(&machine, CARD_ANY));
}
END_TEST

START_TEST(the_ids_of_the_chosen_driver_are_kept)
{
        struct pci_id kept[IDS] = {ids[0], ids[2], ids[1]};
        ck_assert_uint_eq(ids_keep(kept, IDS, VIRTIO), 2);
        ck_assert_uint_eq(kept[0].device, 0x1041);
        ck_assert_uint_eq(kept[1].device, 0x1000);
        ck_assert_uint_eq(ids_keep(kept, 2, E1000), 0);
}
END_TEST

static bool none_taken(unsigned index)
{
        (void)index;
        return false;
}

static bool e1000_taken(unsigned index)
{
        return index == 2;
}

START_TEST(network_cards_without_a_driver_are_named)
{
        struct machine_functions machine = machine_with(CARD_ANY);
        char text[256];
        ids_describe(ids, IDS, text, sizeof text);
        ck_assert_str_eq(text, "1af4:1041 1af4:1000 8086:100e");
        cards_describe(&machine, e1000_taken, text, sizeof text);
        ck_assert_str_eq(text, "1af4:1041 (Ethernet, class 0200) at 00:03.0, "
                               "1af4:1000 (Ethernet, class 0200) at 00:10.0");
        machine.card = 0x80;
        cards_describe(&machine, none_taken, text, sizeof text);
        ck_assert_str_eq(text, "1af4:1000 (Ethernet, class 0200) at 00:10.0");
        machine.count = 2;
        cards_describe(&machine, none_taken, text, sizeof text);
        ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(what_does_not_fit_is_left_out_whole)
{
        struct machine_functions machine = machine_with(CARD_ANY);
        char text[256];
        cards_describe(&machine, e1000_taken, text, 44);
        ck_assert_str_eq(text, "1af4:1041 (Ethernet, class 0200) at 00:03.0");
        cards_describe(&machine, e1000_taken, text, 42);
        ck_assert_str_eq(text, "");
        ids_describe(ids, IDS, text, 12);
        ck_assert_str_eq(text, "1af4:1041 1");
}
END_TEST

START_TEST(the_address_port_selects_four_bytes_of_a_function)
{
        ck_assert_uint_eq(config_ports_select(0x0000, 0), 0x80000000);
        ck_assert_uint_eq(config_ports_select(0x0281, 0x3d), 0x8002813c);
        ck_assert_uint_eq(config_ports_select(0xffff, 0xff), 0x80fffffc);
}
END_TEST

Suite *match_suite(void)
{
        Suite *suite = suite_create("match");
        TCase *tests = tcase_create("match");
        tcase_add_test(tests, without_a_card_to_prefer_the_first_that_can_be_driven_is_chosen);
        tcase_add_test(tests, of_network_cards_only_that_which_booted_is_handed_out);
        tcase_add_test(tests, other_devices_do_not_depend_on_the_card);
        tcase_add_test(tests, a_card_is_an_address_of_a_network_function);
        tcase_add_test(tests, the_ids_of_the_chosen_driver_are_kept);
        tcase_add_test(tests, network_cards_without_a_driver_are_named);
        tcase_add_test(tests, what_does_not_fit_is_left_out_whole);
        tcase_add_test(tests, the_address_port_selects_four_bytes_of_a_function);
        suite_add_tcase(suite, tests);
        return suite;
}
