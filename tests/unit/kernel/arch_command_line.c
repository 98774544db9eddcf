/* The command lines of QEMU, iPXE and GRUB. */
#include "tests/unit/kernel/arch_tests.h"
#include "kernel/arch/x86_64/command_line.h"

static const struct {
        const char *line, *arguments;
} lines[] = {
    {"build/boot/portolan.elf node=n1 id=07", "node=n1 id=07"},
    {"tftp://10.0.2.2/portolan.elf node=n1", "node=n1"},
    {"http://h/p?x=1 node=n1", "node=n1"},
    {"/tmp/a=b/portolan.elf node=n1", "node=n1"},
    {"node=n1 id=07", "node=n1 id=07"},
    {"  kernel   node=n1   x=y  \r\n", "node=n1   x=y"},
    {"kernel", ""},
    {"kernel ", ""},
    {"", ""},
    {"   ", ""},
};

START_TEST(the_kernels_own_path_goes)
{
        char arguments[64];
        ck_assert(command_line_copy(arguments, sizeof arguments, lines[_i].line));
        ck_assert_str_eq(arguments, lines[_i].arguments);
}
END_TEST

static const struct {
        const char *line, *name;
} modules[] = {
    {"build/boot/init.elf init", "init"},
    {"tftp://10.0.2.2/boot.cpio boot.cpio", "boot.cpio"},
    {"build/boot/boot.cpio", "boot.cpio"},
    {"init", "init"},
    {"init \t\n", "init"},
    {"m name=files", "files"},
    {"m name=", "name="},
    {"a/b/", "b/"},
    {"", ""},
};

START_TEST(the_last_word_is_the_modules_name)
{
        char name[32];
        ck_assert(module_name_copy(name, sizeof name, modules[_i].line));
        ck_assert_str_eq(name, modules[_i].name);
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
        char text[8];
        ck_assert(command_line_copy(text, sizeof text, "k a=34567"));
        ck_assert_str_eq(text, "a=34567");
        ck_assert(!command_line_copy(text, sizeof text, "k a=345678"));
        ck_assert(module_name_copy(text, sizeof text, "k 1234567"));
        ck_assert(!module_name_copy(text, sizeof text, "k 12345678"));
}
END_TEST

Suite *command_line_suite(void)
{
        Suite *suite = suite_create("command line");
        TCase *tests = tcase_create("command line");
        tcase_add_loop_test(tests, the_kernels_own_path_goes, 0, sizeof lines / sizeof *lines);
        tcase_add_loop_test(tests, the_last_word_is_the_modules_name, 0,
                            sizeof modules / sizeof *modules);
        tcase_add_test(tests, what_does_not_fit_is_refused);
        suite_add_tcase(suite, tests);
        return suite;
}
