/* The parsers of cluster/system/description.h and manifest.h: each line form, each complaint with
 * its line, and places. */
#include <stdio.h>
#include <string.h>
#include "cluster/system/description.h"
#include "cluster/system/manifest.h"
#include "cluster/system/share.h"
#include "tests/unit/suites.h"

static struct description description;
static struct manifest manifest;
static struct parse_error wrong;

static bool describe(const char *text)
{
        return description_parse(text, strlen(text), &description, &wrong);
}

static bool manifest_of(const char *text)
{
        return manifest_parse(text, strlen(text), &manifest, &wrong);
}

#define ck_text(text, string)                                                                      \
        ck_assert_msg(text_is(text, string), "`%.*s` is not `%s`", (int)(text).length, (text).at,  \
                      string)

START_TEST(component_line_has_name_place_and_arguments)
{
        ck_assert_msg(describe("# start\n\n component shell on n1,n2 tty=tty0  speed=9 # yes\r\n"),
                      "%s", wrong.what);
        ck_assert_uint_eq(description.count, 1);
        struct described_component *shell = &description.components[0];
        struct text value;
        ck_text(shell->name, "shell");
        ck_text(shell->place, "n1,n2");
        ck_assert_uint_eq(shell->line, 3);
        ck_assert_uint_eq(shell->alternative_count, 1);
        ck_text(shell->alternatives[0], "shell");
        ck_assert(text_value(shell->arguments, "speed", &value));
        ck_text(value, "9");
        ck_assert(!text_value(shell->arguments, "spee", &value));
}
END_TEST

START_TEST(component_may_have_alternatives)
{
        ck_assert_msg(describe("component nic is virtio_net|e1000 on *"), "%s", wrong.what);
        struct described_component *nic = &description.components[0];
        ck_assert_uint_eq(nic->alternative_count, 2);
        ck_text(nic->alternatives[0], "virtio_net");
        ck_text(nic->alternatives[1], "e1000");
        ck_assert_uint_eq(nic->arguments.length, 0);
}
END_TEST

START_TEST(component_may_be_whatever_provides_its_name)
{
        ck_assert_msg(describe("component nic is * on *"), "%s", wrong.what);
        struct described_component *nic = &description.components[0];
        ck_assert(nic->any);
        ck_assert_uint_eq(nic->alternative_count, 0);
        for (unsigned i = 0; i < COMPONENT_ALTERNATIVES; i++)
                ck_assert(alternative_add(nic, text_of("e1000")));
        ck_assert(!alternative_add(nic, text_of("e1000")));
}
END_TEST

START_TEST(component_may_be_with_another)
{
        ck_assert_msg(describe("component nic is * with net on *\ncomponent net on * a=1"), "%s",
                      wrong.what);
        ck_text(description.components[0].with, "net");
        ck_assert(description.components[0].any);
        ck_text(description.components[0].place, "*");
        ck_assert_uint_eq(description.components[1].with.length, 0);
        ck_assert_msg(describe("component a with b on n1,n2 with=c"), "%s", wrong.what);
        ck_text(description.components[0].with, "b");
        ck_text(description.components[0].arguments, "with=c");
}
END_TEST

static const struct complaint {
        const char *text;
        unsigned line;
        const char *what;
} description_complaints[] = {
    {"component", 1, "the component's name is missing"},
    {"\ncomponent Fs on *", 2, "`Fs` is no valid name"},
    {"component abcdefghijklmnopqrstuvwx on *", 1, "no valid name"},
    {"component fs", 1, "`on PLACE` is missing"},
    {"component fs at n1", 1, "`at` where `on PLACE`"},
    {"component fs on", 1, "the place after `on` is missing"},
    {"component fs on n1,", 1, "is no place"},
    {"component fs on n1,n1", 1, "is no place"},
    {"component fs on n1|n2,n3", 1, "is no place"},
    {"component fs on * tty", 1, "is no KEY=VALUE"},
    {"component fs on * =1", 1, "is no KEY=VALUE"},
    {"component fs is on *", 1, "`*` where `on PLACE`"},
    {"component fs is", 1, "the manifest after `is` is missing"},
    {"component fs is a||b on *", 1, "no list of manifests"},
    {"component fs is a|b|c|d|e|f|g on *", 1, "more than 6 alternatives"},
    {"component fs is *|a on *", 1, "no list of manifests"},
    {"component fs with", 1, "the component after `with` is missing"},
    {"component fs with on n1", 1, "`n1` where `on PLACE`"},
    {"component fs with a|b on *", 1, "`a|b` is no valid name"},
    {"component fs with a", 1, "`on PLACE` is missing"},
    {"component fs with a with b on *", 1, "`with` where `on PLACE`"},
    {"component fs with a is b on *", 1, "`is` where `on PLACE`"},
    {"component fs on *\ncomponent fs on n2", 2, "already in line 1"},
    {"service fs on *", 1, "where `component` was expected"},
    {"component fs on * a=1 b=2 a=3", 1, "argument a stands there already"},
    {"component fs on * a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9 j=1 k=2 l=3 m=4 n=5 o=6 p=7 q=8", 1,
     "at most 16"},
    {"# \xff\ncomponent fs on n\xc3\xbc", 2, "byte 0xc3"},
    {"component fs\xc2\xa0on n1", 1, "byte 0xc2"},
    {"component \033[2J on n1", 1, "byte 0x1b"},
    {"\xff\xfe# nothing", 1, "byte 0xff"},
};

