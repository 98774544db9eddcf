/* Lines in one list: there are few. */
#include "netipc/server/waiting.h"
#include <stdlib.h>
#include <string.h>
#include "netipc/server/capabilities.h"
#include "netipc/server/transport.h"

struct waiting_message {
        struct waiting_message *next;
        handle_t reply; /* 0: one-way */
        struct core_message message;
        unsigned held_count;
        handle_t held[]; /* for imports that it passes on, one for each capability at most; then
                          * its bytes */
};

static size_t size_of(const struct core_message *message)
{
        return sizeof(struct waiting_message) + message->caps * sizeof(handle_t) + message->length;
}

struct waiting_line *waiting_line(struct waiting *waiting, core_import_t import)
{
        struct waiting_line *line = waiting->lines;
        while (line && line->import != import)
                line = line->next;
        return line;
}

static struct waiting_line *line_make(struct waiting *waiting, core_import_t import)
{
        struct waiting_line *line = waiting_line(waiting, import);
        if (line || !(line = calloc(1, sizeof(*line))))
                return line;
        line->import = import;
        line->end = &line->first;
        line->next = waiting->lines;
        waiting->lines = line;
        return line;
}

bool waiting_add(struct waiting *waiting, core_import_t import, handle_t reply,
                 const struct core_message *message)
{
        const struct waiting_line *known = waiting_line(waiting, import);
        size_t size = size_of(message), before = known ? known->bytes : 0;
        if (before + size > WAITING_BYTES - waiting->bytes)
                return false;
        struct waiting_message *entry = malloc(size);
        struct waiting_line *line = entry ? line_make(waiting, import) : NULL;
        if (!line) {
                free(entry);
                return false;
        }
        entry->next = NULL;
        entry->reply = reply;
        entry->message = *message;
        entry->held_count = caps_hold(message, entry->held);
        uint8_t *bytes = (uint8_t *)(entry->held + message->caps);
        if (message->length)
                memcpy(bytes, message->bytes, message->length);
        entry->message.bytes = bytes;
        *line->end = entry;
        line->end = &entry->next;
        line->bytes += size;
        waiting->bytes += size;
        return true;
}

/* Takes the entry out of its line, which may be left empty. The caller frees it. */
static struct waiting_message *entry_take(struct waiting *waiting, struct waiting_line *line,
                                          struct waiting_message **link)
{
        struct waiting_message *entry = *link;
        *link = entry->next;
        if (!entry->next)
                line->end = link;
        line->bytes -= size_of(&entry->message);
        waiting->bytes -= size_of(&entry->message);
        return entry;
}

static void entry_free(struct waiting_message *entry)
{
        while (entry->held_count)
                sys_handle_close(entry->held[--entry->held_count]);
        free(entry);
}

bool waiting_take(struct waiting *waiting, handle_t reply, struct core_message *message)
{
        for (struct waiting_line *line = waiting->lines; line; line = line->next) {
                struct waiting_message **link = &line->first;
                while (*link && (*link)->reply != reply)
                        link = &(*link)->next;
                if (!*link)
                        continue;
                struct waiting_message *entry = entry_take(waiting, line, link);
                *message = entry->message;
                entry_free(entry);
                return true;
        }
        return false;
}

static void line_retry(struct waiting *waiting, struct waiting_line *line)
{
        while (line->first && core_ready(transport.core, line->import, &line->first->message)) {
                struct waiting_message *entry = entry_take(waiting, line, &line->first);
                waiting_begin(line->import, entry->reply, &entry->message);
                entry_free(entry);
        }
}

void waiting_retry(struct waiting *waiting)
{
        struct waiting_line **link = &waiting->lines, *line;
        while ((line = *link)) {
                line_retry(waiting, line);
                if (line->first) {
                        link = &line->next;
                        continue;
                }
                *link = line->next;
                if (line->unheld)
                        core_import_drop(transport.core, line->import);
                free(line);
        }
}
