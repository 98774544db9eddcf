/* The one instance of held.h: all zero when a program starts. */
#include "servers/rt/task/held.h"

struct held rt_held;