START_TEST(description_complaint_names_its_line)
{
        const struct complaint *expected = &description_complaints[_i];
        ck_assert(!describe(expected->text));
        ck_assert_uint_eq(wrong.line, expected->line);
        ck_assert_msg(strstr(wrong.what, expected->what), "`%s`", wrong.what);
}
END_TEST

START_TEST(byte_order_mark_is_skipped)
{
        ck_assert_msg(describe("\xef\xbb\xbf"
                               "component fs on *"),
                      "%s", wrong.what);
        ck_text(description.components[0].name, "fs");
        ck_assert(describe("\xef\xbb\xbf"));
        ck_assert(!describe("# one\n\xef\xbb\xbf"
                            "component fs on *"));
}
END_TEST

START_TEST(description_with_zero_byte_is_refused)
{
        ck_assert(!description_parse("component a\0 on *", 17, &description, &wrong));
        ck_assert(description_parse("component a # \0\n", 0, &description, &wrong));
}
END_TEST

START_TEST(description_holds_as_many_components_as_it_says)
{
        char text[64 * (DESCRIPTION_COMPONENTS + 1)];
        size_t length = 0;
        for (unsigned i = 0; i <= DESCRIPTION_COMPONENTS; i++) {
                ck_assert(i == 0 || describe(text));
                length += sprintf(text + length, "component c%u on *\n", i);
        }
        ck_assert(!describe(text));
        ck_assert_uint_eq(wrong.line, DESCRIPTION_COMPONENTS + 1);
}
END_TEST

START_TEST(places_choose_nodes)
{
        static const struct {
                const char *place, *nodes, *on, *missing;
        } cases[] = {
            {"*", "n1,n2,n3", "n1,n2,n3", ""},  {"n2", "n1,n2,n3", "n2", ""},
            {"n1,n3", "n1,n2,n3", "n1,n3", ""}, {"n2|n1", "n1,n2,n3", "n2", ""},
            {"n2|n1", "n1", "n1", ""},          {"n4", "n1,n2,n3", "", "n4"},
            {"n1,n9,n8", "n1,n2", "n1", "n9"},  {"n8|n9", "n1,n2", "", "n9"},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct text place = text_of(cases[i].place), nodes = text_of(cases[i].nodes);
                struct text rest = nodes, node;
                ck_assert(place_valid(place));
                ck_text(place_missing(place, nodes), cases[i].missing);
                while (text_next(&rest, ',', &node))
                        ck_assert_msg(place_includes(place, node, nodes) ==
                                          nodes_contain(text_of(cases[i].on), node),
                                      "case %zu node %.*s", i, (int)node.length, node.at);
        }
}
END_TEST

START_TEST(node_lists_are_checked)
{
        ck_assert(nodes_valid(text_of("n1")));
        ck_assert(nodes_valid(text_of("n1,n2,host-7")));
        ck_assert(nodes_valid(text_of("abcdefghijklmno")));
        ck_assert(!nodes_valid(text_of("abcdefghijklmnop"))); /* no hello has room for it */
        ck_assert(!nodes_valid(text_of("")));
        ck_assert(!nodes_valid(text_of("n1,,n2")));
        ck_assert(!nodes_valid(text_of("n1,")));
        ck_assert(!nodes_valid(text_of(",n1")));
        ck_assert(!nodes_valid(text_of("n1,n2,n1")));
        ck_assert(!nodes_valid(text_of("n1 n2")));
}
END_TEST

