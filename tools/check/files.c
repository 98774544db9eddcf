/* Reads files whole, and finds the user's own file behind the copy of a manifest; see files.h. */
#include "tools/check/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 20 };

static char *keep(struct files *files, char *memory)
{
        if (!memory)
                abort();
        files->kept[files->kept_count++] = memory;
        return memory;
}

/* Also of a pipe that nobody writes into: opening that would wait for ever. */
static FILE *text_open(const char *path)
{
        int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (file < 0)
                return NULL;
        fcntl(file, F_SETFL, 0);
        return fdopen(file, "rb");
}

/* The whole of a file. Returns 0, or errno. */
static int text_read(struct files *files, const char *path, struct text *text)
{
        FILE *stream = text_open(path);
        if (!stream)
                return errno;
        char *bytes = malloc(TEXT_MAX);
        size_t length = bytes ? fread(bytes, 1, TEXT_MAX, stream) : 0;
        int error = !bytes ? ENOMEM : ferror(stream) ? errno : length == TEXT_MAX ? EFBIG : 0;
        fclose(stream);
        if (error != 0)
                free(bytes);
        else
                *text = (struct text){keep(files, bytes), length};
        return error;
}

/* The number of a text's last line. */
static unsigned lines_of(struct text text)
{
        unsigned lines = 1;
        for (size_t i = 0; i + 1 < text.length; i++)
                lines += text.at[i] == '\n';
        return lines;
}

bool files_description(struct files *files, const char *path)
{
        struct system *system = &files->system;
        struct parse_error wrong;
        int error = text_read(files, path, &files->text);
        system->file = path;
        if (error != 0) {
                system_complain(system, path, 0,
                                "%s; name a system description, such as "
                                "cluster/system.description",
                                strerror(error));
                return false;
        }
        system->lines = lines_of(files->text);
        if (description_parse(files->text.at, files->text.length, &system->description, &wrong))
                return true;
        system_complain(system, path, wrong.line, "%s", wrong.what);
        return false;
}

/* ---- manifests ------------------------------------------------------------------------------- */

static char *path_make(struct files *files, const char *root, const char *folder, struct text name)
{
        char *path = NULL;
        if (asprintf(&path, "%s/%s/%.*s", root, folder, (int)name.length, name.at) < 0)
                abort();
        return keep(files, path);
}

/* The file that a manifest was copied from; NULL: nobody says. */
static const char *origin(struct files *files, struct text name)
{
        struct text rest = files->origins, line, first;
        while (text_next(&rest, '\n', &line))
                if (text_next(&line, ' ', &first) && text_equal(first, name))
                        return keep(files, strndup(line.at, line.length));
        return NULL;
}

static void program_check(struct files *files, const struct system_manifest *entry,
                          const char *root)
{
        struct text program = entry->manifest.program;
        if (access(path_make(files, root, "bin", program), R_OK) != 0)
                system_complain(&files->system, entry->file, entry->manifest.program_line,
                                "unknown program %s: no folder with a main.c is called so, or "
                                "`make` has not built it yet",
                                shown(program).text);
}

static void manifest_read(struct files *files, component_ref component, struct text name,
                          const char *root)
{
        struct system *system = &files->system;
        struct system_manifest *entry = &system->manifests[system->manifest_count];
        const char *path = path_make(files, root, "manifest", name);
        struct parse_error wrong;
        struct text text;
        int error = text_read(files, path, &text);
        if (error != 0) {
                system_complain(system, system->file, component->line,
                                "component %s: there is no manifest %s (%s); `make` takes those "
                                "of the folders of servers and drivers",
                                shown(component->name).text, shown(name).text, strerror(error));
                return;
        }
        *entry = (struct system_manifest){.name = name, .file = origin(files, name)};
        if (!entry->file)
                entry->file = path;
        if (!manifest_parse(text.at, text.length, &entry->manifest, &wrong)) {
                system_complain(system, entry->file, wrong.line, "%s", wrong.what);
                return;
        }
        program_check(files, entry, root);
        system->manifest_count++;
}

/* Frees what was kept since there was so much. */
static void release(struct files *files, unsigned kept_count)
{
        while (files->kept_count > kept_count)
                free(files->kept[--files->kept_count]);
}

/* Whether the manifest provides the name. One that cannot be read might: it is complained of. */
static bool manifest_provides(struct files *files, const char *root, struct text manifest,
                              struct text name)
{
        static struct manifest parsed;
        unsigned before = files->kept_count;
        const char *path = path_make(files, root, "manifest", manifest);
        struct parse_error wrong = {0};
        struct text text = {NULL, 0};
        int error = text_read(files, path, &text);
        bool good = error == 0 && manifest_parse(text.at, text.length, &parsed, &wrong);
        bool provides = good && name_list_has(&parsed.provides, name);
        if (!good)
                system_complain(&files->system, path, wrong.line, "%s",
                                error != 0 ? strerror(error) : wrong.what);
        release(files, before);
        return provides;
}

static int is_manifest(const struct dirent *entry)
{
        return entry->d_name[0] != '.';
}

/* Finds the manifests of a component that is `*`. */
static void alternatives_find(struct files *files, struct described_component *component,
                              const char *root)
{
        struct system *system = &files->system;
        struct dirent **entries = NULL;
        const char *folder = path_make(files, root, "manifest", text_of(""));
        int count = scandir(folder, &entries, is_manifest, alphasort);
        for (int i = 0; i < count; i++) {
                if (manifest_provides(files, root, text_of(entries[i]->d_name), component->name) &&
                    !alternative_add(component, text_of(keep(files, strdup(entries[i]->d_name)))))
                        system_complain(system, system->file, component->line,
                                        "component %s: more than %d manifests provide it; name "
                                        "those that it is to be",
                                        shown(component->name).text, COMPONENT_ALTERNATIVES);
                free(entries[i]);
        }
        free(entries);
        if (component->alternative_count == 0)
                system_complain(system, system->file, component->line,
                                "component %s: no manifest in %s provides %s",
                                shown(component->name).text, folder, shown(component->name).text);
}

void files_manifests(struct files *files, const char *root)
{
        struct description *description = &files->system.description;
        char *origins = NULL;
        if (asprintf(&origins, "%s.manifests", root) < 0)
                abort();
        text_read(files, keep(files, origins), &files->origins);
        for (unsigned i = 0; i < description->count; i++) {
                struct described_component *component = &description->components[i];
                if (component->any)
                        alternatives_find(files, component, root);
                for (unsigned j = 0; j < component->alternative_count; j++)
                        if (!system_manifest(&files->system, component->alternatives[j]))
                                manifest_read(files, component, component->alternatives[j], root);
        }
}

void files_free(struct files *files)
{
        release(files, 0);
}
