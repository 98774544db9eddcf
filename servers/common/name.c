/* The rule for names, byte by byte. */
#include "servers/common/name.h"

static bool is_letter(char c)
{
        return c >= 'a' && c <= 'z';
}

static bool is_inside(char c)
{
        return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool is_name(const char *name, size_t length, size_t longest)
{
        if (length == 0 || length > longest || !is_letter(name[0]))
                return false;
        for (size_t i = 1; i < length; i++)
                if (!is_inside(name[i]))
                        return false;
        return true;
}