START_TEST(manifest_lines_are_all_understood)
{
        ck_assert_msg(
            manifest_of("program serial\nprovides tty0 tty1\nneeds name\nneeds *\n"
                        "asks nic\ndevice pci 1af4:1041\ndevice ioports 0x2f8 8\n"
                        "device pci 1af4:1044 optional\n"
                        "device irq 3\ndevice console\ndevice hardware\ndevice line\nmodule files\n"
                        "memory 2M\nstack 100K\nkeeps 64K\npriority 120\nrestart never\n"
                        "grants control peers spawn install\nadmits log\nadmits pci\n"
                        "spawns 5000K 7\n"
                        "heartbeat 2\nargument tty\nargument mode a b\n"),
            "%u: %s", wrong.line, wrong.what);
        ck_text(manifest.program, "serial");
        ck_assert_uint_eq(manifest.spawn_memory, 5000 << 10);
        ck_assert_uint_eq(manifest.spawn_number, 7);
        ck_assert_uint_eq(manifest.provides.count, 2);
        ck_text(manifest.provides.names[1], "tty1");
        ck_assert_uint_eq(manifest.needs.count, 2);
        ck_text(manifest.needs.names[1], "*");
        ck_assert_uint_eq(manifest.needs.lines[1], 4);
        ck_text(manifest.asks.names[0], "nic");
        ck_assert_uint_eq(manifest.device_count, 7);
        ck_assert_int_eq(manifest.devices[0].kind, DEVICE_PCI);
        ck_assert_uint_eq(manifest.devices[0].first, 0x1af4);
        ck_assert_uint_eq(manifest.devices[0].second, 0x1041);
        ck_assert(!manifest.devices[0].optional);
        ck_assert_int_eq(manifest.devices[1].kind, DEVICE_IOPORTS);
        ck_assert_uint_eq(manifest.devices[1].first, 0x2f8);
        ck_assert_uint_eq(manifest.devices[1].second, 8);
        ck_assert_int_eq(manifest.devices[2].kind, DEVICE_PCI);
        ck_assert(manifest.devices[2].optional);
        ck_assert_int_eq(manifest.devices[3].kind, DEVICE_IRQ);
        ck_assert_int_eq(manifest.devices[4].kind, DEVICE_CONSOLE);
        ck_assert_int_eq(manifest.devices[5].kind, DEVICE_HARDWARE);
        ck_assert_int_eq(manifest.devices[6].kind, DEVICE_LINE);
        ck_text(manifest.modules[0], "files");
        ck_assert_uint_eq(manifest.memory, 2 << 20);
        ck_assert_uint_eq(manifest.stack, 100 << 10);
        ck_assert_uint_eq(manifest.kept, 64 << 10);
        ck_assert_uint_eq(manifest.priority, 120);
        ck_assert_int_eq(manifest.restart, RESTART_NEVER);
        ck_assert_uint_eq(manifest.grants,
                          GRANT_CONTROL | GRANT_PEERS | GRANT_SPAWN | GRANT_INSTALL);
        ck_assert_uint_eq(manifest.admits, 1 << ADMISSION_LOG | 1 << ADMISSION_PCI);
        ck_assert_uint_eq(manifest.heartbeat, 2);
        ck_assert_uint_eq(manifest.argument_count, 2);
        ck_text(manifest.arguments[0].key, "tty");
        ck_assert_uint_eq(manifest.arguments[0].values.length, 0);
        ck_text(manifest.arguments[1].values, "a b");
}
END_TEST

START_TEST(manifest_has_defaults)
{
        ck_assert(manifest_of("program echo"));
        ck_assert_uint_eq(manifest.memory, MANIFEST_MEMORY_DEFAULT);
        ck_assert_uint_eq(manifest.stack, MANIFEST_STACK_DEFAULT);
        ck_assert_uint_eq(manifest.priority, PRIORITY_COMPONENT_DEFAULT);
        ck_assert_int_eq(manifest.restart, RESTART_BACKOFF);
        ck_assert_uint_eq(manifest.grants, 0);
        ck_assert_uint_eq(manifest.admits, 0);
        ck_assert_uint_eq(manifest.heartbeat, 0);
}
END_TEST

START_TEST(manifest_memory_is_whole_pages)
{
        ck_assert(manifest_of("program a\nmemory 65537"));
        ck_assert_uint_eq(manifest.memory, 69632);
        ck_assert(manifest_of("program a\nmemory 1024G"));
        ck_assert_uint_eq(manifest.memory, 1ull << 40);
        ck_assert(!manifest.rest);
        ck_assert(manifest_of("program a\nmemory 3M rest"));
        ck_assert_uint_eq(manifest.memory, 3 << 20);
        ck_assert(manifest.rest);
}
END_TEST

