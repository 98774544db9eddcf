/* The parser and the rules: what is accepted, and where and how what is not is complained about. */
#include "tests/unit/idl/suites.h"

#include <stdio.h>
#include <string.h>
#include "tools/idl/check.h"
#include "tools/idl/parse.h"

static struct interface *parse(const char *text, struct idl_error *error)
{
        *error = (struct idl_error){0};
        return idl_parse(text, strlen(text), "servers/proto/x.idl", error);
}

START_TEST(an_interface_is_taken_with_all_its_parts)
{
        struct idl_error error;
        struct interface *interface = parse("# dropped\n\n# kept\n# twice\ninterface x 7\n"
                                            "# of m\nmethod m 3 (a: word,\n b: bytes) -> (c: move "
                                            "cap)\noneway o 4 (d: share cap, e: text)",
                                            &error);
        ck_assert_msg(interface, "%u: %s", error.line, error.text);
        ck_assert_str_eq(interface->name, "x");
        ck_assert_uint_eq(interface->number, 7);
        ck_assert_str_eq(interface->doc, "kept\ntwice\n");
        ck_assert_uint_eq(interface->method_count, 2);
        const struct method *m = &interface->methods[0], *o = &interface->methods[1];
        ck_assert_str_eq(m->doc, "of m\n");
        ck_assert_uint_eq(m->number, 3);
        ck_assert_uint_eq(m->in.count, 2);
        ck_assert(m->in.list[1].type == TYPE_BYTES && !m->in.list[1].text);
        ck_assert(o->in.list[1].type == TYPE_BYTES && o->in.list[1].text);
        ck_assert(m->out.list[0].type == TYPE_CAP && m->out.list[0].move);
        ck_assert(o->one_way && o->in.list[0].share && !o->in.list[0].move);
        ck_assert_ptr_null(o->doc);
        interface_free(interface);
}
END_TEST

#define X "interface x 7\n"

