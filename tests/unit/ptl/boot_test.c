/* What is written for others: the kernel's command line, boot scripts, QEMU's arguments; and the
 * stages that are read back. */
#include <string.h>

#include "tests/unit/ptl/suites.h"
#include "tools/ptl/boot.h"
#include "tools/ptl/machine.h"
#include "tools/ptl/stage.h"

static const struct boot_plan plan = {
    .nodes = 3, .files = {[2] = true}, .cluster = "/clone/build/run"};

START_TEST(command_line_names_node_identity_and_cluster)
{
        char text[BOOT_COMMAND_LINE];
        boot_command_line(&plan, 2, 0xabc, text);
        ck_assert_ptr_eq(strstr(text, "node=n2 id="), text);
        ck_assert_ptr_nonnull(strstr(text, " nodes=n1,n2,n3 ip=10.77.0.12 seed=0000000000000abc"));
}
END_TEST

START_TEST(encryption_is_left_out_on_request_alone)
{
        char text[BOOT_COMMAND_LINE];
        struct boot_plan other = plan;
        boot_command_line(&plan, 2, 0xabc, text);
        ck_assert_ptr_null(strstr(text, "plaintext"));
        ck_assert_ptr_null(strstr(text, "cipher"));
        other.plaintext = true;
        other.cipher = "aes-256-gcm";
        boot_command_line(&other, 2, 0xabc, text);
        ck_assert_ptr_nonnull(strstr(text, " plaintext=yes cipher=aes-256-gcm"));
}
END_TEST

START_TEST(script_loads_the_modules_in_order)
{
        char text[BOOT_SCRIPT], name[NODE_FILE];
        boot_script(&plan, 2, 1, text);
        ck_assert_ptr_eq(strstr(text, "#!ipxe\nkernel portolan.elf node=n2 "), text);
        ck_assert_ptr_nonnull(strstr(text, " card=${netX/busloc}\nmodule "));
        ck_assert_ptr_nonnull(strstr(text, "\nmodule init.elf init\nmodule boot.cpio boot.cpio\n"
                                           "module system.description system\n"
                                           "module files.cpio files\nboot\n"));
        boot_script_name(2, name);
        ck_assert_str_eq(name, "node-52-54-00-00-00-02.ipxe");
        boot_script_name(16, name);
        ck_assert_str_eq(name, "node-52-54-00-00-00-10.ipxe");
}
END_TEST

START_TEST(only_nodes_that_run_fs_load_the_files)
{
        char text[BOOT_SCRIPT];
        boot_script(&plan, 1, 1, text);
        ck_assert_ptr_null(strstr(text, "files.cpio"));
        boot_initrd(&plan, 1, text);
        ck_assert_str_eq(text, "tftp/init.elf init,tftp/boot.cpio boot.cpio,"
                               "tftp/system.description system");
        boot_initrd(&plan, 2, text);
        ck_assert_ptr_nonnull(strstr(text, ",tftp/files.cpio files"));
}
END_TEST

/* True if QEMU's arguments hold this one. */
static bool holds(const struct arguments *arguments, const char *argument)
{
        for (unsigned i = 0; i < arguments->count; i++)
                if (!strcmp(arguments->argv[i], argument))
                        return true;
        return false;
}

START_TEST(machine_has_the_chosen_card_and_memory)
{
        static struct arguments arguments;
        struct options options = {.nodes = 3, .memory = 96, .machine = "pc"};
        machine_arguments(&arguments, &options, &plan, "tcg", 1, 1);
        ck_assert(holds(&arguments, "virtio-net-pci,disable-legacy=on,netdev=net,"
                                    "mac=52:54:00:00:00:01,addr=0x10,bootindex=0"));
        ck_assert(holds(&arguments, "pc"));
        ck_assert(holds(&arguments, "96"));
        ck_assert(!holds(&arguments, "-kernel") && !holds(&arguments, "-S"));
        machine_arguments(&arguments, &options, &plan, "tcg", 2, 1);
        ck_assert(holds(&arguments, "e1000,netdev=net,mac=52:54:00:00:00:02,addr=0x10,"
                                    "bootindex=0"));
}
END_TEST

START_TEST(a_card_that_can_be_told_its_mtu_is)
{
        static struct arguments arguments;
        struct options options = {.nodes = 3, .memory = 96, .machine = "pc", .mtu = 9000};
        machine_arguments(&arguments, &options, &plan, "tcg", 1, 1);
        ck_assert(holds(&arguments, "virtio-net-pci,disable-legacy=on,netdev=net,"
                                    "mac=52:54:00:00:00:01,addr=0x10,bootindex=0,host_mtu=9000"));
        machine_arguments(&arguments, &options, &plan, "tcg", 2, 1);
        ck_assert(holds(&arguments, "e1000,netdev=net,mac=52:54:00:00:00:02,addr=0x10,"
                                    "bootindex=0"));
}
END_TEST

START_TEST(a_machine_has_ports_for_shells_where_they_are_wanted)
{
        static struct arguments arguments;
        struct options options = {.nodes = 3, .memory = 64, .machine = "q35", .ports = "n1"};
        machine_arguments(&arguments, &options, &plan, "tcg", 1, 1);
        ck_assert(holds(&arguments, "chardev:log") && holds(&arguments, "chardev:shell"));
        machine_arguments(&arguments, &options, &plan, "tcg", 2, 1);
        ck_assert(holds(&arguments, "chardev:log") && !holds(&arguments, "chardev:shell"));
        ck_assert(!holds(&arguments, "isa-serial,iobase=0x3e8,irq=5,chardev=batch"));
}
END_TEST

