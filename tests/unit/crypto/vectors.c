/* Reads vectors.txt, from the top of the repository, where suites are run. */
#include "tests/unit/crypto/vectors.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct vector digits_read(const char *digits)
{
        struct vector vector = {0};
        unsigned byte;
        for (; sscanf(digits, "%2x", &byte) == 1 && vector.count < VECTOR_MAX; digits += 2)
                vector.bytes[vector.count++] = (uint8_t)byte;
        return vector;
}

struct vector vector(const char *group, const char *name)
{
        char line[2 * VECTOR_MAX + 100], wanted[100];
        struct vector found = {.count = SIZE_MAX};
        FILE *file = fopen("tests/unit/crypto/vectors.txt", "r");
        ck_assert_ptr_nonnull(file);
        size_t length = (size_t)snprintf(wanted, sizeof(wanted), "%s.%s ", group, name);
        while (fgets(line, sizeof(line), file))
                if (strncmp(line, wanted, length) == 0)
                        found = digits_read(line + length);
        fclose(file);
        ck_assert_msg(found.count != SIZE_MAX, "no vector %s.%s", group, name);
        return found;
}
