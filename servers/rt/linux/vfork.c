/* See vfork.h. The parent's address and length count: what the child says of them is not looked at.
 */
#include "servers/rt/linux/vfork.h"

#include "servers/rt/linux/user.h"
#include "servers/rt/message/syscall.h"
#include "servers/rt/pure/bytes.h"

enum { FRAME = 2 * PAGE_SIZE, FRAME_WORDS = FRAME / 8 };

struct loan_pages {
        uint64_t before[FRAME_WORDS], after[FRAME_WORDS];
};

static struct loan held; /* of a child */

outcome_t loan_make(struct loan *loan, uint64_t stack)
{
        uint64_t address;
        *loan = (struct loan){.frame = (stack + 7) & ~7ull};
        outcome_t outcome =
            sys_memory_create(0, sizeof(struct loan_pages), MEMORY_ANONYMOUS, 0, &loan->memory);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = sys_memory_map(0, loan->memory, 0, 0, sizeof(struct loan_pages),
                                 MAP_READ | MAP_WRITE | MAP_LAYER, &address);
        if (outcome != OUTCOME_OK) {
                sys_handle_close(loan->memory);
                return outcome;
        }
        loan->pages = (struct loan_pages *)address;
        loan->bytes = user_extent(loan->frame, FRAME, true) & ~7ull;
        return OUTCOME_OK;
}

void loan_fill(const struct loan *loan)
{
        if (!loan->pages)
                return;
        bytes_copy(loan->pages->before, (const void *)loan->frame, loan->bytes);
        bytes_copy(loan->pages->after, (const void *)loan->frame, loan->bytes);
}

void loan_settle(struct loan *loan)
{
        const struct loan_pages *pages = loan->pages;
        uint64_t *frame = (uint64_t *)loan->frame;
        if (!pages)
                return;
        for (uint64_t i = 0; i < loan->bytes / 8; i++)
                if (pages->after[i] != pages->before[i])
                        frame[i] = pages->after[i];
        sys_memory_unmap(0, (uint64_t)pages, sizeof *pages);
        sys_handle_close(loan->memory);
        *loan = (struct loan){0};
}

void loan_forked(const struct loan *loan)
{
        held = *loan;
}

void loan_give_back(void)
{
        if (held.pages && user_reads(held.frame, held.bytes))
                bytes_copy(held.pages->after, (const void *)held.frame, held.bytes);
}
