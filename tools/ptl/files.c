/* What is the user's is checked first, and what can be told of it; then all is made, in the order
 * in which it is needed. */
#include "tools/ptl/files.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/lib/clock.h"
#include "tools/lib/complain.h"
#include "tools/ptl/advice.h"
#include "tools/ptl/arguments.h"
#include "tools/ptl/batch.h"
#include "tools/ptl/child.h"
#include "tools/ptl/copies.h"
#include "tools/ptl/gdb.h"
#include "tools/ptl/keys.h"
#include "tools/ptl/machine.h"
#include "tools/ptl/remote.h"
#include "tools/ptl/room.h"

#define README_DIR "readme"

enum {
        TOOL_MS = 30 * 1000,     /* what a tool may take that reads one text */
        ARCHIVE_MS = 600 * 1000, /* … and one that reads the user's files */
};

/* Checks the programs of the host: a plain word now is better than a riddle later. */
static bool programs_check(void)
{
        return program_exists(machine_program()) ||
               complain("%s: no such program; `tools/setup run` installs QEMU", machine_program());
}

/* Checks a file that is to be written, the value of the option `name`; `such` is a name for one. */
static bool output_check(const struct layout *layout, const char *name, const char *file,
                         const char *such)
{
        char path[PATH_MAX];
        struct stat info;
        if (!file)
                return true;
        if (!layout_user_path(layout, file, path))
                return false;
        if (!stat(path, &info) && !S_ISREG(info.st_mode))
                return complain("%s=%s: that is %s; name a file, such as %s", name, file,
                                S_ISDIR(info.st_mode) ? "a folder" : "no file", such);
        bool writable = !access(path, W_OK);
        if (!writable && errno == ENOENT)
                writable = !access(dirname(path), W_OK);
        return writable || complain("%s=%s: %s; name a file in a folder that you can write", name,
                                    file, strerror(errno));
}

/* The places that the options ask for: terminals and users' shells are where the ports are. */
static void places_add(struct arguments *arguments, const struct options *options)
{
        const char *place = options->place ? options->place : "", *ports = options->ports;
        if (!options->place && !ports)
                return;
        argument_add(arguments, "--place");
        if (ports && options->one_port)
                argument_add(arguments, "%s%sline:%s,shell:%s", place, *place ? "," : "", ports,
                             ports);
        else if (ports)
                argument_add(arguments, "%s%stty0:%s,tty1:%s,shell:%s", place, *place ? "," : "",
                             ports, ports, ports);
        else
                argument_add(arguments, "%s", place);
}

/* Checks the system description and writes the cluster's own, with what the options change. */
static bool description_make(const struct layout *layout, const struct options *options)
{
        char tool[PATH_MAX], source[PATH_MAX], list[NODE_LIST], output[256];
        struct arguments arguments = {.count = 0};
        if (!layout_find(layout, PLACE_BUILD, "tools/check/describe", tool) ||
            !description_path(layout, options, source))
                return false;
        node_list(options->nodes, list);
        argument_add(&arguments, "%s", tool);
        places_add(&arguments, options);
        argument_add(&arguments, "--nodes");
        argument_add(&arguments, "%s", list);
        argument_add(&arguments, "--nic");
        argument_add(&arguments, "%s", option_nic_choice(options));
        argument_add(&arguments, "--testbed");
        if (options->files)
                argument_add(&arguments, "--files");
        argument_add(&arguments, "-o");
        argument_add(&arguments, "%s/" BOOT_FOLDER "/" DESCRIPTION, layout->run);
        argument_add(&arguments, "%s", source);
        return child_output(arguments.argv, output, sizeof output, clock_ms() + TOOL_MS);
}

/* Asks something of the cluster's own description: one of describe's options, and its value or
 * NULL. */
static bool description_ask(const struct layout *layout, unsigned nodes, const char *option,
                            const char *value, char *output, size_t size)
{
        char tool[PATH_MAX], list[NODE_LIST];
        struct arguments arguments = {.count = 0};
        if (!layout_find(layout, PLACE_BUILD, "tools/check/describe", tool))
                return false;
        node_list(nodes, list);
        argument_add(&arguments, "%s", tool);
        argument_add(&arguments, "%s", option);
        if (value)
                argument_add(&arguments, "%s", value);
        argument_add(&arguments, "--nodes");
        argument_add(&arguments, "%s", list);
        argument_add(&arguments, BOOT_FOLDER "/" DESCRIPTION);
        return child_output(arguments.argv, output, size, clock_ms() + TOOL_MS);
}

