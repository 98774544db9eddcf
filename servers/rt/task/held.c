/* The one instance of held.h: no handles when a program starts. */
#include "servers/rt/task/held.h"

struct held rt_held = {.streams = {.name = "stream"}};
