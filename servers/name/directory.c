/* See directory.h. A question for changes that finds none is kept, and answered by the next change,
 * or shortly before its deadline with no records. */
#include "servers/name/directory.h"

#include <string.h>
#include "servers/name/services.h"
#include "servers/rt/time.h"

static outcome_t directory_lookup_handle(struct request *request, const void *name,
                                         size_t name_length, struct send_cap *right)
{
        struct names *names = request->context;
        char copy[REGISTRY_NAME];
        handle_t own;

        if (!name_copy(copy, (struct text){name, name_length}))
                return answered(REASON_INVALID);
        own = service_right(names, copy);
        if (own == 0)
                return answered(REASON_NOT_FOUND);
        *right = send_cap(own, 0);
        return OUTCOME_OK;
}

static struct reader *reader_place(struct names *names)
{
        for (unsigned i = 0; i < REGISTRY_PEERS; i++)
                if (names->readers[i].reply == 0)
                        return &names->readers[i];
        return NULL;
}

/* When to say that nothing has changed: an eighth of the time is left for the way back. */
static uint64_t patience_end(uint64_t deadline)
{
        uint64_t now = rt_now();

        if (deadline == TIME_NEVER)
                return now + RT_DEFAULT_WAIT;
        return deadline <= now ? now : deadline - (deadline - now) / 8;
}

static outcome_t changes_handle(struct request *request, uint64_t instance, uint64_t version,
                                uint64_t *instance_out, uint64_t *version_out, uint64_t *digest,
                                uint64_t *complete, const void **records, size_t *records_length)
{
        struct names *names = request->context;
        struct registry_answer answer;
        struct reader *reader;

        if (registry_is_news(&names->registry, instance, version)) {
                char *buffer = rt_request_buffer(request);

                if (buffer == NULL)
                        return answered(REASON_NO_MEMORY);
                *records_length =
                    registry_changes(&names->registry, instance, version, buffer, &answer);
                *records = buffer;
                *instance_out = answer.instance;
                *version_out = answer.version;
                *digest = answer.digest;
                *complete = answer.complete;
                return OUTCOME_OK;
        }
        reader = reader_place(names);
        if (reader == NULL)
                return answered(REASON_OVERLOADED);
        *reader =
            (struct reader){request->reply, patience_end(request->deadline), instance, version};
        names_wake_at(names, reader->answer_at);
        return RT_DEFERRED;
}

static outcome_t ping_handle(struct request *request)
{
        (void)request;
        return OUTCOME_OK;
}

const struct directory_server directory_handlers = {
    .ping = ping_handle,
    .lookup = directory_lookup_handle,
    .changes = changes_handle,
};

static void reader_answer(struct names *names, struct reader *reader)
{
        char records[REGISTRY_RECORDS];
        struct registry_answer answer;
        size_t length =
            registry_changes(&names->registry, reader->instance, reader->version, records, &answer);

        directory_changes_reply(reader->reply, answer.instance, answer.version, answer.digest,
                                answer.complete, records, length);
        reader->reply = 0;
}

void readers_work(struct names *names, uint64_t now)
{
        for (unsigned i = 0; i < REGISTRY_PEERS; i++) {
                struct reader *reader = &names->readers[i];

                if (reader->reply == 0)
                        continue;
                if (now >= reader->answer_at ||
                    registry_is_news(&names->registry, reader->instance, reader->version))
                        reader_answer(names, reader);
                else
                        names_wake_at(names, reader->answer_at);
        }
}

void reader_cancel(struct names *names, handle_t reply)
{
        for (unsigned i = 0; i < REGISTRY_PEERS; i++)
                if (names->readers[i].reply == reply) {
                        rt_reply_outcome(reply, answered(REASON_CANCELLED));
                        names->readers[i].reply = 0;
                        return;
                }
}
