/* See left.h. One record after the other, each with its bytes behind it, a path or a list. */
#include "servers/rt/linux/left.h"

#include <fcntl.h>

#include "servers/common/least.h"
#include "servers/proto/process.h"
#include "servers/proto/programs.h"
#include "servers/rt/linux/current.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/inherit.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/locks.h"
#include "servers/rt/linux/paths.h"
#include "servers/rt/linux/poll.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/linux/timer_file.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/memory.h"

enum { OF_LOCKS = OPEN_LAST, TWICE, OF_LIMITS };

/* Limits that the layer keeps (getrlimit(2)); that of the stack the process server hands on. */
enum { LIMITS = 3 };

struct record {
        uint32_t descriptor;
        uint16_t kind; /* enum open_kind, OF_LOCKS, or TWICE: of `values[0]`, another descriptor */
        uint8_t changed, locked, one_by_one, dated;
        int32_t flags;
        uint64_t device, identity, version;
        uint64_t values[3];
        char service[HELD_SERVICE_NAME];
        uint32_t length; /* bytes behind it */
};

struct writer {
        uint8_t *bytes;
        size_t length;
        bool full;
};

/* ---- what is left ---------------------------------------------------------------------------- */

static void bytes_add(struct writer *to, const void *bytes, size_t length)
{
        to->full |= length > PROCESS_LEFT_MOST - to->length;
        if (to->full)
                return;
        bytes_copy(to->bytes + to->length, bytes, length);
        to->length += length;
}

static void record_add(struct writer *to, const struct record *record, const void *bytes)
{
        bytes_add(to, record, sizeof *record);
        bytes_add(to, bytes, record->length);
}

static void open_file_leave(struct writer *to, int descriptor, struct open_file *open)
{
        struct record record = {
            .descriptor = (uint32_t)descriptor,
            .kind = open->kind,
            .changed = open->changed,
            .locked = open->locked,
            .one_by_one = open->one_by_one,
            .dated = open->timer.dated,
            .flags = open->flags,
            .device = open->device,
            .identity = open->identity,
            .version = open->reader.version,
        };
        struct epoll_watch watches[EPOLL_WATCHES];
        const void *bytes = NULL;
        string_set(record.service, sizeof record.service, open->service);
        const bool is_current = descriptor == CURRENT_FOLDER;
        const int first = is_current ? descriptor : descriptor_first(open);
        if (first != descriptor && open->kind != OPEN_FILE) {
                record.kind = TWICE;
                record.values[0] = (uint64_t)first;
        } else if (open->kind == OPEN_FOLDER && !is_current) {
                bytes = open->folder->path;
                record.length = (uint32_t)open->folder->path_length;
                record.values[0] = open->folder->position > open->folder->skip
                                       ? open->folder->position
                                       : open->folder->skip;
        } else if (open->kind == OPEN_COUNT) {
                record.values[0] = open->count;
        } else if (open->kind == OPEN_TIMER) {
                record.values[0] = open->timer.due;
                record.values[1] = open->timer.interval;
                record.values[2] = open->timer.passed;
        } else if (open->kind == OPEN_EPOLL) {
                bytes = watches;
                record.length =
                    (uint32_t)(epoll_watches(open, watches) * sizeof(struct epoll_watch));
        } else if (open->kind != OPEN_FILE && !is_current) {
                return;
        }
        record_add(to, &record, bytes);
}

static void locks_leave(struct writer *to)
{
        struct record record = {.descriptor = OPEN_FILES, .kind = OF_LOCKS};
        const struct locker *locker;
        for (unsigned at = 0; (locker = locks_go_on(&at)); record.descriptor++) {
                record.device = locker->device;
                record.identity = locker->identity;
                record_add(to, &record, NULL);
        }
}

static struct rlimit *limit_at(unsigned i)
{
        return i == 0 ? descriptor_limit() : memory_limit(i == 1 ? RLIMIT_DATA : RLIMIT_AS);
}

/* With the alarm's time. Only if the program has set one: else the next begins with the same. */
static void limits_leave(struct writer *to)
{
        struct rlimit limits[LIMITS];
        struct record record = {.kind = OF_LIMITS, .length = sizeof limits};
        timer_leave(&record.values[0], &record.values[1]);
        bool set = record.values[0] != 0;
        for (unsigned i = 0; i < LIMITS; i++) {
                const rlim_t most = i == 0 ? OPEN_FILES : RLIM_INFINITY;
                limits[i] = *limit_at(i);
                set |= limits[i].rlim_cur != most || limits[i].rlim_max != most;
        }
        if (set)
                record_add(to, &record, limits);
}

