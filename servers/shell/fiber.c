/* Fibers; see fiber.h for the states. */
#include "servers/shell/fiber.h"

#include <stdlib.h>
#include <string.h>

/* fiber_switch.S */
void fiber_switch(void **from, void *to);
void fiber_enter(void);

enum state { FREE, READY, RUNNING, WAITING, ENDED };

struct fiber {
        enum state state;
        bool woken; /* a wake came that no wait has taken */
        uint64_t deadline;
        void *stack_pointer;
        char *stack;
};

/* The lowest bytes of each stack hold this: a fiber that changed them has overflowed its stack. */
static const char guard[64] = "the end of a fiber's stack, which nothing may write to";

/* Outside the structure, which is initialized: the stacks then take no room in the program file. */
static _Alignas(16) char stacks[FIBERS][FIBER_STACK];

static struct {
        struct fiber fibers[FIBERS];
        int current;
        void *loop; /* stack pointer of the program's own loop */
} fibers = {.current = -1};

int fiber_current(void)
{
        return fibers.current;
}

static void to_loop(void)
{
        fiber_switch(&fibers.fibers[fibers.current].stack_pointer, fibers.loop);
}

static void fiber_end(void)
{
        fibers.fibers[fibers.current].state = ENDED;
        to_loop();
}

/* What fiber_switch takes from a stack, from its top. */
struct frame {
        uint32_t mxcsr;
        uint16_t x87, unused;
        uint64_t r15, r14, r13, r12, rbx, rbp;
        uint64_t return_address;
};

int fiber_start(void (*function)(void *argument), void *argument)
{
        enum { MXCSR_DEFAULT = 0x1f80, X87_DEFAULT = 0x037f };
        int number = 0;
        while (number < FIBERS && fibers.fibers[number].state != FREE)
                number++;
        if (number == FIBERS)
                return -1;
        struct fiber *fiber = &fibers.fibers[number];
        fiber->stack = stacks[number];
        memcpy(fiber->stack, guard, sizeof guard);
        /* 16 bytes of room: the return takes 8, and fiber_enter wants the rest aligned to 16. */
        struct frame *frame = (struct frame *)(fiber->stack + FIBER_STACK - 16 - sizeof *frame);
        *frame = (struct frame){
            .mxcsr = MXCSR_DEFAULT,
            .x87 = X87_DEFAULT,
            .r12 = (uint64_t)function,
            .r13 = (uint64_t)argument,
            .rbx = (uint64_t)fiber_end,
            .return_address = (uint64_t)fiber_enter,
        };
        fiber->state = READY;
        fiber->woken = false;
        fiber->stack_pointer = frame;
        return number;
}

bool fiber_wait(uint64_t deadline)
{
        struct fiber *fiber = &fibers.fibers[fibers.current];
        if (!fiber->woken) {
                fiber->deadline = deadline;
                fiber->state = WAITING;
                to_loop();
        }
        bool woken = fiber->woken;
        fiber->woken = false;
        return woken;
}

void fiber_wake(int number)
{
        struct fiber *fiber = &fibers.fibers[number];
        if (fiber->state == FREE || fiber->state == ENDED)
                return;
        fiber->woken = true;
        if (fiber->state == WAITING)
                fiber->state = READY;
}

void fibers_wake_all(void)
{
        for (int number = 0; number < FIBERS; number++)
                fiber_wake(number);
}

static void fiber_run(int number)
{
        struct fiber *fiber = &fibers.fibers[number];
        fiber->state = RUNNING;
        fibers.current = number;
        fiber_switch(&fibers.loop, fiber->stack_pointer);
        fibers.current = -1;
        if (memcmp(fiber->stack, guard, sizeof guard) != 0)
                abort();
        if (fiber->state == ENDED)
                fiber->state = FREE;
}

void fibers_run(void)
{
        bool ran;
        do {
                ran = false;
                for (int number = 0; number < FIBERS; number++) {
                        if (fibers.fibers[number].state != READY)
                                continue;
                        fiber_run(number);
                        ran = true;
                }
        } while (ran);
}

uint64_t fibers_deadline(void)
{
        uint64_t earliest = FIBER_NEVER;
        for (int number = 0; number < FIBERS; number++) {
                const struct fiber *fiber = &fibers.fibers[number];
                if (fiber->state == WAITING && fiber->deadline < earliest)
                        earliest = fiber->deadline;
        }
        return earliest;
}

void fibers_time(uint64_t now)
{
        for (int number = 0; number < FIBERS; number++) {
                struct fiber *fiber = &fibers.fibers[number];
                if (fiber->state == WAITING && fiber->deadline <= now)
                        fiber->state = READY;
        }
}
