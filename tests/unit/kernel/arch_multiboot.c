/* The loader's information: what is taken from it, and every way in which it can be wrong. */
#include "tests/unit/kernel/arch_tests.h"

/* Where the test's loader puts things. */
enum {
        INFO = 0x1000,
        MAP = 0x2000,
        MODULES = 0x3000,
        STRINGS = 0x4000,
        KIB = 1024,
        MIB = KIB * KIB
};
enum {
        FLAGS = 0,
        COMMAND_LINE = 16,
        MODULES_COUNT = 20,
        MODULES_AT = 24,
        MAP_LENGTH = 44,
        MAP_AT = 48
};

static const struct boot_range image = {MIB, MIB + 256 * KIB};
static const paddr_t limit = 1ull << 39;
static struct boot_machine machine;
static unsigned map_bytes, module_count;

static void map_add(uint64_t base, uint64_t length, uint32_t type)
{
        put32(MAP + map_bytes, 20);
        put64(MAP + map_bytes + 4, base);
        put64(MAP + map_bytes + 12, length);
        put32(MAP + map_bytes + 20, type);
        map_bytes += 24;
        put32(INFO + MAP_LENGTH, map_bytes);
}

static void module_add(uint32_t start, uint32_t end, const char *string)
{
        paddr_t text = STRINGS + 256 * (module_count + 1);
        put(text, string, strlen(string) + 1);
        put32(MODULES + 16 * module_count, start);
        put32(MODULES + 16 * module_count + 4, end);
        put32(MODULES + 16 * module_count + 8, (uint32_t)text);
        put32(INFO + MODULES_COUNT, ++module_count);
}

/* A machine as QEMU describes it: 64 MiB, the last pages the firmware's. */
static void setup(void)
{
        memset(physical, 0, sizeof physical);
        memset(&machine, 0, sizeof machine);
        map_bytes = module_count = 0;
        put32(INFO + FLAGS, 1 << 2 | 1 << 3 | 1 << 6);
        put32(INFO + COMMAND_LINE, STRINGS);
        put32(INFO + MODULES_AT, MODULES);
        put32(INFO + MAP_AT, MAP);
        strcpy((char *)physical + STRINGS, "kernel node=n1");
        map_add(0, 0x9fc00, 1);
        map_add(0x9fc00, 0x400, 2);
        map_add(MIB, 63 * MIB - 0x21000, 1);
        map_add(64 * MIB - 0x21000, 0x21000, 2);
}

static const char *read_it(void)
{
        memset(&machine, 0, sizeof machine);
        return multiboot_read(&machine, &physical_view, INFO, image, limit);
}

static void check_wrong(const char *part)
{
        const char *wrong = read_it();
        ck_assert_ptr_nonnull(wrong);
        ck_assert_msg(strstr(wrong, part), "\"%s\" does not say \"%s\"", wrong, part);
}

START_TEST(a_usual_machine_is_understood)
{
        module_add(2 * MIB, 2 * MIB + 5000, "build/init.elf init");
        module_add(2 * MIB + 8192, 2 * MIB + 12288, "boot.cpio");
        ck_assert_ptr_null(read_it());
        ck_assert_str_eq(machine.command_line, "node=n1");
        ck_assert_uint_eq(machine.ram_count, 2);
        ck_assert_uint_eq(machine.ram[0].end, 0x9f000);
        ck_assert_uint_eq(machine.highest, 64 * MIB - 0x21000);
        ck_assert_uint_eq(machine.module_count, 2);
        ck_assert_str_eq(machine.modules[0].name, "init");
        ck_assert_uint_eq(machine.modules[0].bytes, 5000);
        ck_assert_str_eq(machine.modules[1].name, "boot.cpio");
        ck_assert_uint_eq(machine.free_count, 2);
        ck_assert_uint_eq(machine.free[0].start, image.end);
        ck_assert_uint_eq(machine.free[0].end, 2 * MIB);
        ck_assert_uint_eq(machine.free[1].start, 2 * MIB + 12288);
        ck_assert_uint_eq(machine.free[1].end, machine.highest);
}
END_TEST

START_TEST(memory_that_is_also_reserved_is_not_used)
{
        map_add(8 * MIB + 1, 1, 2);
        ck_assert_ptr_null(read_it());
        ck_assert_uint_eq(machine.ram_count, 3);
        ck_assert_uint_eq(machine.ram[1].end, 8 * MIB);
        ck_assert_uint_eq(machine.ram[2].start, 8 * MIB + 4096);
}
END_TEST

START_TEST(memory_that_is_named_twice_is_one)
{
        map_add(32 * MIB, 64 * MIB, 1);
        ck_assert_ptr_null(read_it());
        ck_assert_uint_eq(machine.ram[machine.ram_count - 1].end, 96 * MIB);
}
END_TEST

START_TEST(memory_beyond_the_direct_map_is_not_used)
{
        map_add(limit - MIB, 2 * MIB, 1);
        map_add(limit + MIB, MIB, 1);
        ck_assert_ptr_null(read_it());
        ck_assert_uint_eq(machine.highest, limit);
}
END_TEST

START_TEST(a_part_of_a_page_is_no_memory)
{
        map_add(128 * MIB + 1, 4096, 1);
        ck_assert_ptr_null(read_it());
        ck_assert_uint_eq(machine.highest, 64 * MIB - 0x21000);
}
END_TEST

