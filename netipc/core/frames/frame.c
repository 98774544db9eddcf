/* Frames by their type; see frame.h. The compiler knows the rows: a type without a case does not
 * compile (-Wswitch), and none falls into another's. */
#include "netipc/core/frames/frame.h"

bool frame_take(struct session *session, const struct wire_frame *frame, uint64_t now)
{
        switch ((enum wire_frame_type)frame->type) {
#define FRAME(NAME, name, number, text, payload, check, elicits, take, ...)                        \
        case number:                                                                               \
                return take(session, frame, now);
#include "netipc/core/frames.def"
        }
        core_assert(!"a frame that the decoder does not know");
        return false;
}

bool frame_elicits(const struct wire_frame *frame)
{
        switch ((enum wire_frame_type)frame->type) {
#define FRAME(NAME, name, number, text, payload, check, elicits, ...)                              \
        case number:                                                                               \
                return elicits;
#include "netipc/core/frames.def"
        }
        core_assert(!"a frame that the decoder does not know");
        return false;
}

void frame_acked(struct session *session, const struct item *item)
{
        switch ((enum wire_frame_type)item->type) {
#define FRAME(NAME, name, number, text, payload, check, elicits, take, acked, ...)                 \
        case number:                                                                               \
                acked(session, item);                                                              \
                return;
#include "netipc/core/frames.def"
        }
}

void frame_lost(struct session *session, const struct item *item, bool refused)
{
        switch ((enum wire_frame_type)item->type) {
#define FRAME(NAME, name, number, text, payload, check, elicits, take, acked, lost)                \
        case number:                                                                               \
                lost(session, item, refused);                                                      \
                return;
#include "netipc/core/frames.def"
        }
}

void frame_done(struct session *session, const struct item *item)
{
        (void)session;
        (void)item;
}

void frame_unnoted(struct session *session, const struct item *item)
{
        (void)session;
        (void)item;
        core_assert(!"an item of a frame that is never noted");
}

void frame_unnoted_lost(struct session *session, const struct item *item, bool refused)
{
        (void)session;
        (void)item;
        (void)refused;
        core_assert(!"an item of a frame that is never noted");
}