START_TEST(secrets_are_handed_over_as_files)
{
        static struct arguments arguments;
        struct options options = {.nodes = 3, .memory = 64, .machine = "q35"};
        machine_arguments(&arguments, &options, &plan, "tcg", 2, 1);
        ck_assert(holds(&arguments, "name=opt/org.portolan/keys,file=n2/keys"));
        ck_assert(holds(&arguments, "name=opt/org.portolan/seed,file=n2/seed"));
}
END_TEST

START_TEST(direct_boot_and_gdb_are_on_request)
{
        static struct arguments arguments;
        struct options options = {
            .nodes = 3, .memory = 64, .machine = "q35", .direct = true, .gdb_node = 2};
        machine_arguments(&arguments, &options, &plan, "tcg", 2, 1);
        ck_assert(holds(&arguments, "-kernel") && holds(&arguments, "tftp/portolan.elf"));
        ck_assert(holds(&arguments, "-S") &&
                  holds(&arguments, "unix:n2/gdb.sock,server=on,wait=off"));
        machine_arguments(&arguments, &options, &plan, "tcg", 1, 1);
        ck_assert(!holds(&arguments, "-S"));
        options.gdb_port = 1234;
        machine_arguments(&arguments, &options, &plan, "tcg", 2, 1);
        ck_assert(holds(&arguments, "tcp:127.0.0.1:1234"));
}
END_TEST

START_TEST(log_lines_tell_stages)
{
        enum stage stage;
        const char *text;
        ck_assert(stage_of_log("boot: kernel 0.1", &stage, &text));
        ck_assert_int_eq(stage, STAGE_KERNEL);
        ck_assert_str_eq(text, "0.1");
        ck_assert(stage_of_log("boot: shell", &stage, &text));
        ck_assert_int_eq(stage, STAGE_SHELL);
        ck_assert_str_eq(text, "");
        ck_assert(stage_of_log("boot: joined n2 n3", &stage, &text));
        ck_assert_str_eq(text, "n2 n3");
        ck_assert(!stage_of_log("boot: kernels", &stage, &text));
        ck_assert(stage_of_log("net: boot: joined n2", &stage, &text));
        ck_assert_str_eq(text, "n2");
        ck_assert(!stage_of_log("reboot: kernel", &stage, &text));
        ck_assert(!stage_of_log("boot: ", &stage, &text));
        ck_assert(!stage_of_log("boot: DHCP", &stage, &text));
        ck_assert(stage_of_files("fs: boot: files 7 of 8, and more", &text));
        ck_assert_str_eq(text, "7 of 8, and more");
        ck_assert(stage_of_files("[1.903] fs: boot: files 8 of 8", &text));
        ck_assert_str_eq(text, "8 of 8");
        ck_assert(!stage_of_files("[1.903] echo: fs: boot: files 8 of 8", &text));
        ck_assert(!stage_of_files("[", &text));
        ck_assert(!stage_of_files("echo: boot: files 8 of 8", &text));
        ck_assert(stage_is_panic("kernel panic: no memory"));
        ck_assert(!stage_is_panic("panic: no kernel"));
        ck_assert(stage_is_failure("[2.000] pci: boot: failed no device for nic", &text));
        ck_assert_str_eq(text, "no device for nic");
        ck_assert(!stage_is_failure("boot: servers failed", &text));
}
END_TEST

START_TEST(switch_events_tell_stages)
{
        unsigned node;
        enum stage stage;
        const char *text;
        ck_assert(stage_of_event("event n3 dhcp 10.77.0.13", &node, &stage, &text));
        ck_assert_uint_eq(node, 3);
        ck_assert_int_eq(stage, STAGE_DHCP);
        ck_assert_str_eq(text, "10.77.0.13");
        ck_assert(stage_of_event("event n16 tftp boot.ipxe", &node, &stage, &text));
        ck_assert_int_eq(stage, STAGE_TFTP);
        ck_assert(!stage_of_event("event n3 tftp-done boot.ipxe 700", &node, &stage, &text));
        ck_assert(!stage_of_event("event n33333333 dhcp 1", &node, &stage, &text));
        ck_assert(!stage_of_event("event", &node, &stage, &text));
        ck_assert(!stage_of_event("ok", &node, &stage, &text));
}
END_TEST

START_TEST(peers_are_whole_names)
{
        ck_assert(stage_peers_include("n2 n3", "n3"));
        ck_assert(stage_peers_include("n2", "n2"));
        ck_assert(!stage_peers_include("n12 n13", "n1"));
        ck_assert(!stage_peers_include("", "n1"));
}
END_TEST

Suite *boot_suite(void)
{
        Suite *suite = suite_create("boot");
        TCase *tests = tcase_create("boot");
        tcase_add_test(tests, command_line_names_node_identity_and_cluster);
        tcase_add_test(tests, encryption_is_left_out_on_request_alone);
        tcase_add_test(tests, script_loads_the_modules_in_order);
        tcase_add_test(tests, only_nodes_that_run_fs_load_the_files);
        tcase_add_test(tests, machine_has_the_chosen_card_and_memory);
        tcase_add_test(tests, a_card_that_can_be_told_its_mtu_is);
        tcase_add_test(tests, a_machine_has_ports_for_shells_where_they_are_wanted);
        tcase_add_test(tests, secrets_are_handed_over_as_files);
        tcase_add_test(tests, direct_boot_and_gdb_are_on_request);
        tcase_add_test(tests, log_lines_tell_stages);
        tcase_add_test(tests, switch_events_tell_stages);
        tcase_add_test(tests, peers_are_whole_names);
        suite_add_tcase(suite, tests);
        return suite;
}
