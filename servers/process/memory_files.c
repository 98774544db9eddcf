/* See memory_files.h. Names and open files are lists: there are few, and they are short. */
#include "servers/process/memory_files.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "servers/common/least.h"
#include "servers/process/memory_object.h"
#include "servers/process/spawners.h"
#include "servers/rt/pure/share.h"
#include "servers/rt/task/memory.h"

/* What files leave to processes and to the server itself, in bytes; and the longest part that an
 * extent has beyond what is asked for, so that what grows slowly has few. */
#define MEMORY_RESERVE (1ull << 20)
#define EXTENT_SPARE   (4ull << 20)

struct name {
        struct name *next;
        struct memory_file *file;
        uint64_t spawner; /* who has made it */
        char bytes[FS_NAME_MAX + 1];
};

static struct {
        struct name *names;
        struct memory_file *files;
        struct memory_open *opens;
        unsigned name_count, open_count;
        uint64_t last_file, last_open;
} state;

/* ---- extents --------------------------------------------------------------------------------- */

uint64_t memory_charged(uint64_t spawner)
{
        uint64_t bytes = 0;
        for (const struct memory_file *file = state.files; file; file = file->next)
                for (unsigned i = 0; i < file->extent_count; i++)
                        if (file->extents[i].spawner == spawner)
                                bytes += file->extents[i].length;
        return bytes;
}

static uint64_t capacity_of(const struct memory_file *file)
{
        uint64_t bytes = 0;
        for (unsigned i = 0; i < file->extent_count; i++)
                bytes += file->extents[i].length;
        return bytes;
}

uint64_t memory_used(void)
{
        uint64_t bytes = 0;
        for (const struct memory_file *file = state.files; file; file = file->next)
                bytes += capacity_of(file);
        return bytes;
}

uint64_t memory_most(void)
{
        uint64_t used, limit;
        memory_object_account(&used, &limit);
        return limit / 2;
}

/* How much more a process of that spawner may take. */
static uint64_t room_for(uint64_t spawner)
{
        uint64_t used, limit, left = spawner_left(spawner);
        const uint64_t most = memory_most(), all = memory_used();
        memory_object_account(&used, &limit);
        const uint64_t free = limit - used > MEMORY_RESERVE ? limit - used - MEMORY_RESERVE : 0;
        left = left < free ? left : free;
        return all < most ? (left < most - all ? left : most - all) : 0;
}

static bool extent_make(struct memory_file *file, uint64_t bytes, uint64_t spawner)
{
        struct memory_extent extent = {.length = bytes, .spawner = spawner};
        if (bytes > room_for(spawner) || !memory_object_make(bytes, &extent.memory, &extent.bytes))
                return false;
        file->extents[file->extent_count++] = extent;
        return true;
}

static void extent_drop(struct memory_file *file)
{
        struct memory_extent *extent = &file->extents[--file->extent_count];
        memory_object_end(extent->memory, extent->bytes, extent->length);
}

/* Makes the extents reach `size`. */
static bool extents_reach(struct memory_file *file, uint64_t size, uint64_t spawner)
{
        const uint64_t have = capacity_of(file);
        if (size <= have)
                return true;
        if (size > memory_most() || file->extent_count == MEMORY_EXTENTS)
                return false;
        const uint64_t needed = page_up(size - have);
        const uint64_t spare = have < EXTENT_SPARE ? have : EXTENT_SPARE;
        return (spare > needed && extent_make(file, spare, spawner)) ||
               extent_make(file, needed, spawner);
}

