/* Any bytes as a program's beginning: what program_read says of it is within the file, and so are
 * its headers. A last byte decides how much of the file was read. */
#include <stdlib.h>
#include <string.h>
#include "kernel/abi/memory.h"
#include "servers/rt/pure/program.h"

static void headers_check(const struct program *program)
{
        uint64_t bytes = program->header_count * 56ull;
        if (!program->headers)
                return;
        for (unsigned i = 0; i < program->plan.count; i++) {
                const struct elf_segment *segment = &program->plan.segments[i];
                if (program->headers >= segment->address &&
                    program->headers - segment->address <= segment->bytes - bytes)
                        return;
        }
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct program program;
        char said[PROGRAM_WRONG];
        size_t head = size && data[size - 1] % 2 && size > PROGRAM_HEAD ? PROGRAM_HEAD : size;
        /* In memory that ends where the head does. */
        uint8_t *copy = malloc(head + !head);
        memcpy(copy, data, head);
        const char *wrong = program_read(copy, head, size, 0, &program, said);
        if (wrong ? strlen(wrong) < 10 : program.plan.count == 0)
                abort();
        if (!wrong)
                headers_check(&program);
        free(copy);
        return 0;
}
