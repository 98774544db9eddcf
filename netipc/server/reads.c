/* A short list in no order; see reads.h. */
#include "netipc/server/reads.h"
#include "netipc/server/transport.h"

outcome_t read_add(struct memory_reads *reads, uint64_t token, core_call_t caller,
                   const struct core_message *message)
{
        if (!caller || message->words != 2 || message->length || message->caps)
                return not_executed(REASON_REFUSED);
        if (!reads_room(reads))
                return not_executed(REASON_OVERLOADED);
        reads->waiting[reads->count++] =
            (struct memory_read){caller, token, message->word[0], message->word[1]};
        return OUTCOME_OK;
}

void read_cancel(struct memory_reads *reads, core_call_t caller)
{
        for (unsigned i = 0; i < reads->count; i++)
                if (reads->waiting[i].caller == caller)
                        reads->waiting[i--] = reads->waiting[--reads->count];
}

/* The piece, if it lies within the snapshot and fits a message. */
static bool piece_make(const struct memory_read *read, struct core_message *message)
{
        const struct local_right *right = right_by_token(&transport.rights, read->token);
        *message = (struct core_message){.deadline = CORE_NEVER};
        if (!right || !right->bytes || read->length > WIRE_BYTES_MAX ||
            read->offset > right->length || read->length > right->length - read->offset)
                return false;
        message->bytes = right->bytes + read->offset;
        message->length = (uint32_t)read->length;
        return true;
}

/* False: there is no room now. */
static bool read_answer(const struct memory_read *read)
{
        struct core_message message;
        outcome_t outcome = piece_make(read, &message) ? OUTCOME_OK : answered(REASON_INVALID);
        outcome_t given =
            core_reply(transport.core, read->caller, outcome, &message, transport.now);
        unsigned reason = outcome_reason(given);
        return reason != REASON_OVERLOADED && reason != REASON_NO_MEMORY;
}

void reads_work(struct memory_reads *reads)
{
        for (unsigned i = 0; i < reads->count;) {
                if (read_answer(&reads->waiting[i]))
                        reads->waiting[i] = reads->waiting[--reads->count];
                else
                        i++;
        }
}