const struct memory_extent *memory_extent_at(const struct memory_file *file, uint64_t offset,
                                             uint64_t *start)
{
        uint64_t at = 0;
        for (unsigned i = 0; i < file->extent_count; at += file->extents[i++].length)
                if (offset - at < file->extents[i].length) {
                        *start = at;
                        return &file->extents[i];
                }
        return NULL;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* The bytes at `offset` that lie together, at most `count`, of what extents have. */
static uint8_t *part_at(const struct memory_file *file, uint64_t offset, size_t count, size_t *part)
{
        uint64_t start;
        const struct memory_extent *extent = memory_extent_at(file, offset, &start);
        assert(extent);
        *part = least(count, extent->length - (offset - start));
        return extent->bytes + (offset - start);
}

static void zero(const struct memory_file *file, uint64_t from, uint64_t to)
{
        size_t part;
        for (; from < to; from += part) {
                uint8_t *at = part_at(file, from, to - from, &part);
                memset(at, 0, part);
        }
}

size_t memory_read(const struct memory_file *file, uint64_t offset, void *to, size_t count)
{
        if (offset >= file->size)
                return 0;
        count = least(count, file->size - offset);
        size_t part;
        for (size_t done = 0; done < count; done += part) {
                const uint8_t *at = part_at(file, offset + done, count - done, &part);
                memcpy((uint8_t *)to + done, at, part);
        }
        return count;
}

static outcome_t grow(struct memory_file *file, uint64_t size, uint64_t spawner)
{
        const uint64_t had = capacity_of(file);
        if (!extents_reach(file, size, spawner))
                return answered(REASON_NO_SPACE);
        zero(file, file->size, least(size, had)); /* a new extent is zero */
        file->size = size;
        return OUTCOME_OK;
}

outcome_t memory_resize(struct memory_file *file, uint64_t size, uint64_t spawner)
{
        file->version++;
        if (size >= file->size)
                return grow(file, size, spawner);
        file->size = size;
        uint64_t have = capacity_of(file);
        while (file->extent_count && have - file->extents[file->extent_count - 1].length >= size) {
                have -= file->extents[file->extent_count - 1].length;
                extent_drop(file);
        }
        zero(file, size, have);
        return OUTCOME_OK;
}

outcome_t memory_write(struct memory_file *file, uint64_t offset, const void *data, size_t count,
                       uint64_t spawner)
{
        uint64_t end;
        if (__builtin_add_overflow(offset, count, &end))
                return answered(REASON_INVALID);
        if (count && end > file->size) {
                outcome_t outcome = grow(file, end, spawner);
                if (outcome != OUTCOME_OK)
                        return outcome;
        }
        size_t part;
        for (size_t done = 0; done < count; done += part) {
                uint8_t *at = part_at(file, offset + done, count - done, &part);
                memcpy(at, (const uint8_t *)data + done, part);
        }
        file->version++;
        return OUTCOME_OK;
}

/* ---- files ----------------------------------------------------------------------------------- */

static struct memory_file *file_make(uint64_t mode, uint64_t now)
{
        struct memory_file *file = calloc(1, sizeof *file);
        if (!file)
                return NULL;
        *file = (struct memory_file){
            .identity = FS_IDENTITY_MEMORY | ++state.last_file,
            .modified = now,
            .mode = mode & FS_MODE_MASK,
            .version = 1,
            .next = state.files,
        };
        state.files = file;
        return file;
}

/* Ends a file that nobody can reach. */
static void file_settle(struct memory_file *file)
{
        if (file->names || file->opens)
                return;
        while (file->extent_count)
                extent_drop(file);
        struct memory_file **at = &state.files;
        while (*at != file)
                at = &(*at)->next;
        *at = file->next;
        free(file);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* What is left of it without slashes in front; "." is the folder, too. */
static outcome_t name_trim(struct memory_name *name)
{
        while (name->length && *name->bytes == '/') {
                name->bytes++;
                name->length--;
        }
        if (name->length == 1 && *name->bytes == '.')
                name->length = 0;
        if (memchr(name->bytes, '/', name->length) || memchr(name->bytes, 0, name->length))
                return answered(REASON_NOT_FOUND);
        return name->length > FS_NAME_MAX ? answered(REASON_NAME_TOO_LONG) : OUTCOME_OK;
}

static int name_compare(const struct name *name, struct memory_name with)
{
        const size_t length = strlen(name->bytes);
        const int first = memcmp(name->bytes, with.bytes, least(length, with.length));
        return first ? first : (length > with.length) - (length < with.length);
}

/* Where it stands in the list; *NULL: it does not. */
static struct name **name_place(struct memory_name name)
{
        struct name **at = &state.names;
        while (*at && name_compare(*at, name) != 0)
                at = &(*at)->next;
        return at;
}

static struct name *name_make(struct memory_name text, uint64_t spawner)
{
        unsigned own = 0;
        for (const struct name *name = state.names; name; name = name->next)
                own += name->spawner == spawner;
        struct name *name =
            share_allows(own, MEMORY_NAMES - state.name_count) ? calloc(1, sizeof *name) : NULL;
        if (!name)
                return NULL;
        memcpy(name->bytes, text.bytes, text.length);
        name->spawner = spawner;
        return name;
}

static void name_put(struct name *name, struct memory_file *file)
{
        name->file = file;
        file->names++;
        name->next = state.names;
        state.names = name;
        state.name_count++;
}

static void name_drop(struct name **at)
{
        struct name *name = *at;
        *at = name->next;
        state.name_count--;
        name->file->names--;
        file_settle(name->file);
        free(name);
}

outcome_t memory_find_name(struct memory_name name, struct memory_file **file)
{
        outcome_t outcome = name_trim(&name);
        if (outcome != OUTCOME_OK)
                return outcome;
        *file = NULL;
        if (!name.length)
                return OUTCOME_OK;
        const struct name *found = *name_place(name);
        if (!found)
                return answered(REASON_NOT_FOUND);
        *file = found->file;
        return OUTCOME_OK;
}

const char *memory_name_after(struct memory_name after, const struct memory_file **file)
{
        const struct name *found = NULL;
        for (const struct name *name = state.names; name; name = name->next)
                if (name_compare(name, after) > 0 &&
                    (!found || strcmp(name->bytes, found->bytes) < 0))
                        found = name;
        if (found)
                *file = found->file;
        return found ? found->bytes : NULL;
}

unsigned memory_names(void)
{
        return state.name_count;
}

outcome_t memory_link(struct memory_name from, struct memory_name to, uint64_t spawner)
{
        struct memory_file *file;
        outcome_t outcome = memory_find_name(from, &file);
        if (outcome == OUTCOME_OK)
                outcome = name_trim(&to);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (!file)
                return answered(REASON_IS_DIRECTORY);
        if (!to.length || *name_place(to))
                return answered(REASON_EXISTS);
        struct name *name = name_make(to, spawner);
        if (!name)
                return answered(REASON_NO_SPACE);
        name_put(name, file);
        return OUTCOME_OK;
}

outcome_t memory_unlink(struct memory_name name)
{
        outcome_t outcome = name_trim(&name);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (!name.length)
                return answered(REASON_IS_DIRECTORY);
        struct name **at = name_place(name);
        if (!*at)
                return answered(REASON_NOT_FOUND);
        name_drop(at);
        return OUTCOME_OK;
}

/* Two names of one file stay as they are: rename(2). */
outcome_t memory_rename(struct memory_name from, struct memory_name to)
{
        outcome_t outcome = name_trim(&from);
        if (outcome == OUTCOME_OK)
                outcome = name_trim(&to);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (!from.length || !to.length)
                return answered(REASON_REFUSED);
        struct name *name = *name_place(from);
        if (!name)
                return answered(REASON_NOT_FOUND);
        struct name **there = name_place(to);
        if (*there && (*there)->file == name->file)
                return OUTCOME_OK;
        if (*there)
                name_drop(there);
        memset(name->bytes, 0, sizeof name->bytes);
        memcpy(name->bytes, to.bytes, to.length);
        return OUTCOME_OK;
}

/* ---- open files ------------------------------------------------------------------------------ */

static struct memory_open *open_make(uint64_t flags, uint64_t spawner)
{
        unsigned own = 0;
        for (const struct memory_open *open = state.opens; open; open = open->next)
                own += open->spawner == spawner;
        struct memory_open *open =
            share_allows(own, MEMORY_OPENS - state.open_count) ? calloc(1, sizeof *open) : NULL;
        if (!open)
                return NULL;
        *open = (struct memory_open){
            .id = ++state.last_open, .flags = flags, .spawner = spawner, .next = state.opens};
        state.opens = open;
        state.open_count++;
        return open;
}

/* The same of a file without a name: it never gets one. */
static outcome_t nameless_check(const struct name *name, struct memory_name text, uint64_t flags)
{
        if (!(flags & FS_OPEN_EXCLUSIVE))
                return answered(REASON_NO_METHOD);
        if (flags & ~(uint64_t)FS_OPEN_KNOWN || !(flags & FS_OPEN_WRITE) ||
            flags & (FS_OPEN_CREATE | FS_OPEN_TRUNCATE))
                return answered(REASON_INVALID);
        if (text.length)
                return answered(name ? REASON_NOT_DIRECTORY : REASON_NOT_FOUND);
        return OUTCOME_OK;
}

/* What an open of this file, which is there or to be made, is not allowed. */
static outcome_t open_check(const struct name *name, struct memory_name text, uint64_t flags)
{
        if (flags & FS_OPEN_NAMELESS)
                return nameless_check(name, text, flags);
        if (flags & ~(uint64_t)FS_OPEN_KNOWN ||
            (flags & FS_OPEN_TRUNCATE && !(flags & FS_OPEN_WRITE)))
                return answered(REASON_INVALID);
        if (!text.length && flags & (FS_OPEN_WRITE | FS_OPEN_CREATE))
                return answered(REASON_IS_DIRECTORY);
        if (name && flags & FS_OPEN_CREATE && flags & FS_OPEN_EXCLUSIVE)
                return answered(REASON_EXISTS);
        return name || !text.length || flags & FS_OPEN_CREATE ? OUTCOME_OK
                                                              : answered(REASON_NOT_FOUND);
}

outcome_t memory_open(struct memory_name text, uint64_t flags, uint64_t mode, uint64_t spawner,
                      uint64_t now, struct memory_open **open)
{
        outcome_t outcome = name_trim(&text);
        struct name *name = outcome == OUTCOME_OK && text.length ? *name_place(text) : NULL;
        if (outcome == OUTCOME_OK)
                outcome = open_check(name, text, flags);
        if (outcome != OUTCOME_OK)
                return outcome;
        *open = open_make(flags, spawner);
        if (!*open)
                return answered(REASON_OVERLOADED);
        const bool nameless = flags & FS_OPEN_NAMELESS;
        if (!text.length && !nameless)
                return OUTCOME_OK;
        struct name *made = name || nameless ? NULL : name_make(text, spawner);
        struct memory_file *file = name               ? name->file
                                   : made || nameless ? file_make(mode, now)
                                                      : NULL;
        if (!file) {
                free(made);
                memory_open_close(*open);
                return answered(REASON_NO_SPACE);
        }
        if (made)
                name_put(made, file);
        (*open)->file = file;
        file->opens++;
        if (flags & FS_OPEN_TRUNCATE) {
                memory_resize(file, 0, spawner);
                file->modified = now;
        }
        return OUTCOME_OK;
}

struct memory_open *memory_locker(const struct memory_open *open, uint64_t process)
{
        struct memory_open *locker = open_make(open->flags, open->spawner);
        if (!locker)
                return NULL;
        locker->locker = true;
        locker->process = process;
        locker->file = open->file;
        if (locker->file)
                locker->file->opens++;
        return locker;
}

struct memory_open *memory_open_find(uint64_t id)
{
        struct memory_open *open = state.opens;
        while (open && open->id != id)
                open = open->next;
        return open;
}

void memory_open_close(struct memory_open *open)
{
        struct memory_open **at = &state.opens;
        while (*at != open)
                at = &(*at)->next;
        *at = open->next;
        state.open_count--;
        if (open->file) {
                open->file->opens--;
                file_settle(open->file);
        }
        free(open);
}
