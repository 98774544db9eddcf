/* The command line of QEMU. All paths in it are relative to the run directory, so that neither a
 * comma nor the length of the clone's path can be mistaken for a part of an option. */
#include "tools/ptl/machine.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/ptl/names.h"
#include "tools/ptl/remote.h"

/* One processor model for all: everything that the accelerator offers (SMEP, SMAP, FSGSBASE,
 * RDRAND, XSAVE under both). Named models make TCG warn of what it lacks of them. */
#define MACHINE_CPU "max"

/* The card's slot on the root bus, which both machines have free. */
enum { CARD_SLOT = 0x10 };

/* The third serial port, at its usual place. */
enum { COM3_PORT = 0x3e8, COM3_IRQ = 5 };

/* Where the transport writes its keys (netipc/server/key_log.h). */
enum { DEBUGCON_PORT = 0xe9 };

static bool processor_virtualizes(void)
{
        char line[8192];
        bool found = false;
        FILE *file = fopen("/proc/cpuinfo", "re");
        if (!file)
                return false;
        while (!found && fgets(line, sizeof line, file))
                found =
                    !strncmp(line, "flags", 5) && (strstr(line, " vmx") || strstr(line, " svm"));
        fclose(file);
        return found;
}

const char *machine_accelerator(void)
{
        if (!processor_virtualizes())
                return "tcg";
        int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
        if (kvm < 0)
                return "tcg";
        close(kvm);
        return "kvm";
}

const char *machine_program(void)
{
        const char *program = getenv("PTL_QEMU");
        return program && *program ? program : "qemu-system-x86_64";
}

/* Of a card that can be told its MTU: that. To others the links show what they carry. */
static void card_add(struct arguments *arguments, const struct options *options, unsigned node)
{
        const struct network_card *card = option_nic(options, node);
        char mac[NODE_MAC], mtu[32] = "";
        node_mac(node, mac);
        if (options->mtu && card->mtu)
                snprintf(mtu, sizeof mtu, ",%s=%u", card->mtu, options->mtu);
        argument_add(arguments, "-device");
        argument_add(arguments, "%s,netdev=net,mac=%s,addr=0x%x,%s%s", card->device, mac, CARD_SLOT,
                     options->direct ? "romfile=" : "bootindex=0", mtu);
}

static void hardware_add(struct arguments *arguments, const struct options *options,
                         const char *accelerator, unsigned node)
{
        argument_add(arguments, "-name");
        argument_add(arguments, "n%u", node);
        argument_add(arguments, "-nodefaults");
        argument_add(arguments, "-no-user-config");
        argument_add(arguments, "-no-reboot");
        argument_add(arguments, "-M");
        argument_add(arguments, "%s", options->machine);
        argument_add(arguments, "-accel");
        argument_add(arguments, "%s", accelerator);
        argument_add(arguments, "-cpu");
        argument_add(arguments, MACHINE_CPU);
        argument_add(arguments, "-m");
        argument_add(arguments, "%u", options->memory);
        argument_add(arguments, "-display");
        argument_add(arguments, "none");
        /* A screen: for panics, and for what iPXE says, which ptl reads when a node stops. */
        argument_add(arguments, "-vga");
        argument_add(arguments, "std");
        argument_add(arguments, "-device");
        argument_add(arguments, "virtio-rng-pci,disable-legacy=on");
        argument_add(arguments, "-netdev");
        argument_add(arguments,
                     "dgram,id=net,local.type=unix,local.path=n%u/qemu.sock,"
                     "remote.type=unix,remote.path=n%u/switch.sock",
                     node, node);
        card_add(arguments, options, node);
}

/* A unix socket that a client may connect to, one at a time; QEMU does not wait for one. */
static void socket_add(struct arguments *arguments, const char *name, unsigned node)
{
        argument_add(arguments, "-chardev");
        argument_add(arguments, "socket,id=%s,path=n%u/%s.sock,server=on,wait=off", name, node,
                     name);
}

/* The serial ports of its shells. */
static void shells_add(struct arguments *arguments, unsigned node)
{
        socket_add(arguments, "shell", node);
        argument_add(arguments, "-serial");
        argument_add(arguments, "chardev:shell");
        socket_add(arguments, "batch", node);
        argument_add(arguments, "-device");
        argument_add(arguments, "isa-serial,iobase=0x%x,irq=%d,chardev=batch", COM3_PORT, COM3_IRQ);
}

