/* See manifest.h. The parser is a table of keywords, each with the function that takes the rest of
 * its line. */
#include "cluster/system/manifest.h"

#include <stdio.h>
#include <string.h>

const char *admission_name(enum admission which)
{
        static const char *const names[] = {
            [ADMISSION_PCI] = "pci", [ADMISSION_NAME] = "name", [ADMISSION_LOG] = "log"};
        return names[which];
}

const char *init_name(enum init_name which)
{
        static const char *const names[] = {
            [INIT_NAME_PROC] = "proc",
            [INIT_NAME_CONTROL] = "control",
            [INIT_NAME_INSTALL] = "install",
        };
        return names[which];
}

static const struct {
        enum manifest_grants grant;
        const char *word;
} grants[] = {
    {GRANT_CONTROL, "control"},
    {GRANT_PEERS, "peers"},
    {GRANT_SPAWN, "spawn"},
    {GRANT_INSTALL, "install"},
};

enum { GRANTS = sizeof grants / sizeof grants[0] };

const char *grant_name(enum manifest_grants grant)
{
        unsigned i = 0;
        while (i + 1 < GRANTS && grants[i].grant != grant)
                i++;
        return grants[i].word;
}

bool manifest_has_device(const struct manifest *manifest, enum device_kind kind)
{
        for (unsigned i = 0; i < manifest->device_count; i++)
                if (manifest->devices[i].kind == kind)
                        return true;
        return false;
}

bool name_list_has(const struct name_list *list, struct text name)
{
        for (unsigned i = 0; i < list->count; i++)
                if (text_equal(list->names[i], name))
                        return true;
        return false;
}

static bool names_take(struct line *line, struct name_list *list, bool any)
{
        struct text name;
        unsigned before = list->count;
        while (text_next(&line->rest, ' ', &name)) {
                if (!name_valid(name) && !(any && text_is(name, "*")))
                        return line_wrong(line, "`%s` is no valid name: " NAME_RULE,
                                          shown(name).text);
                if (name_list_has(list, name))
                        return line_wrong(line, "`%s` stands there already", shown(name).text);
                if (list->count == MANIFEST_NAMES)
                        return line_wrong(line, "more than %d names", MANIFEST_NAMES);
                list->names[list->count] = name;
                list->lines[list->count++] = line->number;
        }
        return list->count > before || line_wrong(line, "names are missing");
}

static bool pci_take(struct line *line, struct manifest_device *device)
{
        struct text word, vendor;
        uint64_t first, second;
        if (!word_take(line, "VENDOR:DEVICE", &word))
                return false;
        device->kind = DEVICE_PCI;
        struct text rest = word;
        if (!text_next(&rest, ':', &vendor) || !text_digits(vendor, 16, 0xffff, &first) ||
            !text_digits(rest, 16, 0xffff, &second))
                return line_wrong(line, "`%s` is no VENDOR:DEVICE in hexadecimal",
                                  shown(word).text);
        device->first = first;
        device->second = second;
        device->optional = text_next(&line->rest, ' ', &word);
        return !device->optional || text_is(word, "optional") ||
               line_wrong(line, "`%s` is not optional", shown(word).text);
}

/* PCI's configuration mechanism #1 (drivers/bus/pci/config_ports.h). */
enum { CONFIG_PORTS = 0xcf8, CONFIG_PORTS_COUNT = 8 };

static bool ioports_take(struct line *line, struct manifest_device *device)
{
        uint64_t base, count;
        if (!number_take(line, "first I/O port", 0xffff, &base) ||
            !number_take(line, "number of I/O ports", 0x10000, &count))
                return false;
        if (count == 0 || base + count > 0x10000)
                return line_wrong(line, "I/O ports are 0 to 0xffff");
        if (base < CONFIG_PORTS + CONFIG_PORTS_COUNT && CONFIG_PORTS < base + count)
                return line_wrong(line,
                                  "I/O ports 0x%x to 0x%x command all PCI devices: only the bus "
                                  "server has them, by `device hardware`",
                                  CONFIG_PORTS, CONFIG_PORTS + CONFIG_PORTS_COUNT - 1);
        device->kind = DEVICE_IOPORTS;
        device->first = base;
        device->second = count;
        return true;
}

static bool irq_take(struct line *line, struct manifest_device *device)
{
        uint64_t number;
        if (!number_take(line, "interrupt line", 255, &number))
                return false;
        device->kind = DEVICE_IRQ;
        device->first = number;
        return true;
}

