/* The parser of manifest.h: a table of keywords, each with the function that takes its line's rest.
 */
#include "cluster/system/manifest.h"

#include <stdio.h>
#include <string.h>

static bool names_take(struct line *line, struct name_list *list, bool any)
{
        struct text name;
        unsigned before = list->count;
        while (text_next(&line->rest, ' ', &name)) {
                if (!name_valid(name) && !(any && text_is(name, "*")))
                        return complain(line, "`%.*s` is no valid name", shown(name), name.at);
                if (list->count == MANIFEST_NAMES)
                        return complain(line, "more than %d names", MANIFEST_NAMES);
                list->names[list->count] = name;
                list->lines[list->count++] = line->number;
        }
        return list->count > before || complain(line, "names are missing");
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
                return complain(line, "`%.*s` is no VENDOR:DEVICE in hexadecimal", shown(word),
                                word.at);
        device->first = first;
        device->second = second;
        return true;
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
                return complain(line, "I/O ports are 0 to 0xffff");
        if (base < CONFIG_PORTS + CONFIG_PORTS_COUNT && CONFIG_PORTS < base + count)
                return complain(line,
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
        else if (text_is(kind, "hardware"))
                device.kind = DEVICE_HARDWARE;
        else
                return complain(line, "`%.*s` is no kind of device", shown(kind), kind.at);
        if (!good)
                return false;
        if (manifest->device_count == MANIFEST_DEVICES)
                return complain(line, "more than %d devices", MANIFEST_DEVICES);
        manifest->devices[manifest->device_count++] = device;
        return true;
}

static bool memory_take(struct line *line, struct manifest *manifest)
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
                return complain(line, "`%.*s` is no size of memory (64K to 1024G)", shown(word),
                                word.at);
        manifest->memory = ((number << shift) + PAGE - 1) & ~(uint64_t)(PAGE - 1);
        return true;
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
                return complain(line, "`%.*s` is not always, backoff or never", shown(word),
                                word.at);
        return true;
}

static bool grants_take(struct line *line, struct manifest *manifest)
{
        struct text word;
        if (!word_take(line, "control or peers", &word))
                return false;
        do {
                if (text_is(word, "control"))
                        manifest->grants |= GRANT_CONTROL;
                else if (text_is(word, "peers"))
                        manifest->grants |= GRANT_PEERS;
                else
                        return complain(line, "`%.*s` is not control or peers", shown(word),
                                        word.at);
        } while (text_next(&line->rest, ' ', &word));
        return true;
}

static bool module_take(struct line *line, struct manifest *manifest)
{
        if (manifest->module_count == MANIFEST_MODULES)
                return complain(line, "more than %d modules", MANIFEST_MODULES);
        return name_take(line, "the module's name", &manifest->modules[manifest->module_count++]);
}

static bool program_take(struct line *line, struct manifest *manifest)
{
        if (manifest->program_line != 0)
                return complain(line, "the program is already in line %u", manifest->program_line);
        manifest->program_line = line->number;
        return name_take(line, "the program's name", &manifest->program);
}

static bool admits_take(struct line *line, struct manifest *manifest)
{
        (void)line;
        manifest->admits = true;
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

static bool manifest_line_parse(struct line *line, struct text keyword, void *out)
{
        static const struct {
                const char *keyword;
                bool (*take)(struct line *line, struct manifest *manifest);
        } keywords[] = {
            {"program", program_take}, {"provides", provides_take}, {"needs", needs_take},
            {"asks", asks_take},       {"device", device_take},     {"module", module_take},
            {"memory", memory_take},   {"priority", priority_take}, {"restart", restart_take},
            {"grants", grants_take},   {"admits", admits_take},     {"heartbeat", heartbeat_take},
        };

        for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
                if (text_is(keyword, keywords[i].keyword))
                        return keywords[i].take(line, out) && line_end(line);
        return complain(line, "`%.*s` says nothing in a manifest", shown(keyword), keyword.at);
}

bool manifest_parse(const char *text, size_t length, struct manifest *out,
                    struct parse_error *error)
{
        *out = (struct manifest){
            .memory = MANIFEST_MEMORY_DEFAULT,
            .priority = PRIORITY_COMPONENT_DEFAULT,
            .restart = RESTART_BACKOFF,
        };
        if (!lines_parse(text, length, manifest_line_parse, out, error))
                return false;
        if (out->program_line == 0) {
                error->line = 1;
                snprintf(error->what, sizeof error->what, "a line `program NAME` is missing");
                return false;
        }
        return true;
}