/* One serial port for log and shells: the machine waits for the keeper, which holds it. */
static void line_add(struct arguments *arguments, unsigned node)
{
        argument_add(arguments, "-chardev");
        argument_add(arguments, "socket,id=line,path=n%u/line.sock,server=on,wait=on", node);
        argument_add(arguments, "-serial");
        argument_add(arguments, "chardev:line");
}

static void log_add(struct arguments *arguments, unsigned node)
{
        argument_add(arguments, "-chardev");
        argument_add(arguments, "file,id=log,path=n%u/serial.log,append=on", node);
        argument_add(arguments, "-serial");
        argument_add(arguments, "chardev:log");
}

static void ports_add(struct arguments *arguments, const struct options *options, unsigned node)
{
        if (option_has_line(options, node))
                line_add(arguments, node);
        else
                log_add(arguments, node);
        if (option_has_ports(options, node) && !options->one_port)
                shells_add(arguments, node);
        socket_add(arguments, "qmp", node);
        argument_add(arguments, "-mon");
        argument_add(arguments, "chardev=qmp,mode=control");
}

/* Lines for programs of the host, over a device that QEMU's machines can do without. */
static void lines_add(struct arguments *arguments, unsigned node)
{
        char name[REMOTE_LINE_NAME];
        argument_add(arguments, "-device");
        argument_add(arguments, "virtio-serial-pci,id=lines,disable-legacy=on,max_ports=%d",
                     REMOTE_LINES + 1);
        for (unsigned line = 1; line <= REMOTE_LINES; line++) {
                remote_line_name(line, name);
                socket_add(arguments, name, node);
                argument_add(arguments, "-device");
                argument_add(arguments, "virtserialport,bus=lines.0,nr=%u,chardev=%s,name=%s", line,
                             name, name);
        }
}

/* Files that the guest reads by itself, so that they pass neither the network nor a command line.
 */
static void files_add(struct arguments *arguments, unsigned node)
{
        static const char *const names[] = {"keys", "seed"};
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                argument_add(arguments, "-fw_cfg");
                argument_add(arguments, "name=opt/org.portolan/%s,file=n%u/%s", names[i], node,
                             names[i]);
        }
}

/* The key log: that it is wanted, and where to. The file is there already, with its mode. */
static void keylog_add(struct arguments *arguments, unsigned node)
{
        argument_add(arguments, "-fw_cfg");
        argument_add(arguments, "name=opt/org.portolan/keylog,string=yes");
        argument_add(arguments, "-chardev");
        argument_add(arguments, "file,id=keylog,path=n%u/keylog,append=on", node);
        argument_add(arguments, "-device");
        argument_add(arguments, "isa-debugcon,iobase=0x%x,chardev=keylog", DEBUGCON_PORT);
}

static void gdb_add(struct arguments *arguments, const struct options *options)
{
        argument_add(arguments, "-S");
        argument_add(arguments, "-gdb");
        if (options->gdb_port)
                argument_add(arguments, "tcp:127.0.0.1:%u", options->gdb_port);
        else
                argument_add(arguments, "unix:n%u/gdb.sock,server=on,wait=off", options->gdb_node);
}

void machine_arguments(struct arguments *arguments, const struct options *options,
                       const struct boot_plan *plan, const char *accelerator, unsigned node,
                       uint64_t entropy)
{
        char command_line[BOOT_COMMAND_LINE], modules[BOOT_MODULES_TEXT];
        arguments->count = 0;
        arguments->used = 0;
        argument_add(arguments, "%s", machine_program());
        hardware_add(arguments, options, accelerator, node);
        ports_add(arguments, options, node);
        lines_add(arguments, node);
        files_add(arguments, node);
        if (options->keylog)
                keylog_add(arguments, node);
        if (options->gdb_node == node)
                gdb_add(arguments, options);
        if (!options->direct)
                return;
        boot_command_line(plan, node, entropy, command_line);
        boot_initrd(plan, node, modules);
        argument_add(arguments, "-kernel");
        argument_add(arguments, BOOT_FOLDER "/%s", boot_files[0].file);
        argument_add(arguments, "-append");
        argument_add(arguments, "%s card=0x%x", command_line, CARD_SLOT << 3);
        argument_add(arguments, "-initrd");
        argument_add(arguments, "%s", modules);
}