START_TEST(memory_is_shared_out)
{
        const struct manifest small = {.memory = 1 << 20}, large = {.memory = 2 << 20};
        const struct manifest taker = {.memory = 1 << 20, .rest = true};
        const struct manifest bus = {
            .memory = 4 << 20, .device_count = 1, .devices = {{.kind = DEVICE_HARDWARE}}};
        const struct manifest installer = {.memory = 1 << 20, .grants = GRANT_INSTALL};
        const struct manifest keeper = {.memory = 1 << 20, .kept = 64 << 10};
        const struct manifest *installers[] = {&installer}, *keepers[] = {&keeper};
        const struct manifest *drivers[] = {&small, &large}, *takers[] = {&taker},
                              *buses[] = {&bus};
        struct share share = {0};
        ck_assert_uint_eq(share_least(&share), SHARE_INIT);
        share_add(&share, drivers, 2);
        share_add(&share, buses, 1);
        ck_assert_uint_eq(share_rest(&share, 1 << 30), 0);
        share_add(&share, takers, 1);
        ck_assert_uint_eq(share_least(&share), (7 << 20) + SHARE_INIT);
        ck_assert_uint_eq(share.again, 4 << 20);
        ck_assert_uint_eq(share_rest(&share, (11 << 20) + SHARE_INIT), 0);
        ck_assert_uint_eq(share_rest(&share, (11 << 20) + SHARE_INIT + 8191), 4096);
        share_add(&share, takers, 1);
        ck_assert_uint_eq(share_rest(&share, (14 << 20) + SHARE_INIT), 1 << 20);
        ck_assert_uint_eq(share_rest(&share, 0), 0);
        share_add(&share, installers, 1);
        ck_assert_uint_eq(share_least(&share), (9 << 20) + SHARE_INIT + SHARE_INSTALLED);
        share_add(&share, keepers, 1);
        ck_assert_uint_eq(share_least(&share),
                          (10 << 20) + (64 << 10) + SHARE_INIT + SHARE_INSTALLED);
}
END_TEST

static const struct complaint manifest_complaints[] = {
    {"", 1, "`program NAME` is missing"},
    {"program a\nprogram b", 2, "already in line 1"},
    {"program", 1, "the program's name is missing"},
    {"program a b", 1, "`b` is too much"},
    {"program ../a", 1, "no valid name"},
    {"program a\nprovides", 2, "names are missing"},
    {"program a\nprovides *", 2, "no valid name"},
    {"program a\nneeds n2/fs", 2, "no valid name"},
    {"needs a b c d e f g h i j k l m n o p q", 1, "more than 16 names"},
    {"device", 1, "the kind of device is missing"},
    {"device floppy", 1, "no kind of device"},
    {"device pci 1af4", 1, "no VENDOR:DEVICE"},
    {"device pci 1af4:10411", 1, "no VENDOR:DEVICE"},
    {"device pci 1af4:1041 7", 1, "`7` is not optional"},
    {"device pci 1af4:1041 optional 7", 1, "`7` is too much"},
    {"device ioports 0x10000 1", 1, "no first I/O port"},
    {"device ioports 0xffff 2", 1, "0 to 0xffff"},
    {"device ioports 0x2f8 0", 1, "0 to 0xffff"},
    {"device ioports 0xcff 1", 1, "only the bus server"},
    {"device ioports 0xc00 0xf9", 1, "only the bus server"},
    {"device irq 256", 1, "no interrupt line"},
    {"device irq", 1, "interrupt line is missing"},
    {"memory 63K", 1, "no size of memory"},
    {"memory 1025G", 1, "no size of memory"},
    {"memory 1M more", 1, "`more` is not rest"},
    {"memory 1M rest 2M", 1, "2M"},
    {"memory 99999999999999999999", 1, "no size of memory"},
    {"memory M", 1, "no size of memory"},
    {"memory -1", 1, "no size of memory"},
    {"stack 63K", 1, "no size of memory"},
    {"program a\nstack 1M\nmemory 1M", 2, "a part of its memory"},
    {"program a\nstack 4M", 2, "a part of its memory"},
    {"priority 251", 1, "no priority from 0 to 250"},
    {"restart sometimes", 1, "not always, backoff or never"},
    {"heartbeat 61", 1, "no number of seconds from 0 to 60"},
    {"program a\ngrants spawn\nspawns 1M", 3, "number of programs is missing"},
    {"program a\ngrants spawn\nspawns 1M 0", 3, "1 at least"},
    {"program a\ngrants spawn\nspawns 1M 1001", 3, "no number of programs from 0 to 1000"},
    {"program a\ngrants spawn\nspawns 9 1", 3, "no size of memory"},
    {"program a\nspawns 1M 2", 2, "`spawns` without `grants spawn`"},
    {"grants all", 1, "not control, peers, spawn or install"},
    {"module a\nmodule b\nmodule c\nmodule d\nmodule e", 5, "more than 4 modules"},
    {"colour green", 1, "says nothing in a manifest"},
    {"program a\nmemory 2M\nmemory 1M", 3, "`memory` is already in line 2"},
    {"program a\nrestart never\nrestart never", 3, "`restart` is already in line 2"},
    {"program a\nprovides b c\nprovides b", 3, "`b` stands there already"},
    {"program a\nadmits", 2, "name, log or pci is missing"},
    {"program a\nadmits all", 2, "`all` is not name, log or pci"},
    {"argument", 1, "the argument's name is missing"},
    {"argument a=b", 1, "`a=b` is no valid name"},
    {"argument a\nargument a", 2, "`a` stands there already"},
    {"argument a\nargument b\nargument c\nargument d\nargument e\nargument f\nargument g\n"
     "argument h\nargument i",
     9, "more than 8 arguments"},
};