START_TEST(a_map_that_is_wrong_is_refused)
{
        put32(INFO + FLAGS, 0);
        check_wrong("no memory map");
        put32(INFO + FLAGS, 1 << 6);
        put32(INFO + MAP_LENGTH, map_bytes - 1);
        check_wrong("malformed");
        put32(INFO + MAP_LENGTH, map_bytes);
        put32(MAP, 19);
        check_wrong("malformed");
        put32(MAP, UINT32_MAX);
        check_wrong("malformed");
        put32(MAP, 20);
        put32(INFO + MAP_LENGTH, 100000);
        check_wrong("too long");
        put32(INFO + MAP_LENGTH, map_bytes);
        put32(INFO + MAP_AT, PHYSICAL_BYTES - 10);
        check_wrong("malformed");
        put32(INFO + MAP_AT, MAP);
        ck_assert_ptr_null(read_it());
        map_add(UINT64_MAX - 4096, 8192, 1);
        check_wrong("over the end");
}
END_TEST

START_TEST(a_map_in_too_many_pieces_is_refused)
{
        for (unsigned i = 0; i < BOOT_RANGES; i++)
                map_add((128 + 2 * i) * (uint64_t)MIB, MIB, 1);
        check_wrong("too many pieces");
}
END_TEST

START_TEST(a_kernel_outside_memory_is_refused)
{
        map_add(MIB, 4096, 2);
        check_wrong("kernel is not in");
}
END_TEST

START_TEST(a_map_without_memory_is_refused)
{
        map_add(0, 1 << 30, 2);
        check_wrong("kernel is not in");
}
END_TEST

START_TEST(modules_that_are_wrong_are_refused)
{
        module_add(3 * MIB, 2 * MIB, "a");
        check_wrong("ends before");
        put32(MODULES, 63 * MIB);
        put32(MODULES + 4, 65 * MIB);
        check_wrong("not in memory");
        put32(MODULES, 0xfffff000);
        put32(MODULES + 4, 0xffffffff);
        check_wrong("not in memory");
        put32(MODULES, MIB + 4096);
        put32(MODULES + 4, MIB + 4097);
        check_wrong("overlaps the kernel");
        put32(MODULES, 2 * MIB);
        put32(MODULES + 4, 3 * MIB);
        module_add(3 * MIB - 4096, 4 * MIB, "b");
        check_wrong("two modules overlap");
        put32(MODULES + 16, 3 * MIB + 8);
        check_wrong("does not begin on a page");
        put32(MODULES + 16, 3 * MIB);
        ck_assert_ptr_null(read_it());
        put32(MODULES + 8, PHYSICAL_BYTES);
        check_wrong("no end");
        put32(INFO + MODULES_COUNT, BOOTINFO_MODULES + 1);
        check_wrong("more modules");
        put32(INFO + MODULES_COUNT, 1);
        put32(INFO + MODULES_AT, PHYSICAL_BYTES - 1);
        check_wrong("list of modules");
}
END_TEST

START_TEST(strings_that_are_too_long_are_refused)
{
        module_add(2 * MIB, 3 * MIB, "x 01234567890123456789012345678901");
        check_wrong("name is too long");
        put32(INFO + MODULES_COUNT, 0);
        memset(physical + STRINGS, 'a', 4096);
        check_wrong("command line is too long");
        memset(physical + STRINGS + 1500, 0, 1);
        physical[STRINGS + 1] = ' ';
        check_wrong("command line is too long");
        put32(INFO + COMMAND_LINE, PHYSICAL_BYTES + 5);
        check_wrong("command line is too long");
}
END_TEST

START_TEST(information_outside_memory_is_refused)
{
        ck_assert_ptr_nonnull(
            multiboot_read(&machine, &physical_view, PHYSICAL_BYTES - 8, image, limit));
}
END_TEST

START_TEST(an_empty_module_takes_no_memory)
{
        module_add(0, 0, "files");
        ck_assert_ptr_null(read_it());
        ck_assert_uint_eq(machine.modules[0].bytes, 0);
}
END_TEST

Suite *multiboot_suite(void)
{
        Suite *suite = suite_create("multiboot");
        TCase *tests = tcase_create("multiboot");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, a_usual_machine_is_understood);
        tcase_add_test(tests, memory_that_is_also_reserved_is_not_used);
        tcase_add_test(tests, memory_that_is_named_twice_is_one);
        tcase_add_test(tests, memory_beyond_the_direct_map_is_not_used);
        tcase_add_test(tests, a_part_of_a_page_is_no_memory);
        tcase_add_test(tests, a_map_that_is_wrong_is_refused);
        tcase_add_test(tests, a_map_in_too_many_pieces_is_refused);
        tcase_add_test(tests, a_kernel_outside_memory_is_refused);
        tcase_add_test(tests, a_map_without_memory_is_refused);
        tcase_add_test(tests, modules_that_are_wrong_are_refused);
        tcase_add_test(tests, strings_that_are_too_long_are_refused);
        tcase_add_test(tests, information_outside_memory_is_refused);
        tcase_add_test(tests, an_empty_module_takes_no_memory);
        suite_add_tcase(suite, tests);
        return suite;
}