static bool device_take(struct line *line, struct manifest *manifest)
{
        struct manifest_device device = {.line = line->number};
        struct text kind;
        bool good = true;
        if (!word_take(line, "the kind of device", &kind))
                return false;
        if (text_is(kind, "pci"))
                good = pci_take(line, &device);
        else if (text_is(kind, "ioports"))
                good = ioports_take(line, &device);
        else if (text_is(kind, "irq"))
                good = irq_take(line, &device);
        else if (text_is(kind, "console"))
                device.kind = DEVICE_CONSOLE;
        else if (text_is(kind, "line"))
                device.kind = DEVICE_LINE;
        else if (text_is(kind, "hardware"))
                device.kind = DEVICE_HARDWARE;
        else
                return line_wrong(line, "`%s` is no kind of device", shown(kind).text);
        if (!good)
                return false;
        if (manifest->device_count == MANIFEST_DEVICES)
                return line_wrong(line, "more than %d devices", MANIFEST_DEVICES);
        manifest->devices[manifest->device_count++] = device;
        return true;
}

static bool size_take(struct line *line, uint64_t *bytes)
{
        enum { PAGE = 4096 };
        static const char units[] = "KMG";
        const uint64_t most = 1ull << 40;
        struct text word, digits;
        unsigned shift = 0;
        uint64_t number;

        if (!word_take(line, "the size of memory", &word))
                return false;
        digits = word;
        const char *unit = memchr(units, word.at[word.length - 1], sizeof units - 1);
        if (unit) {
                shift = 10 * (unit - units + 1);
                digits.length--;
        }
        if (!text_digits(digits, 10, most >> shift, &number) ||
            number << shift < MANIFEST_MEMORY_MIN)
                return line_wrong(line, "`%s` is no size of memory (64K to 1024G)",
                                  shown(word).text);
        *bytes = ((number << shift) + PAGE - 1) & ~(uint64_t)(PAGE - 1);
        return true;
}

static bool memory_take(struct line *line, struct manifest *manifest)
{
        struct text word;
        if (!size_take(line, &manifest->memory))
                return false;
        manifest->rest = text_next(&line->rest, ' ', &word);
        return !manifest->rest || text_is(word, "rest") ||
               line_wrong(line, "`%s` is not rest", shown(word).text);
}

static bool stack_take(struct line *line, struct manifest *manifest)
{
        manifest->stack_line = line->number;
        return size_take(line, &manifest->stack);
}

static bool keeps_take(struct line *line, struct manifest *manifest)
{
        return size_take(line, &manifest->kept);
}

static bool priority_take(struct line *line, struct manifest *manifest)
{
        uint64_t number;
        if (!number_take(line, "priority", PRIORITY_COMPONENT_MAX, &number))
                return false;
        manifest->priority = number;
        return true;
}

static bool heartbeat_take(struct line *line, struct manifest *manifest)
{
        uint64_t number;
        if (!number_take(line, "number of seconds", HEARTBEAT_MAX, &number))
                return false;
        manifest->heartbeat = number;
        return true;
}

static bool restart_take(struct line *line, struct manifest *manifest)
{
        struct text word;
        if (!word_take(line, "always, backoff or never", &word))
                return false;
        if (text_is(word, "always"))
                manifest->restart = RESTART_ALWAYS;
        else if (text_is(word, "backoff"))
                manifest->restart = RESTART_BACKOFF;
        else if (text_is(word, "never"))
                manifest->restart = RESTART_NEVER;
        else
                return line_wrong(line, "`%s` is not always, backoff or never", shown(word).text);
        return true;
}

static bool grants_take(struct line *line, struct manifest *manifest)
{
        struct text word;
        if (!word_take(line, "control, peers, spawn or install", &word))
                return false;
        do {
                unsigned i = 0;
                while (i < GRANTS && !text_is(word, grants[i].word))
                        i++;
                if (i == GRANTS)
                        return line_wrong(line, "`%s` is not control, peers, spawn or install",
                                          shown(word).text);
                manifest->grants |= grants[i].grant;
        } while (text_next(&line->rest, ' ', &word));
        return true;
}

static bool spawns_take(struct line *line, struct manifest *manifest)
{
        uint64_t number;
        if (!size_take(line, &manifest->spawn_memory) ||
            !number_take(line, "number of programs", MANIFEST_SPAWN_MOST, &number))
                return false;
        manifest->spawn_number = (unsigned)number;
        manifest->spawn_line = line->number;
        return number > 0 || line_wrong(line, "a number of programs is 1 at least");
}