START_TEST(manifest_complaint_names_its_line)
{
        const struct complaint *expected = &manifest_complaints[_i];
        ck_assert(!manifest_of(expected->text));
        ck_assert_uint_eq(wrong.line, expected->line);
        ck_assert_msg(strstr(wrong.what, expected->what), "`%s`", wrong.what);
}
END_TEST

START_TEST(complaints_about_long_words_are_cut)
{
        char text[4096];
        memset(text, 'x', sizeof text);
        ck_assert(!description_parse(text, sizeof text, &description, &wrong));
        ck_assert_uint_lt(strlen(wrong.what), sizeof wrong.what);
        ck_assert(strstr(wrong.what, "where `component` was expected"));
}
END_TEST

START_TEST(numbers_are_decimal_or_hexadecimal_and_bounded)
{
        uint64_t number;
        ck_assert(text_number(text_of("0x10"), 16, &number));
        ck_assert_uint_eq(number, 16);
        ck_assert(!text_number(text_of("0x11"), 16, &number));
        ck_assert(text_number(text_of("18446744073709551615"), UINT64_MAX, &number));
        ck_assert(number == UINT64_MAX);
        ck_assert(!text_number(text_of("18446744073709551616"), UINT64_MAX, &number));
        ck_assert(!text_number(text_of("0x"), 99, &number));
        ck_assert(!text_number(text_of("1a"), 99, &number));
        ck_assert(!text_number(text_of("5"), 0, &number));
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("description");
        TCase *tests = tcase_create("parsers");
        tcase_add_test(tests, component_line_has_name_place_and_arguments);
        tcase_add_test(tests, component_may_have_alternatives);
        tcase_add_test(tests, component_may_be_whatever_provides_its_name);
        tcase_add_test(tests, component_may_be_with_another);
        tcase_add_loop_test(tests, description_complaint_names_its_line, 0,
                            sizeof description_complaints / sizeof description_complaints[0]);
        tcase_add_test(tests, byte_order_mark_is_skipped);
        tcase_add_test(tests, description_with_zero_byte_is_refused);
        tcase_add_test(tests, description_holds_as_many_components_as_it_says);
        tcase_add_test(tests, places_choose_nodes);
        tcase_add_test(tests, node_lists_are_checked);
        tcase_add_test(tests, manifest_lines_are_all_understood);
        tcase_add_test(tests, manifest_has_defaults);
        tcase_add_test(tests, manifest_memory_is_whole_pages);
        tcase_add_test(tests, memory_is_shared_out);
        tcase_add_loop_test(tests, manifest_complaint_names_its_line, 0,
                            sizeof manifest_complaints / sizeof manifest_complaints[0]);
        tcase_add_test(tests, complaints_about_long_words_are_cut);
        tcase_add_test(tests, numbers_are_decimal_or_hexadecimal_and_bounded);
        suite_add_tcase(suite, tests);
        return suites_run(suite, NULL);
}
