/* The first line of scripts, as execve(2) reads it. */
#include "tests/unit/rt/suites.h"

#include <stdlib.h>
#include <string.h>
#include "servers/rt/pure/script.h"

static struct script script;

static enum script_kind reads(const char *text)
{
        return script_read(text, strlen(text), &script);
}

START_TEST(an_interpreter_and_one_argument_are_found)
{
        ck_assert_int_eq(reads("#!/bin/sh\necho"), SCRIPT_FOUND);
        ck_assert_str_eq(script.interpreter, "/bin/sh");
        ck_assert_ptr_null(script.argument);
        ck_assert_int_eq(reads("#! \t/fs/bin/busybox \t sh -e \t\n"), SCRIPT_FOUND);
        ck_assert_str_eq(script.interpreter, "/fs/bin/busybox");
        ck_assert_str_eq(script.argument, "sh -e");
        ck_assert_int_eq(reads("#!x"), SCRIPT_FOUND);
        ck_assert_str_eq(script.interpreter, "x");
}
END_TEST

START_TEST(what_is_no_script_is_none)
{
        ck_assert_int_eq(reads(""), SCRIPT_NONE);
        ck_assert_int_eq(reads("#"), SCRIPT_NONE);
        ck_assert_int_eq(reads("\177ELF"), SCRIPT_NONE);
        ck_assert_int_eq(reads("# !/bin/sh\n"), SCRIPT_NONE);
}
END_TEST

START_TEST(a_script_that_names_nothing_is_broken)
{
        ck_assert_int_eq(reads("#!"), SCRIPT_BROKEN);
        ck_assert_int_eq(reads("#! \t\n/bin/sh"), SCRIPT_BROKEN);
}
END_TEST

START_TEST(a_line_that_is_too_long_is_broken)
{
        char line[SCRIPT_LINE + 1];
        memset(line, 'a', sizeof line);
        memcpy(line, "#!/", 3);
        line[SCRIPT_LINE - 1] = '\n';
        ck_assert_int_eq(script_read(line, sizeof line, &script), SCRIPT_FOUND);
        line[SCRIPT_LINE - 1] = 'a';
        ck_assert_int_eq(script_read(line, sizeof line, &script), SCRIPT_BROKEN);
}
END_TEST

TCase *script_tests(void)
{
        TCase *tests = tcase_create("script");
        tcase_add_test(tests, an_interpreter_and_one_argument_are_found);
        tcase_add_test(tests, what_is_no_script_is_none);
        tcase_add_test(tests, a_script_that_names_nothing_is_broken);
        tcase_add_test(tests, a_line_that_is_too_long_is_broken);
        return tests;
}
