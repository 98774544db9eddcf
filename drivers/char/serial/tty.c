/* Those who wait for a terminal; see tty.h. */
#include "drivers/char/serial/tty.h"

#include "servers/proto/tty.h"
#include "servers/rt/task/time.h"

/* Answers the reader with bytes or, when there are none left, with the gap behind them. Only what a
 * reader really got is taken from the queue. */
static void reader_serve(struct tty *tty)
{
        uint8_t bytes[TTY_READ_MOST];
        handle_t reader = tty->reader;
        if (!reader || (queue_used(tty->input) == 0 && *tty->lost == 0))
                return;
        tty->reader = 0;
        if (tty->reader_deadline <= rt_now()) {
                rt_reply_outcome(reader, answered(REASON_DEADLINE));
                return;
        }
        size_t count = queue_peek(tty->input, bytes, tty->reader_count);
        uint64_t lost = count > 0 ? 0 : *tty->lost;
        if (tty_read_reply(reader, bytes, count, lost) != OUTCOME_OK)
                return;
        queue_drop(tty->input, count);
        *tty->lost -= lost;
}

outcome_t tty_read_begin(struct tty *tty, const struct request *request, uint64_t count)
{
        if (count == 0 || count > TTY_READ_MOST)
                return answered(REASON_INVALID);
        if (tty->reader)
                rt_reply_outcome(tty->reader, answered(REASON_BUSY));
        tty->reader = request->reply;
        tty->reader_count = count;
        tty->reader_deadline = request->deadline;
        reader_serve(tty);
        return RT_DEFERRED;
}

bool tty_write_wait(struct tty *tty, handle_t reply, uint64_t count)
{
        if (tty->writer_count == TTY_WRITERS)
                return false;
        tty->writers[tty->writer_count++] = (struct tty_writer){reply, count};
        return true;
}

outcome_t tty_attach_to(struct tty *tty, struct received_cap *interrupt, uint64_t bits)
{
        if (interrupt->type != OBJECT_EVENT)
                return answered(REASON_WRONG_TYPE);
        if (tty->attached)
                sys_handle_close(tty->attached);
        tty->attached = cap_take(interrupt);
        tty->attached_bits = bits;
        return OUTCOME_OK;
}

void tty_interrupt(const struct tty *tty)
{
        if (tty->attached)
                sys_event_signal(tty->attached, tty->attached_bits);
}

void tty_serve(struct tty *tty, bool has_room)
{
        reader_serve(tty);
        for (; has_room && tty->writer_count > 0; tty->writer_count--) {
                const struct tty_writer *writer = &tty->writers[tty->writer_count - 1];
                tty_write_reply(writer->reply, writer->count);
        }
}

bool tty_cancel(struct tty *tty, handle_t reply)
{
        if (tty->reader == reply) {
                tty->reader = 0;
                rt_reply_outcome(reply, answered(REASON_CANCELLED));
                return true;
        }
        for (unsigned i = 0; i < tty->writer_count; i++) {
                if (tty->writers[i].reply != reply)
                        continue;
                tty_write_reply(reply, tty->writers[i].count);
                tty->writers[i] = tty->writers[--tty->writer_count];
                return true;
        }
        return false;
}
