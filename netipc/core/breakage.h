/* Defects that can be planted into the core, to prove that the simulator would find them
 * (`make sim BREAK=…`). A normal build has CORE_BREAK 0: nothing of them is left in it. */
#ifndef NETIPC_BREAKAGE_H
#define NETIPC_BREAKAGE_H

#include <stdbool.h>

#define CORE_BREAK_NONE      0
#define CORE_BREAK_duplicate 1 /* a repeated call is executed again */
#define CORE_BREAK_reorder   2 /* messages are delivered as they arrive */
#define CORE_BREAK_leak      3 /* capabilities in a late reply are not given back */
#define CORE_BREAK_epoch     4 /* a new epoch or session goes on with the old one's state */
#define CORE_BREAK_count     5 /* one reference fewer is given back than was received */
#define CORE_BREAK_border    6 /* the last granule of a run that was lost does not go again */
#define CORE_BREAK_overlap   7 /* granules that have come before count once more */

#ifndef CORE_BREAK
#define CORE_BREAK CORE_BREAK_NONE
#endif

static inline bool break_duplicate(void)
{
        return CORE_BREAK == CORE_BREAK_duplicate;
}

static inline bool break_reorder(void)
{
        return CORE_BREAK == CORE_BREAK_reorder;
}

static inline bool break_leak(void)
{
        return CORE_BREAK == CORE_BREAK_leak;
}

static inline bool break_epoch(void)
{
        return CORE_BREAK == CORE_BREAK_epoch;
}

static inline bool break_count(void)
{
        return CORE_BREAK == CORE_BREAK_count;
}

static inline bool break_border(void)
{
        return CORE_BREAK == CORE_BREAK_border;
}

static inline bool break_overlap(void)
{
        return CORE_BREAK == CORE_BREAK_overlap;
}

#endif
