/* Whatever is done with the ends of a pair, in any order: bytes come in the order in which they
 * were sent, a right comes with the byte that it was sent with, and each right that was passed
 * is given back once: to who claims it, as displaced, taken back, or left. Each byte of the
 * input is a step: who, what, and how much. */
#include <stdlib.h>
#include <string.h>
#include "servers/stream/pair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS_MOST = 512, SOME = 700 };

static struct pair pair;
static uint8_t rings[PAIR_ENDS][PIPE_BYTES];

static struct {
        uint8_t back[STEPS_MOST + 1]; /* of each right: how often it was given back */
        size_t place[STEPS_MOST + 1]; /* the byte that it was sent with */
        uint64_t right;               /* the last that was passed */
        size_t sent[PAIR_ENDS], received[PAIR_ENDS]; /* bytes by that end */
        size_t arrived_at[STEPS_MOST + 1];           /* by the receiver's mark */
        uint64_t mark[PAIR_ENDS];                    /* the last that arrived there */
} model;

static void check(bool holds)
{
        if (!holds)
                abort();
}

static void give_back(uint64_t right)
{
        check(right && right <= model.right && !model.back[right]++);
}

static void pass(unsigned end, uint64_t mark)
{
        const struct passed passed = {.right = ++model.right};
        uint64_t displaced;
        if (!pair_pass(&pair, end, mark, &passed, &displaced))
                give_back(passed.right);
        else if (displaced)
                give_back(displaced);
}

static void unpass(unsigned end, uint64_t mark)
{
        uint64_t right;
        while ((right = pair_unpass(&pair, end, mark)))
                give_back(right);
        check(!pair_staged(&pair, end, mark));
}

/* The rights of that mark go with the byte that is next. */
static void places_note(unsigned end, uint64_t mark)
{
        for (unsigned i = 0; i < PAIR_RIGHTS; i++) {
                const struct passing *passing = &pair.passings[!end][i];
                if (passing->stage == PASSING_STAGED && passing->mark == mark)
                        model.place[passing->passed.right] = model.sent[end];
        }
}

static void send_some(unsigned end, uint64_t mark, size_t count)
{
        uint8_t bytes[SOME];
        size_t done;
        for (size_t i = 0; i < count; i++)
                bytes[i] = (uint8_t)((model.sent[end] + i) * 7);
        if (pair_is_full(&pair, end, count))
                return;
        places_note(end, mark);
        if (pair_send(&pair, end, 1, bytes, count, mark, &done) == PIPE_DONE)
                model.sent[end] += done;
        else
                check(done == 0);
}

static void receive_some(unsigned end, size_t count, bool arrives)
{
        uint8_t bytes[SOME];
        struct arrived arrived;
        const size_t before = model.received[end];
        if (pair_is_empty(&pair, end))
                return;
        check(pair_receive(&pair, end, 2, bytes, count, &arrived) == PIPE_DONE);
        check(arrived.length <= count && (arrived.length || !arrived.rights));
        for (size_t i = 0; i < arrived.length; i++)
                check(bytes[i] == (uint8_t)((before + i) * 7));
        if (!arrives && arrived.length) {
                pair_return(&pair, end, &arrived);
                return;
        }
        model.received[end] += arrived.taken;
        if (!arrived.length)
                return;
        check(arrived.mark <= STEPS_MOST);
        model.arrived_at[arrived.mark] = before;
        model.mark[end] = arrived.mark;
}

static void claim(unsigned end)
{
        struct passed passed;
        if (!pair_claim(&pair, end, model.mark[end], &passed))
                return;
        give_back(passed.right);
        check(model.place[passed.right] == model.arrived_at[model.mark[end]]);
}

static void step(unsigned end, unsigned what, unsigned how)
{
        if (!pair.open[end])
                return;
        switch (what) {
        case 0:
                pass(end, 1 + how % 3);
                break;
        case 1:
        case 2:
                send_some(end, what == 1 ? 0 : 1 + how % 3, 1 + how * 40);
                break;
        case 3:
        case 4:
                receive_some(end, 1 + how * 40, what == 3);
                break;
        case 5:
        case 6:
                claim(end);
                break;
        default:
                if (how < 3)
                        unpass(end, 1 + how);
                if (how == 14)
                        pair_shut(&pair, end, true, false);
                if (how == 13)
                        pair_shut(&pair, end, false, true);
                if (how == 15)
                        pair_close(&pair, end);
        }
}

static void left_take(void)
{
        uint64_t right;
        while ((right = pair_right_left(&pair)))
                give_back(right);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        memset(&model, 0, sizeof model);
        static const enum socket_type types[] = {SOCKET_STREAM, SOCKET_STREAM, SOCKET_PACKETS,
                                                 SOCKET_DATAGRAMS};
        pair = (struct pair){0};
        pair_begin(&pair, types[size ? data[0] & 3 : 0], (uint8_t *[]){rings[0], rings[1]});
        for (size_t i = 1; i < size && i < STEPS_MOST; i++) {
                step(data[i] & 1, data[i] >> 1 & 7, data[i] >> 4);
                left_take();
        }
        for (unsigned end = 0; end < PAIR_ENDS; end++)
                if (pair.open[end])
                        pair_close(&pair, end);
        left_take();
        for (uint64_t right = 1; right <= model.right; right++)
                check(model.back[right] == 1);
        return 0;
}