static const struct {
        const char *text;
        unsigned line;
        const char *what;
} wrong[] = {
    {"", 1, "expected `interface`, found the end"},
    {"method m 1 () -> ()", 1, "expected `interface`"},
    {"interface X 1", 1, "unexpected byte 0x58"},
    {"interface x", 1, "the interface's number"},
    {"interface x 0\nmethod m 1 () -> ()", 1, "not within 1 to 65535"},
    {"interface x 65536\nmethod m 1 () -> ()", 1, "not within 1 to 65535"},
    {"interface x 99999999999999999999\nmethod m 1 () -> ()", 1, "not within 1 to 65535"},
    {"interface x 7a\nmethod m 1 () -> ()", 1, "expected the interface's number"},
    {X, 1, "has no method"},
    {"interface y 7\nmethod m 1 () -> ()", 1, "must be in a file y.idl"},
    {X "method m 1 ()", 2, "expected `->`, found the end"},
    {X "method m 1 () -> (", 2, "expected a parameter, found the end"},
    {X "method m 1 (a: wort) -> ()", 2,
     "expected a type (word, bytes, text, cap, list, an enum, a record), found `wort`"},
    {X "method m 1 (a word) -> ()", 2, "expected `:`, found `word`"},
    {X "method m 1 (a: word,) -> ()", 2, "expected a parameter"},
    {X "method m 1 (a: move word) -> ()", 2, "expected `cap`, found `word`"},
    {X "method m 1 (a: move move cap) -> ()", 2, "expected `cap`, found `move`"},
    {X "method m 1 () -> ()\nmethod m 2 () -> ()", 3, "method `m` is also in line 2"},
    {X "method m 1 () -> ()\n\nmethod n 1 () -> ()", 4, "has the number 1 of `m` in line 2"},
    {X "method m 1 (a: word, a: word) -> ()", 2, "two parameters `a`"},
    {X "method m 1 (a: bytes, a_length: word) -> ()", 2, "is what the length or space of `a`"},
    {X "method m 1 (rt_a: word) -> ()", 2, "the prefix rt_ is the runtime's"},
    {X "method m 1 (a:word,b:word,c:word,d:word,e:word,f:word,g:word,h:bytes,i:bytes) -> ()", 2,
     "7 words and 2 lengths in are more than 8"},
    {X "method m 1 () -> (a: bytes, b: bytes, c: bytes, d: bytes, e: bytes)", 2,
     "more than 4 bytes parameters out"},
    {X "oneway o 1 () -> ()", 2, "expected `method`, `oneway`, `enum` or `record`, found `->`"},
    {X "method abcdefghijabcdefghijabcdefghij12 1 () -> ()", 2, "longer than 31 characters"},
    {X "enum e (a 1, a 2)\nmethod m 1 (a: e) -> ()", 2, "`a` has the name or the number of `a`"},
    {X "enum e (a 1, b 1)\nmethod m 1 (a: e) -> ()", 2, "`b` has the name or the number of `a`"},
    {X "enum e (a 1)\nmethod m 1 () -> ()", 2, "enum `e`: nothing has its type"},
    {X "enum word (a 1)\nmethod m 1 () -> ()", 2, "a type cannot be called `word`"},
    {X "enum e (a 1)\nrecord e (a: word)\nmethod m 1 (a: e) -> ()", 2, "two types are called `e`"},
    {X "record m (a: word)\nmethod m 1 () -> ()", 2, "type `m` and method `m` have one name in C"},
    {X "record r (a: cap)\nmethod m 1 () -> ()", 2, "a record holds words, enums, bytes and text"},
    {X "record r (a: word)\nrecord s (a: r)\nmethod m 1 () -> ()", 3, "a record holds words"},
    {X "record r ()\nmethod m 1 () -> ()", 2, "record `r` has no field"},
    {X "method m 1 (a: r) -> ()\nrecord r (a: word)", 2, "expected a type"},
    {X "method m 1 (a: list of word) -> ()", 2, "expected the most elements of a list"},
    {X "method m 1 (a: list 8193 of word) -> ()", 2, "a list has at most 8192 elements"},
    {X "method m 1 (a: list 2 of cap) -> ()", 2, "expected the type of elements"},
    {X "method m 1 (a: optional word,\nb: word) -> ()", 3, "`b` stands behind an optional one"},
    {X "method m 1 (a: optional cap) -> ()", 2, "a capability is not optional"},
    {X "method m 1 () -> (a: optional text)", 2, "only words of an answer are optional"},
    {X
     "method m 1 (a:word,b:word,c:word,d:word,e:word,f:word,g:optional word,h:optional word) -> ()",
     2, "6 words and lengths, 2 optional ones and the word that says which in are more than 8"},
    {"interface names 1\nmethod m 1 () -> ()", 1, "cannot be called `names`"},
    {"interface int 1\nmethod m 1 () -> ()", 1, "cannot be called `int`"},
};

START_TEST(what_is_wrong_is_named_with_its_line)
{
        struct idl_error error;
        struct interface *interface = parse(wrong[_i].text, &error);
        ck_assert_msg(!interface, "accepted: %s", wrong[_i].text);
        ck_assert_msg(strstr(error.text, wrong[_i].what), "`%s` instead of `%s`", error.text,
                      wrong[_i].what);
        ck_assert_uint_eq(error.line, wrong[_i].line);
}
END_TEST

START_TEST(more_than_eight_capabilities_are_refused)
{
        char text[512];
        size_t length = (size_t)sprintf(text, X "method m 1 (");
        for (int i = 0; i < 9; i++)
                length += (size_t)sprintf(text + length, "%sc%d: cap", i ? ", " : "", i);
        sprintf(text + length, ") -> ()");
        struct idl_error error;
        ck_assert_ptr_null(parse(text, &error));
        ck_assert_msg(strstr(error.text, "more than 8 capabilities in"), "%s", error.text);
}
END_TEST

