/* Where a virtio device says that its registers are, truly or not. */
#include <string.h>
#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>
#include "drivers/lib/virtio_caps.h"
#include "tests/unit/drivers/suites.h"

static struct pci_config config;

static void set_up(void)
{
        memset(&config, 0, sizeof config);
        config.bytes[PCI_STATUS] = PCI_STATUS_CAP_LIST;
        config.bytes[PCI_CAPABILITY_LIST] = 0x40;
}

static void put(unsigned at, uint8_t next, uint8_t length, uint8_t type, uint8_t bar,
                uint32_t offset, uint32_t bytes)
{
        struct virtio_pci_cap cap = {
            .cap_vndr = PCI_CAP_ID_VNDR,
            .cap_next = next,
            .cap_len = length,
            .cfg_type = type,
            .bar = bar,
            .offset = offset,
            .length = bytes,
        };
        memcpy(config.bytes + at, &cap, sizeof cap);
}

START_TEST(the_structure_of_a_type_is_found)
{
        struct virtio_place place;
        uint32_t multiplier = 4;
        put(0x40, 0x50, 16, VIRTIO_PCI_CAP_COMMON_CFG, 4, 0, 0x1000);
        put(0x50, 0, 20, VIRTIO_PCI_CAP_NOTIFY_CFG, 4, 0x3000, 0x1000);
        memcpy(config.bytes + 0x60, &multiplier, sizeof multiplier);
        ck_assert(virtio_place_find(&config, VIRTIO_PCI_CAP_NOTIFY_CFG, 2, &place));
        ck_assert_uint_eq(place.bar, 4);
        ck_assert_uint_eq(place.offset, 0x3000);
        ck_assert_uint_eq(place.bytes, 0x1000);
        ck_assert_uint_eq(place.multiplier, 4);
        ck_assert(!virtio_place_find(&config, VIRTIO_PCI_CAP_DEVICE_CFG, 1, &place));
}
END_TEST

START_TEST(the_first_that_makes_sense_is_taken)
{
        struct virtio_place place;
        put(0x40, 0x50, 15, VIRTIO_PCI_CAP_COMMON_CFG, 1, 0, 0x1000);  /* too short */
        put(0x50, 0x60, 16, VIRTIO_PCI_CAP_COMMON_CFG, 6, 0, 0x1000);  /* no such register */
        put(0x60, 0x70, 16, VIRTIO_PCI_CAP_COMMON_CFG, 1, 0, 55);      /* too small */
        put(0x70, 0x80, 16, VIRTIO_PCI_CAP_COMMON_CFG, 1, 2, 0x1000);  /* not aligned */
        put(0x80, 0x90, 16, VIRTIO_PCI_CAP_COMMON_CFG, 2, 64, 0x1000); /* this one */
        put(0x90, 0, 16, VIRTIO_PCI_CAP_COMMON_CFG, 3, 0, 0x1000);
        ck_assert(virtio_place_find(&config, VIRTIO_PCI_CAP_COMMON_CFG, 56, &place));
        ck_assert_uint_eq(place.bar, 2);
        ck_assert_uint_eq(place.offset, 64);
}
END_TEST

START_TEST(a_structure_that_leaves_the_configuration_space_is_none)
{
        struct virtio_place place;
        config.bytes[PCI_CAPABILITY_LIST] = 0xf4;
        config.bytes[0xf4] = PCI_CAP_ID_VNDR;
        config.bytes[0xf6] = 16;
        config.bytes[0xf7] = VIRTIO_PCI_CAP_COMMON_CFG;
        ck_assert(!virtio_place_find(&config, VIRTIO_PCI_CAP_COMMON_CFG, 0, &place));
}
END_TEST

Suite *virtio_caps_suite(void)
{
        Suite *suite = suite_create("virtio_caps");
        TCase *tests = tcase_create("virtio_caps");
        tcase_add_checked_fixture(tests, set_up, NULL);
        tcase_add_test(tests, the_structure_of_a_type_is_found);
        tcase_add_test(tests, the_first_that_makes_sense_is_taken);
        tcase_add_test(tests, a_structure_that_leaves_the_configuration_space_is_none);
        suite_add_tcase(suite, tests);
        return suite;
}
