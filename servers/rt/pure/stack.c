/* From the strings at the top down to the count, where the stack pointer is. */
#include "servers/rt/pure/stack.h"

#include <elf.h>

#include "servers/rt/pure/bytes.h"

enum { AUXILIARY_PAIRS = 15, CLOCK_TICKS = 100, PAGE_BYTES = 4096, STACK_ALIGN = 16 };

bool strings_count(struct strings strings, unsigned *count)
{
        *count = 0;
        for (size_t i = 0; i < strings.length; i++)
                *count += !strings.bytes[i];
        return !strings.length || !strings.bytes[strings.length - 1];
}

size_t stack_bytes(const struct stack_content *content)
{
        unsigned arguments, environment;
        if (!strings_count(content->arguments, &arguments) ||
            !strings_count(content->environment, &environment) || arguments > STACK_STRINGS_MOST ||
            environment > STACK_STRINGS_MOST)
                return 0;
        size_t words = 1 + arguments + 1 + environment + 1 + 2 * AUXILIARY_PAIRS;
        return content->arguments.length + content->environment.length + STACK_RANDOM +
               words * sizeof(uint64_t) + 2 * STACK_ALIGN;
}

/* Where bytes that lie below `top` stand in memory that ends there. */
struct place {
        uint8_t *to;
        size_t size;
        uint64_t top;
};

static void put(const struct place *place, uint64_t address, const void *bytes, size_t count)
{
        bytes_copy(place->to + (place->size - (place->top - address)), bytes, count);
}

static uint64_t word_put(const struct place *place, uint64_t address, uint64_t word)
{
        put(place, address, &word, sizeof word);
        return address + sizeof word;
}

/* The addresses of strings that lie at `first`, and NULL. Returns the address behind. */
static uint64_t addresses_put(const struct place *place, uint64_t at, struct strings strings,
                              uint64_t first)
{
        bool begins = true;
        for (size_t i = 0; i < strings.length; i++) {
                if (begins)
                        at = word_put(place, at, first + i);
                begins = !strings.bytes[i];
        }
        return word_put(place, at, 0);
}

static void auxiliary_put(const struct place *place, uint64_t at,
                          const struct stack_content *content, uint64_t random, uint64_t name)
{
        const uint64_t pairs[AUXILIARY_PAIRS][2] = {
            {AT_PHDR, content->headers},
            {AT_PHENT, sizeof(Elf64_Phdr)},
            {AT_PHNUM, content->header_count},
            {AT_PAGESZ, PAGE_BYTES},
            {AT_BASE, 0},
            {AT_ENTRY, content->entry},
            {AT_UID, 0},
            {AT_EUID, 0},
            {AT_GID, 0},
            {AT_EGID, 0},
            {AT_SECURE, 0},
            {AT_CLKTCK, CLOCK_TICKS},
            {AT_RANDOM, random},
            {AT_EXECFN, name},
            {AT_NULL, 0},
        };
        put(place, at, pairs, sizeof pairs);
}

uint64_t stack_write(const struct stack_content *content, uint8_t *to, size_t size, uint64_t top)
{
        const struct place place = {to, size, top};
        unsigned arguments, environment;
        strings_count(content->arguments, &arguments);
        strings_count(content->environment, &environment);
        uint64_t random = top - STACK_RANDOM;
        uint64_t environment_at = random - content->environment.length;
        uint64_t arguments_at = environment_at - content->arguments.length;
        uint64_t words = 1 + arguments + 1 + environment + 1 + 2 * AUXILIARY_PAIRS;
        uint64_t stack = (arguments_at - words * sizeof(uint64_t)) & -(uint64_t)STACK_ALIGN;
        put(&place, random, content->random, STACK_RANDOM);
        put(&place, environment_at, content->environment.bytes, content->environment.length);
        put(&place, arguments_at, content->arguments.bytes, content->arguments.length);
        uint64_t at = word_put(&place, stack, arguments);
        at = addresses_put(&place, at, content->arguments, arguments_at);
        at = addresses_put(&place, at, content->environment, environment_at);
        auxiliary_put(&place, at, content, random, arguments ? arguments_at : 0);
        return stack;
}
