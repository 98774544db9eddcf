/* The rights of a handle, as bits. */
#ifndef ABI_RIGHTS_H
#define ABI_RIGHTS_H

#include <stdint.h>

enum rights {
#define RIGHT(name, bit, text) RIGHT_##name = 1 << (bit),
#include "kernel/abi/rights.def"
#undef RIGHT
        RIGHTS_ALL = 0x0fff, /* without PROXY */
};

/* The kinds of objects that a handle can stand for; `struct received_cap` and handle_info() say
 * them. */
enum object_kind {
        OBJECT_NONE = 0,
        OBJECT_ACCOUNT = 1,
        OBJECT_TASK = 2,
        OBJECT_THREAD = 3,
        OBJECT_PORT = 4,
        OBJECT_RIGHT = 5,
        OBJECT_REPLY = 6,
        OBJECT_CALL = 7,
        OBJECT_EVENT = 8,
        OBJECT_MEMORY = 9,
        OBJECT_INTERRUPT = 10,
        OBJECT_IOPORT = 11,
        OBJECT_HARDWARE = 12, /* the authority over devices that the first task is given */
};

typedef uint64_t handle_t; /* 0 is no handle */

#endif
