/* Reads the Multiboot information (specification 0.6.96, 3.3). It is not trusted: everything is
 * copied before it is checked, and every sum is checked for overflow. */
#include "kernel/arch/x86_64/multiboot.h"
#include "kernel/arch/x86_64/command_line.h"
#include "kernel/arch/x86_64/ranges.h"
#include "kernel/lib/string.h"

enum { HAS_COMMAND_LINE = 1 << 2, HAS_MODULES = 1 << 3, HAS_MEMORY_MAP = 1 << 6 };

struct information {
        uint32_t flags, memory_lower, memory_upper, boot_device, command_line;
        uint32_t modules_count, modules, symbols[4];
        uint32_t map_length, map;
};
_Static_assert(sizeof(struct information) == 52, "Multiboot 3.3");

struct module {
        uint32_t start, end, string, reserved;
};
_Static_assert(sizeof(struct module) == 16, "Multiboot 3.3");

struct map_entry {
        uint32_t size; /* of the rest */
        uint64_t base, length;
        uint32_t type;
} __attribute__((packed));
_Static_assert(sizeof(struct map_entry) == 24, "Multiboot 3.3");

enum {
        MAP_USABLE = 1,
        MAP_LENGTH_MAX = 16384,
        MAP_ENTRY_REST = sizeof(struct map_entry) - sizeof(uint32_t),
        STRING_MAX = 2048,
        FIRST_MIB = 1 << 20,
};

struct reader {
        struct boot_machine *machine;
        const struct physical_view *view;
        struct boot_range image;
        paddr_t limit;
};

static bool read(const struct reader *reader, void *to, paddr_t from, size_t bytes)
{
        const void *at = reader->view->at(reader->view->context, from, bytes);
        if (at)
                memcpy(to, at, bytes);
        return at;
}

/* False if the string has no end within STRING_MAX. */
static bool read_string(const struct reader *reader, char *to, paddr_t from)
{
        for (unsigned i = 0; i < STRING_MAX; i++) {
                if (!read(reader, to + i, from + i, 1))
                        return false;
                if (!to[i])
                        return true;
        }
        return false;
}

/* ---- memory map ---- */

/* Takes in one entry: the first pass adds usable memory, the second removes all other. */
static const char *map_take(struct reader *reader, const struct map_entry *entry, bool usable)
{
        struct boot_machine *machine = reader->machine;
        if (entry->base + entry->length < entry->base)
                return "the loader's memory map runs over the end of the addresses";
        if ((entry->type == MAP_USABLE) != usable || entry->length == 0)
                return NULL;
        paddr_t end = entry->base + entry->length;
        if (end > reader->limit)
                end = reader->limit;
        if (entry->base >= end)
                return NULL;
        bool done = usable ? ranges_add(machine->ram, &machine->ram_count, page_up(entry->base),
                                        page_down(end))
                           : ranges_remove(machine->ram, &machine->ram_count,
                                           page_down(entry->base), page_up(end));
        return done ? NULL : "the loader's memory map is in too many pieces";
}

static const char *map_read(struct reader *reader, const struct information *information,
                            bool usable)
{
        uint32_t at = 0;
        while (at < information->map_length) {
                struct map_entry entry;
                if (information->map_length - at < sizeof entry ||
                    !read(reader, &entry, (paddr_t)information->map + at, sizeof entry) ||
                    entry.size < MAP_ENTRY_REST || entry.size > MAP_LENGTH_MAX)
                        return "the loader's memory map is malformed";
                const char *wrong = map_take(reader, &entry, usable);
                if (wrong)
                        return wrong;
                at += entry.size + (uint32_t)sizeof entry.size;
        }
        return NULL;
}

static const char *ram_read(struct reader *reader, const struct information *information)
{
        struct boot_machine *machine = reader->machine;
        if (!(information->flags & HAS_MEMORY_MAP))
                return "the loader gives no memory map";
        if (information->map_length > MAP_LENGTH_MAX)
                return "the loader's memory map is too long";
        const char *wrong =
            map_read(reader, information, true) ?: map_read(reader, information, false);
        if (wrong)
                return wrong;
        if (!ranges_hold(machine->ram, machine->ram_count, reader->image.start, reader->image.end))
                return "the kernel is not in what the loader calls memory";
        machine->highest = machine->ram[machine->ram_count - 1].end;
        return NULL;
}