static bool module_take(struct line *line, struct manifest *manifest)
{
        struct text name;
        if (manifest->module_count == MANIFEST_MODULES)
                return line_wrong(line, "more than %d modules", MANIFEST_MODULES);
        if (!word_take(line, "the module's name", &name))
                return false;
        if (!name_valid(name) && !text_is(name, "boot.cpio"))
                return line_wrong(line, "`%s` is no valid name: " NAME_RULE, shown(name).text);
        manifest->modules[manifest->module_count++] = name;
        return true;
}

static bool program_take(struct line *line, struct manifest *manifest)
{
        manifest->program_line = line->number;
        return name_take(line, "the program's name", &manifest->program);
}

static bool admits_take(struct line *line, struct manifest *manifest)
{
        struct text word;
        if (!word_take(line, "name, log or pci", &word))
                return false;
        for (enum admission which = 0; which < ADMISSIONS; which++)
                if (text_is(word, admission_name(which))) {
                        manifest->admits |= 1u << which;
                        return true;
                }
        return line_wrong(line, "`%s` is not name, log or pci", shown(word).text);
}

static bool argument_take(struct line *line, struct manifest *manifest)
{
        struct manifest_argument argument;
        if (!name_take(line, "the argument's name", &argument.key))
                return false;
        for (unsigned i = 0; i < manifest->argument_count; i++)
                if (text_equal(manifest->arguments[i].key, argument.key))
                        return line_wrong(line, "`%s` stands there already",
                                          shown(argument.key).text);
        if (manifest->argument_count == MANIFEST_ARGUMENTS)
                return line_wrong(line, "more than %d arguments", MANIFEST_ARGUMENTS);
        argument.values = line->rest;
        line->rest.length = 0;
        manifest->arguments[manifest->argument_count++] = argument;
        return true;
}

static bool provides_take(struct line *line, struct manifest *manifest)
{
        return names_take(line, &manifest->provides, false);
}

static bool needs_take(struct line *line, struct manifest *manifest)
{
        return names_take(line, &manifest->needs, true);
}

static bool asks_take(struct line *line, struct manifest *manifest)
{
        return names_take(line, &manifest->asks, true);
}

static const struct keyword {
        const char *word;
        bool (*take)(struct line *line, struct manifest *manifest);
        bool once; /* a second line would silently hide the first */
} keywords[] = {
    {"program", program_take, true},    {"provides", provides_take, false},
    {"needs", needs_take, false},       {"asks", asks_take, false},
    {"device", device_take, false},     {"module", module_take, false},
    {"memory", memory_take, true},      {"priority", priority_take, true},
    {"restart", restart_take, true},    {"grants", grants_take, false},
    {"admits", admits_take, false},     {"heartbeat", heartbeat_take, true},
    {"argument", argument_take, false}, {"spawns", spawns_take, true},
    {"keeps", keeps_take, true},        {"stack", stack_take, true},
};

enum { KEYWORDS = sizeof keywords / sizeof keywords[0] };

struct parsing {
        struct manifest *manifest;
        unsigned lines[KEYWORDS]; /* where each keyword stood; 0: nowhere */
};

static bool manifest_line_parse(struct line *line, struct text word, void *out)
{
        struct parsing *parsing = out;
        for (size_t i = 0; i < KEYWORDS; i++) {
                if (!text_is(word, keywords[i].word))
                        continue;
                if (keywords[i].once && parsing->lines[i] != 0)
                        return line_wrong(line, "`%s` is already in line %u", keywords[i].word,
                                          parsing->lines[i]);
                parsing->lines[i] = line->number;
                return keywords[i].take(line, parsing->manifest) && line_end(line);
        }
        return line_wrong(line, "`%s` says nothing in a manifest", shown(word).text);
}

bool manifest_parse(const char *text, size_t length, struct manifest *out,
                    struct parse_error *error)
{
        struct parsing parsing = {.manifest = out};
        *out = (struct manifest){
            .memory = MANIFEST_MEMORY_DEFAULT,
            .stack = MANIFEST_STACK_DEFAULT,
            .priority = PRIORITY_COMPONENT_DEFAULT,
            .restart = RESTART_BACKOFF,
        };
        if (!lines_parse(text, length, manifest_line_parse, &parsing, error))
                return false;
        if (out->program_line == 0) {
                error->line = 1;
                snprintf(error->what, sizeof error->what, "a line `program NAME` is missing");
                return false;
        }
        if (out->stack_line && out->stack >= out->memory) {
                error->line = out->stack_line;
                snprintf(error->what, sizeof error->what,
                         "its stack is a part of its memory, so it must be less");
                return false;
        }
        if (out->spawn_number && !(out->grants & GRANT_SPAWN)) {
                error->line = out->spawn_line;
                snprintf(error->what, sizeof error->what, "`spawns` without `grants spawn`");
                return false;
        }
        return true;
}