START_TEST(every_prefix_of_a_description_is_parsed_or_refused)
{
        static const char text[] = "# c\ninterface x 7\n# d\nmethod m 1 (a: word, b: move cap) -> "
                                   "(c: bytes)\noneway o 2 ()\n";
        for (size_t length = 0; length < sizeof text; length++) {
                struct idl_error error = {0};
                struct interface *interface =
                    idl_parse(text, length, "servers/proto/x.idl", &error);
                ck_assert(interface || error.text[0]);
                interface_free(interface);
        }
}
END_TEST

START_TEST(interfaces_with_one_number_or_one_name_are_refused)
{
        struct idl_error error = {0};
        unsigned which = 9;
        static const char one[] = "interface x 48\nmethod m 1 () -> ()";
        static const char two[] = "interface y 48\nmethod m 1 () -> ()";
        static const char three[] = "interface x 49\nmethod m 1 () -> ()";
        struct interface *interfaces[] = {idl_parse(one, strlen(one), "a/x.idl", &error),
                                          idl_parse(two, strlen(two), "b/y.idl", &error)};
        struct interface *same_name = idl_parse(three, strlen(three), "c/x.idl", &error);
        ck_assert(!interfaces_check(interfaces, 2, &which, &error));
        ck_assert_uint_eq(which, 1);
        ck_assert_msg(strstr(error.text, "has the number 48 of `x` (a/x.idl)"), "%s", error.text);
        interface_free(interfaces[1]);
        interfaces[1] = same_name;
        ck_assert(!interfaces_check(interfaces, 2, &which, &error));
        ck_assert_msg(strstr(error.text, "is also in a/x.idl"), "%s", error.text);
        interface_free(interfaces[0]);
        interface_free(interfaces[1]);
}
END_TEST

static const struct {
        const char *file, *number, *wrong; /* NULL: it is right */
} numbers[] = {
    {"servers/proto/x.idl", "1", NULL},
    {"servers/proto/x.idl", "31", NULL},
    {"servers/examples/x/x.idl", "32", NULL},
    {"tests/rt/x.idl", "47", NULL},
    {"servers/greet/x.idl", "48", NULL},
    {"servers/greet/x.idl", "65535", NULL},
    {"servers/greet/x.idl", "31", "the numbers 1 to 31 are for servers/proto/"},
    {"servers/greet/x.idl", "32", "32 to 39 are for servers/examples/; take one from 48"},
    {"servers/greet/x.idl", "40", "40 to 47 are for tests/"},
    {"servers/proto/x.idl", "39", "32 to 39 are for servers/examples/"},
};

START_TEST(numbers_belong_to_folders)
{
        struct idl_error error = {0};
        char text[64];
        int length =
            snprintf(text, sizeof text, "interface x %s\nmethod m 1 () -> ()", numbers[_i].number);
        struct interface *interface = idl_parse(text, (size_t)length, numbers[_i].file, &error);
        ck_assert_msg(!interface == !!numbers[_i].wrong, "%s", error.text);
        ck_assert_msg(interface || strstr(error.text, numbers[_i].wrong), "%s", error.text);
        interface_free(interface);
}
END_TEST

TCase *parse_tests(void)
{
        TCase *tests = tcase_create("parse");
        tcase_add_test(tests, an_interface_is_taken_with_all_its_parts);
        tcase_add_loop_test(tests, what_is_wrong_is_named_with_its_line, 0,
                            sizeof wrong / sizeof wrong[0]);
        tcase_add_test(tests, more_than_eight_capabilities_are_refused);
        tcase_add_test(tests, every_prefix_of_a_description_is_parsed_or_refused);
        tcase_add_test(tests, interfaces_with_one_number_or_one_name_are_refused);
        tcase_add_loop_test(tests, numbers_belong_to_folders, 0,
                            sizeof numbers / sizeof numbers[0]);
        return tests;
}
