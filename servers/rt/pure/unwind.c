/* The chain of calls, by frames where there are some; see unwind.h. Whatever is read may be
 * nonsense: the chain only goes upwards, so it comes to an end. */
#include "servers/rt/pure/unwind.h"

#include "servers/rt/pure/bytes.h"

enum {
        SCAN_WORDS = 512,   /* of the stack, for the innermost function's return address */
        STACK_MOST = 65536, /* bytes; a caller's frame lies no farther away */
        CALL_BYTES = 5,     /* call rel32: Intel SDM volume 2, CALL */
        CALL_OPCODE = 0xe8,
        /* From the frame of what linux/entry.S calls: where it has saved rip and rsp. */
        ENTRY_RIP = 72,
        ENTRY_RSP = 88,
};

struct place {
        uint64_t rip, rsp, rbp;
};

static bool word_read(const struct unwind *unwind, uint64_t address, uint64_t *word)
{
        return unwind->read(unwind->context, address, word, sizeof *word);
}

/* Whether `word` is the address behind a direct call of the function at `target`. */
static bool returns_from(const struct unwind *unwind, uint64_t word, uint64_t target)
{
        uint8_t code[CALL_BYTES];
        int32_t distance;
        if (word < CALL_BYTES ||
            !unwind->read(unwind->context, word - CALL_BYTES, code, CALL_BYTES))
                return false;
        bytes_copy(&distance, code + 1, sizeof distance);
        return code[0] == CALL_OPCODE && word + (uint64_t)(int64_t)distance == target;
}

static bool above(uint64_t frame, uint64_t stack)
{
        return frame > stack && frame - stack <= STACK_MOST && frame % 8 == 0;
}

/* Where on the stack the return address of the function at `target` is; 0: not found. */
static uint64_t return_find(const struct unwind *unwind, uint64_t rsp, uint64_t target)
{
        uint64_t low, high, word;
        if (rsp % 8)
                return 0;
        /* A call reaches no farther than INT32_MAX: other words need not be read. */
        low = target > INT32_MAX ? target - INT32_MAX : 0;
        high = target + INT32_MAX;
        for (unsigned i = 0; i < SCAN_WORDS; i++) {
                uint64_t at = rsp + i * sizeof word;
                if (!word_read(unwind, at, &word))
                        return 0;
                if (word > low && word < high && returns_from(unwind, word, target))
                        return at;
        }
        return 0;
}

/* The caller's frame where the innermost function uses rbp for something else: it has pushed it. */
static uint64_t frame_find(const struct unwind *unwind, uint64_t rsp, uint64_t at)
{
        uint64_t word, frame = at;
        while (frame > rsp) {
                frame -= sizeof word;
                if (!word_read(unwind, frame, &word))
                        return 0;
                if (above(word, at))
                        return word;
        }
        return 0;
}

/* Whether `frame` can be that of the innermost function's caller: what rbp holds may be left from
 * before, or of a message. */
static bool is_frame(const struct unwind *unwind, uint64_t frame, uint64_t at)
{
        struct symbol symbol;
        uint64_t word;
        return above(frame, at) && word_read(unwind, frame + 8, &word) &&
               image_symbol(&unwind->image, word, &symbol);
}

/* Adds the innermost function's return address unless the chain of frames has it. Returns the frame
 * from which the chain goes on. */
static uint64_t innermost(const struct unwind *unwind, const struct place *place,
                          uint64_t *addresses, unsigned *count, unsigned most)
{
        uint64_t rip = place->rip, rsp = place->rsp, rbp = place->rbp;
        struct symbol symbol;
        uint64_t word, at;
        if (!image_symbol(&unwind->image, rip, &symbol))
                return rbp;
        uint64_t target = rip - symbol.offset;
        if (rbp % 8 == 0 && rbp >= rsp && word_read(unwind, rbp + 8, &word) &&
            returns_from(unwind, word, target))
                return rbp;
        at = return_find(unwind, rsp, target);
        if (!at || *count == most)
                return rbp;
        if (!word_read(unwind, at, &addresses[*count]))
                return rbp;
        (*count)++;
        if (is_frame(unwind, rbp, at))
                return rbp;
        uint64_t pushed = frame_find(unwind, rsp, at);
        return pushed || !above(rbp, at) ? pushed : rbp;
}

/* Whether it is the entry of Linux system calls, which has another stack than the program. */
static bool is_entry(const struct unwind *unwind, uint64_t address)
{
        struct symbol symbol;
        return image_symbol(&unwind->image, address, &symbol) &&
               string_equal(symbol.name, "rt_linux_entry");
}

/* Adds the return addresses of a chain of frames. True if it came to the entry of Linux system
 * calls: *place is then where the program made the call. */
static bool frames_follow(const struct unwind *unwind, uint64_t rbp, uint64_t *addresses,
                          unsigned *count, unsigned most, struct place *place)
{
        while (*count < most && rbp && rbp % 8 == 0) {
                uint64_t frame[2]; /* the caller's frame, the address it goes on at */
                if (!unwind->read(unwind->context, rbp, frame, sizeof frame) || !frame[1])
                        return false;
                addresses[(*count)++] = frame[1];
                if (is_entry(unwind, frame[1])) {
                        place->rbp = frame[0]; /* the entry leaves it as it was */
                        return word_read(unwind, rbp + ENTRY_RIP, &place->rip) &&
                               word_read(unwind, rbp + ENTRY_RSP, &place->rsp);
                }
                if (frame[0] <= rbp)
                        return false;
                rbp = frame[0];
        }
        return false;
}

unsigned unwind_chain(const struct unwind *unwind, uint64_t rip, uint64_t rsp, uint64_t rbp,
                      uint64_t *addresses, unsigned most)
{
        struct place place = {rip, rsp, rbp};
        unsigned count = 0;
        bool program = true;
        while (program && count < most) {
                addresses[count++] = place.rip;
                rbp = innermost(unwind, &place, addresses, &count, most);
                program = frames_follow(unwind, rbp, addresses, &count, most, &place);
        }
        return count;
}
