/* Reading: system.h. What is read stays in memory until system_free, because all pieces point into
 * it. */
#include "tools/check/system.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 20 };

void system_complain(struct system *system, const char *path, unsigned line, const char *format,
                     ...)
{
        va_list arguments;
        fprintf(system->complaints, "%s:%u: ", path, line);
        va_start(arguments, format);
        vfprintf(system->complaints, format, arguments);
        va_end(arguments);
        fputc('\n', system->complaints);
        system->errors++;
}

/* 0, or errno. */
static int file_read(struct file_text *file)
{
        FILE *stream = fopen(file->path, "rb");
        char *text = malloc(TEXT_MAX);
        int error = !stream ? errno : !text ? ENOMEM : 0;
        if (error == 0) {
                size_t length = fread(text, 1, TEXT_MAX, stream);
                file->text = (struct text){text, length};
                error = ferror(stream) ? errno : length == TEXT_MAX ? EFBIG : 0;
        }
        if (stream)
                fclose(stream);
        if (error != 0) {
                free(text);
                file->text = (struct text){NULL, 0};
        }
        return error;
}

bool system_read(struct system *system, const char *path)
{
        struct parse_error wrong;
        system->file.path = strdup(path);
        int error = file_read(&system->file);
        if (error != 0) {
                fprintf(system->complaints, "%s: %s; name a system description\n", path,
                        strerror(error));
                system->errors++;
                return false;
        }
        if (description_parse(system->file.text.at, system->file.text.length, &system->description,
                              &wrong))
                return true;
        system_complain(system, path, wrong.line, "%s", wrong.what);
        return false;
}

static char *path_join(const char *root, const char *folder, struct text name)
{
        char *path = NULL;
        if (asprintf(&path, "%s/%s/%.*s", root, folder, (int)name.length, name.at) < 0)
                abort();
        return path;
}

static void program_check(struct system *system, const struct system_manifest *entry,
                          const char *root)
{
        char *path = path_join(root, "bin", entry->manifest.program);
        if (access(path, R_OK) != 0)
                system_complain(system, entry->file.path, entry->manifest.program_line,
                                "unknown program %.*s: there is no %s",
                                (int)entry->manifest.program.length, entry->manifest.program.at,
                                path);
        free(path);
}

static bool manifest_known(const struct system *system, struct text name)
{
        for (unsigned i = 0; i < system->manifest_count; i++)
                if (text_equal(system->manifests[i].name, name))
                        return true;
        return false;
}

static void manifest_read(struct system *system, const struct described_component *component,
                          struct text name, const char *root)
{
        struct system_manifest *entry = &system->manifests[system->manifest_count];
        struct parse_error wrong;
        if (manifest_known(system, name))
                return;
        *entry = (struct system_manifest){.name = name,
                                          .file = {.path = path_join(root, "manifest", name)}};
        int error = file_read(&entry->file);
        if (error != 0) {
                system_complain(system, system->file.path, component->line,
                                "component %.*s: its manifest %s: %s", (int)component->name.length,
                                component->name.at, entry->file.path, strerror(error));
        } else if (!manifest_parse(entry->file.text.at, entry->file.text.length, &entry->manifest,
                                   &wrong)) {
                system_complain(system, entry->file.path, wrong.line, "%s", wrong.what);
        } else {
                program_check(system, entry, root);
                system->manifest_count++;
                return;
        }
        free((char *)entry->file.text.at);
        free(entry->file.path);
}

void system_read_manifests(struct system *system, const char *root)
{
        for (unsigned i = 0; i < system->description.count; i++) {
                const struct described_component *component = &system->description.components[i];
                for (unsigned j = 0; j < component->alternative_count; j++)
                        manifest_read(system, component, component->alternatives[j], root);
        }
}

void system_free(struct system *system)
{
        for (unsigned i = 0; i < system->manifest_count; i++) {
                free((char *)system->manifests[i].file.text.at);
                free(system->manifests[i].file.path);
        }
        free((char *)system->file.text.at);
        free(system->file.path);
}

struct described_component *system_component(struct system *system, struct text name)
{
        for (unsigned i = 0; i < system->description.count; i++)
                if (text_equal(system->description.components[i].name, name))
                        return &system->description.components[i];
        return NULL;
}

const struct system_manifest *system_manifest(const struct system *system,
                                              const struct described_component *component,
                                              unsigned alternative)
{
        for (unsigned i = 0; i < system->manifest_count; i++)
                if (text_equal(system->manifests[i].name, component->alternatives[alternative]))
                        return &system->manifests[i];
        return NULL;
}