outcome_t left_write(handle_t server)
{
        struct writer writer = {0};
        outcome_t outcome = rt_memory_allocate(PROCESS_LEFT_MOST, (void **)&writer.bytes);
        if (outcome != OUTCOME_OK)
                return outcome;
        for (int i = 0; i < OPEN_FILES; i++) {
                struct open_file *open = open_file_of(i);
                if (open && !open->stays && !descriptor_closes_on_exec(i))
                        open_file_leave(&writer, i, open);
        }
        if (current_open())
                open_file_leave(&writer, CURRENT_FOLDER, current_open());
        locks_leave(&writer);
        limits_leave(&writer);
        outcome = writer.full     ? not_executed(REASON_TOO_LONG)
                  : writer.length ? process_leave(server, RT_DEADLINE, writer.bytes, writer.length)
                                  : OUTCOME_OK;
        rt_memory_free(writer.bytes, PROCESS_LEFT_MOST);
        return outcome;
}

/* ---- what was left --------------------------------------------------------------------------- */

static bool folder_take(struct open_file *open, const struct record *record, const uint8_t *bytes)
{
        if (record->length >= FS_PATH_MAX ||
            rt_memory_allocate(sizeof *open->folder, (void **)&open->folder) != OUTCOME_OK)
                return false;
        bytes_copy(open->folder->path, bytes, record->length);
        open->folder->path_length = record->length;
        open->folder->skip = record->values[0];
        return true;
}

/* One that is open by its right already, or that was not to have one. */
static struct open_file *place_of(const struct record *record)
{
        struct open_file *open = open_file_of((int)record->descriptor);
        if (record->descriptor == CURRENT_FOLDER) {
                current_comes(current_open()); /* if its right has not, it is lost */
                return current_open();
        }
        return open ? open : open_file_put((int)record->descriptor, (enum open_kind)record->kind);
}

static void open_file_take(const struct record *record, const uint8_t *bytes)
{
        struct open_file *open = place_of(record);
        if (!open || open->kind != record->kind)
                return;
        open->flags = record->flags;
        open->changed = record->changed;
        open->locked = record->locked;
        open->one_by_one = record->one_by_one;
        open->device = record->device;
        open->identity = record->identity;
        open->reader.version = record->version;
        string_set(open->service, sizeof open->service, record->service);
        if (open->kind == OPEN_COUNT)
                open->count = record->values[0];
        if (open->kind == OPEN_TIMER)
                open->timer = (struct timer){record->values[0], record->values[1],
                                             record->values[2], record->dated};
        if (open->kind == OPEN_FOLDER && open != current_open() &&
            !folder_take(open, record, bytes))
                open->kind = OPEN_LOST;
        if (open->kind == OPEN_EPOLL && !epoll_begin(open, (const struct epoll_watch *)bytes,
                                                     record->length / sizeof(struct epoll_watch)))
                open->kind = OPEN_LOST;
}

static void limits_take(const struct record *record, const uint8_t *bytes)
{
        struct rlimit limits[LIMITS];
        if (record->length != sizeof limits)
                return;
        bytes_copy(limits, bytes, sizeof limits);
        limits[0].rlim_cur = least(limits[0].rlim_cur, OPEN_FILES);
        for (unsigned i = 0; i < LIMITS; i++)
                *limit_at(i) = limits[i];
        if (record->values[0])
                timer_take(record->values[0], record->values[1]);
}

static void record_take(const struct record *record, const uint8_t *bytes)
{
        if (record->kind == OF_LOCKS)
                locks_come(record->descriptor, record->device, record->identity);
        else if (record->kind == OF_LIMITS)
                limits_take(record, bytes);
        else if (record->kind == TWICE)
                descriptor_twice((int)record->values[0], (int)record->descriptor);
        else if (record->kind < OPEN_LAST)
                open_file_take(record, bytes);
}

/* Lists come last, when all that may be in them is there. */
static void records_take(const uint8_t *bytes, size_t length, bool lists)
{
        struct record record;
        for (size_t at = 0; length - at >= sizeof record; at += record.length) {
                bytes_copy(&record, bytes + at, sizeof record);
                at += sizeof record;
                if (record.length > length - at)
                        return;
                record.service[sizeof record.service - 1] = 0;
                if ((record.kind == OPEN_EPOLL || record.kind == TWICE) == lists)
                        record_take(&record, bytes + at);
        }
}

/* A folder of which nothing was left. */
static void folders_check(void)
{
        for (int i = 0; i < OPEN_FILES; i++) {
                struct open_file *open = open_file_of(i);
                if (open && open->kind == OPEN_FOLDER && !open->folder)
                        open->kind = OPEN_LOST;
        }
}

void left_begin(void)
{
        void *bytes;
        size_t length = 0;
        if (!rt_startup() || !rt_startup()->left)
                return;
        if (rt_memory_allocate(PROCESS_LEFT_MOST, &bytes) == OUTCOME_OK) {
                if (process_left(rt_handle("log"), RT_DEADLINE, bytes, PROCESS_LEFT_MOST,
                                 &length) == OUTCOME_OK) {
                        records_take(bytes, length, false);
                        records_take(bytes, length, true);
                }
                rt_memory_free(bytes, PROCESS_LEFT_MOST);
        }
        folders_check();
}