/* Finds out which nodes run the file server: only they load the archive. */
static bool servers_find(const struct layout *layout, struct boot_plan *plan)
{
        char output[256], *rest = NULL;
        if (!description_ask(layout, plan->nodes, "--runs", "fs", output, sizeof output))
                return false;
        for (char *word = strtok_r(output, " ,\n", &rest); word;
             word = strtok_r(NULL, " ,\n", &rest))
                plan->files[node_number(word)] = true;
        return true;
}

/* KiB of what every node loads: all but the archive. */
static uint64_t loaded_size(void)
{
        char path[NODE_FILE];
        struct stat info;
        uint64_t size = 0;
        for (size_t i = 0; i < BOOT_FILES_ARCHIVE; i++) {
                snprintf(path, sizeof path, BOOT_FOLDER "/%s", boot_files[i].file);
                if (!stat(path, &info))
                        size += ((uint64_t)info.st_size + 1023) >> 10;
        }
        return size;
}

static bool room_check(const struct room *room, const char *node)
{
        return room_components(room) >= room->least ||
               complain("%s: its components may take %" PRIu64 " KiB, and a node with MEM=%" PRIu64
                        " has %" PRIu64 " KiB for them; give nodes MEM=%" PRIu64
                        ", or place fewer components there",
                        node, room->least, room->memory >> 10, room_components(room),
                        room_memory_wanted(room));
}

/* Checks that every node has room for its components, and finds the one of those which load the
 * archive that has the least for it. */
static bool nodes_weigh(const struct layout *layout, const struct options *options,
                        const struct boot_plan *plan, struct room *tightest)
{
        struct room room = {.memory = (uint64_t)options->memory << 10, .loaded = loaded_size()};
        char output[1024], node[NODE_NAME];
        int used = 0;
        if (!description_ask(layout, plan->nodes, "--memory", NULL, output, sizeof output))
                return false;
        *tightest = (struct room){.memory = ROOM_NO_NODE};
        for (const char *line = output; sscanf(line, "%3s %" SCNu64 " %" SCNu64 "\n%n", node,
                                               &room.least, &room.again, &used) == 3;
             line += used) {
                if (!room_check(&room, node))
                        return false;
                if (plan->files[node_number(node)] &&
                    room_files(&room, options->direct) < room_files(tightest, options->direct))
                        *tightest = room;
        }
        return true;
}

/* Where the archive was refused as too large, it has told how large it is. Always false. */
static bool archive_advise(const struct room *room, const struct options *options,
                           const char *output)
{
        uint64_t bytes;
        if (sscanf(output, "%*u %" SCNu64, &bytes) != 1)
                return false;
        uint64_t memory = room_files_wanted(room, options->direct, (bytes + 1023) >> 10);
        return memory > OPTION_MEMORY_MAX
                   ? complain("no node can have room for that; name a smaller folder for FILES")
                   : complain("nodes with MEM=%" PRIu64 " have room for that", memory);
}

/* Makes the archive of the user's folder or, without one, of a folder that holds README.md. */
static bool archive_make(const struct layout *layout, const struct options *options,
                         struct boot_plan *plan, const struct room *room)
{
        const char *files = options->files;
        char tool[PATH_MAX], folder[PATH_MAX], readme[PATH_MAX], output[256];
        struct arguments arguments = {.count = 0};
        if (files) {
                if (!layout_user_path(layout, files, folder))
                        return false;
                DIR *opened = opendir(folder);
                if (!opened)
                        return complain("FILES=%s: %s; give a folder that you can read", files,
                                        strerror(errno));
                closedir(opened);
        } else {
                strcpy(folder, README_DIR);
                if (!layout_find(layout, PLACE_CLONE, "README.md", readme) ||
                    !file_copy(layout, readme, README_DIR "/README.md"))
                        return false;
        }
        if (!layout_find(layout, PLACE_BUILD, "tools/image/image", tool))
                return false;
        argument_add(&arguments, "%s", tool);
        argument_add(&arguments, "-n");
        argument_add(&arguments, "-m");
        argument_add(&arguments, "%" PRIu64, room_files(room, options->direct) << 10);
        argument_add(&arguments, "-o");
        argument_add(&arguments, "%s/" BOOT_FOLDER "/%s", layout->run,
                     boot_files[BOOT_FILES_ARCHIVE].file);
        argument_add(&arguments, "%s", folder);
        if (!child_output(arguments.argv, output, sizeof output, clock_ms() + ARCHIVE_MS))
                return archive_advise(room, options, output);
        plan->packed = strtoul(output, NULL, 10);
        return true;
}

static bool folder_make(const struct layout *layout, const char *path)
{
        return !mkdir(path, 0777) || errno == EEXIST ||
               complain("%s/%s: %s; %s", layout->shown, path, strerror(errno), advice(errno));
}

