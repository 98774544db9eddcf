/* QEMU's files, read from a device that is right, and from some that are not. */
#include <string.h>

#include "servers/rt/pure/fw_cfg.h"
#include "tests/unit/rt/suites.h"

/* A device with two files. */
static struct double_device {
        const char *signature;
        uint32_t count;
        uint16_t key;
        size_t at;
} qemu;

static const char keys_text[] = "what nobody else may read";

static uint8_t entry_byte(unsigned file, size_t at)
{
        static const char *const names[] = {"etc/e820", "opt/org.portolan/keys"};
        const uint8_t numbers[] = {0, 0, 0, sizeof keys_text, 0, (uint8_t)(0x20 + file), 0, 0};
        if (at < sizeof numbers)
                return numbers[at];
        at -= sizeof numbers;
        return at < strlen(names[file % 2]) ? (uint8_t)names[file % 2][at] : 0;
}

static uint8_t byte_at(size_t at)
{
        switch (qemu.key) {
        case 0:
                return at < 4 ? (uint8_t)qemu.signature[at] : 0;
        case 0x19:
                if (at < 4)
                        return (uint8_t)(qemu.count >> (24 - 8 * at));
                return entry_byte((unsigned)((at - 4) / 64), (at - 4) % 64);
        case 0x21:
                return at < sizeof keys_text ? (uint8_t)keys_text[at] : 0;
        default:
                return 0xee;
        }
}

static void on_select(void *context, uint16_t key)
{
        (void)context;
        qemu.key = key;
        qemu.at = 0;
}

static uint8_t on_next(void *context)
{
        (void)context;
        return byte_at(qemu.at++);
}

static const struct fw_cfg device = {on_select, on_next, NULL};

static outcome_t keys_read(char *to, size_t room, size_t *length)
{
        return fw_cfg_read(&device, FW_CFG_KEYS, to, room, length);
}

START_TEST(a_file_is_read_whole)
{
        char text[100];
        size_t length = 0;
        qemu = (struct double_device){.signature = "QEMU", .count = 2};
        ck_assert(keys_read(text, sizeof text, &length) == OUTCOME_OK);
        ck_assert_uint_eq(length, sizeof keys_text);
        ck_assert_mem_eq(text, keys_text, length);
        ck_assert(keys_read(text, length, &length) == OUTCOME_OK);
        ck_assert(keys_read(text, sizeof keys_text - 1, &length) == not_executed(REASON_TOO_LONG));
}
END_TEST

START_TEST(a_name_is_compared_whole)
{
        static const char *const others[] = {"", "opt/org.portolan/key", "opt/org.portolan/keysx",
                                             "etc/e82", "/opt/org.portolan/keys"};
        char text[100];
        size_t length;
        qemu = (struct double_device){.signature = "QEMU", .count = 2};
        for (unsigned i = 0; i < sizeof others / sizeof *others; i++)
                ck_assert(fw_cfg_read(&device, others[i], text, sizeof text, &length) ==
                          not_executed(REASON_NOT_FOUND));
}
END_TEST

START_TEST(without_the_device_there_are_no_files)
{
        char text[100];
        size_t length;
        qemu = (struct double_device){.signature = "\xff\xff\xff\xff", .count = 2};
        ck_assert(keys_read(text, sizeof text, &length) == not_executed(REASON_NOT_FOUND));
}
END_TEST

START_TEST(a_directory_without_an_end_is_given_up)
{
        char text[100];
        size_t length;
        qemu = (struct double_device){.signature = "QEMU", .count = UINT32_MAX};
        ck_assert(fw_cfg_read(&device, "opt/none", text, sizeof text, &length) ==
                  not_executed(REASON_NOT_FOUND));
        ck_assert_uint_eq(qemu.at, 4 + 64 * FW_CFG_FILES_MAX);
}
END_TEST

TCase *fw_cfg_tests(void)
{
        TCase *tests = tcase_create("fw_cfg");
        tcase_add_test(tests, a_file_is_read_whole);
        tcase_add_test(tests, a_name_is_compared_whole);
        tcase_add_test(tests, without_the_device_there_are_no_files);
        tcase_add_test(tests, a_directory_without_an_end_is_given_up);
        return tests;
}