/* ---- modules ---- */

static struct boot_range module_range(const struct boot_machine *machine, unsigned index)
{
        paddr_t start = machine->modules[index].start;
        return (struct boot_range){start, start + machine->modules[index].bytes};
}

static const char *module_place(struct reader *reader, const struct module *module)
{
        struct boot_machine *machine = reader->machine;
        paddr_t start = module->start, end = module->end;
        if (end < start)
                return "a module ends before it begins";
        if (start % PAGE_SIZE)
                return "a module does not begin on a page";
        if (end > start && !ranges_hold(machine->ram, machine->ram_count, start, end))
                return "a module is not in memory";
        if (ranges_meet(&reader->image, 1, start, end))
                return "a module overlaps the kernel";
        for (unsigned i = 0; i < machine->module_count; i++) {
                const struct boot_range other = module_range(machine, i);
                if (ranges_meet(&other, 1, start, end))
                        return "two modules overlap";
        }
        machine->modules[machine->module_count].start = start;
        machine->modules[machine->module_count].bytes = end - start;
        return NULL;
}

static const char *module_name_read(struct reader *reader, const struct module *module)
{
        char string[STRING_MAX] = "";
        char *name = reader->machine->modules[reader->machine->module_count].name;
        if (module->string && !read_string(reader, string, module->string))
                return "a module's string has no end";
        if (!module_name_copy(name, BOOTINFO_NAME, string))
                return "a module's name is too long";
        return NULL;
}

static const char *modules_read(struct reader *reader, const struct information *information)
{
        if (!(information->flags & HAS_MODULES))
                return NULL;
        if (information->modules_count > BOOTINFO_MODULES)
                return "there are more modules than the kernel takes";
        for (unsigned i = 0; i < information->modules_count; i++) {
                struct module module;
                if (!read(reader, &module, (paddr_t)information->modules + i * sizeof module,
                          sizeof module))
                        return "the list of modules is not in memory";
                const char *wrong =
                    module_place(reader, &module) ?: module_name_read(reader, &module);
                if (wrong)
                        return wrong;
                reader->machine->module_count++;
        }
        return NULL;
}

/* ---- what is left ---- */

static bool carve(struct boot_machine *machine, struct boot_range range)
{
        return ranges_remove(machine->free, &machine->free_count, page_down(range.start),
                             page_up(range.end));
}

static const char *free_read(struct reader *reader)
{
        struct boot_machine *machine = reader->machine;
        memcpy(machine->free, machine->ram, sizeof machine->ram);
        machine->free_count = machine->ram_count;
        bool done =
            carve(machine, (struct boot_range){0, FIRST_MIB}) && carve(machine, reader->image);
        for (unsigned i = 0; done && i < machine->module_count; i++)
                done = carve(machine, module_range(machine, i));
        return done ? NULL : "the machine's memory is in too many pieces";
}

static const char *command_line_read(struct reader *reader, const struct information *information)
{
        char line[STRING_MAX];
        if (!(information->flags & HAS_COMMAND_LINE))
                return NULL;
        if (!read_string(reader, line, information->command_line) ||
            !command_line_copy(reader->machine->command_line, BOOTINFO_COMMAND_LINE, line))
                return "the command line is too long";
        return NULL;
}

const char *multiboot_read(struct boot_machine *machine, const struct physical_view *view,
                           uint32_t information_at, struct boot_range image, paddr_t limit)
{
        struct reader reader = {machine, view, image, limit};
        struct information information;
        if (!read(&reader, &information, information_at, sizeof information))
                return "the loader's information is not in memory";
        return ram_read(&reader, &information) ?: modules_read(&reader, &information)
            ?: command_line_read(&reader, &information) ?: free_read(&reader);
}