/* Notes that a node has no ports for shells, for whoever wants to talk to it. */
static bool way_note(const struct layout *layout, unsigned number)
{
        char path[NODE_FILE];
        node_file(number, BATCH_WAY_NOTE, path);
        return file_write(path, "through n1\n") ||
               complain("%s/%s: %s; %s", layout->shown, path, strerror(errno), advice(errno));
}

/* A folder for each node, without what shells of an earlier cluster noted; its logs stay. */
static bool folders_make(const struct layout *layout, const struct options *options)
{
        static const char *const notes[] = {"batch.lock", "shell.lock", BATCH_WAY_NOTE};
        char path[NODE_FILE], name[NODE_NAME];
        for (unsigned n = 1; n <= NODES_MAX; n++) {
                for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
                        node_file(n, notes[i], path);
                        unlink(path);
                }
                node_name(n, name);
                if (n > options->nodes)
                        continue;
                if (!folder_make(layout, name) ||
                    (!option_has_ports(options, n) && !way_note(layout, n)))
                        return false;
        }
        return folder_make(layout, BOOT_FOLDER) && folder_make(layout, README_DIR);
}

static bool keylogs_make(const struct layout *layout, unsigned nodes)
{
        for (unsigned n = 1; n <= nodes; n++)
                if (!keylog_make(n))
                        return complain("%s/n%u/keylog: %s; %s", layout->shown, n, strerror(errno),
                                        advice(errno));
        return true;
}

static bool prepare(const struct layout *layout, const struct options *options,
                    struct boot_plan *plan)
{
        struct room room;
        plan->nodes = options->nodes;
        plan->plaintext = options->plaintext;
        plan->cipher = options->cipher;
        strcpy(plan->cluster, layout->run);
        return programs_check() && gdb_check(layout, options) &&
               output_check(layout, "CAPTURE", options->capture, "a.pcapng") &&
               output_check(layout, "KEYLOG", options->keylog, "a.keys") &&
               folders_make(layout, options) &&
               keys_make(options->nodes, identity(plan->cluster, NULL)) &&
               (!options->keylog || keylogs_make(layout, options->nodes)) && copies_make(layout) &&
               description_make(layout, options) && description_keep(layout, options) &&
               servers_find(layout, plan) && nodes_weigh(layout, options, plan, &room) &&
               archive_make(layout, options, plan, &room);
}

bool files_prepare(const struct layout *layout, const struct options *options,
                   struct boot_plan *plan)
{
        *plan = (struct boot_plan){.nodes = 0};
        files_remove();
        if (prepare(layout, options, plan))
                return true;
        files_remove();
        return false;
}

bool files_script(const struct boot_plan *plan, unsigned node, uint64_t entropy)
{
        char name[NODE_FILE], path[NODE_FILE + 8], text[BOOT_SCRIPT];
        boot_script_name(node, name);
        boot_script(plan, node, entropy, text);
        snprintf(path, sizeof path, BOOT_FOLDER "/%s", name);
        return file_write(path, text);
}

/* Removes a folder of plain files. */
static void folder_remove(const char *folder)
{
        char path[PATH_MAX];
        struct dirent *entry;
        DIR *opened = opendir(folder);
        if (!opened)
                return;
        while ((entry = readdir(opened))) {
                snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
                unlink(path);
        }
        closedir(opened);
        rmdir(folder);
}

static void node_remove(unsigned number, const char *name)
{
        char path[NODE_FILE];
        node_file(number, name, path);
        unlink(path);
}

void files_machine_remove(unsigned number)
{
        static const char *const names[] = {"pid",      "shell.sock", "batch.sock", "line.sock",
                                            "qmp.sock", "gdb.sock",   "qemu.sock"};
        char line[REMOTE_LINE_NAME], name[REMOTE_LINE_NAME + 8];
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                node_remove(number, names[i]);
        for (unsigned i = 1; i <= REMOTE_LINES; i++) {
                remote_line_name(i, line);
                snprintf(name, sizeof name, "%s.sock", line);
                node_remove(number, name);
        }
}

void files_remove(void)
{
        static const char *const leavings[] = {"switch.sock", "keys", "seed", "keylog",
                                               BATCH_WAY_NOTE};
        folder_remove(BOOT_FOLDER);
        folder_remove(README_DIR);
        unlink(CONTROL_SOCKET);
        unlink(SWITCH_CONTROL);
        unlink("switch.new");
        for (unsigned n = 1; n <= NODES_MAX; n++) {
                files_machine_remove(n);
                for (size_t i = 0; i < sizeof leavings / sizeof *leavings; i++)
                        node_remove(n, leavings[i]);
        }
}
