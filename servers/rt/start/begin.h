/* What every image of the runtime does first, whether it is a program or a layer. */
#ifndef RT_BEGIN_H
#define RT_BEGIN_H

#include <stdint.h>

/* Makes the image ready, gives the thread its block and its handler of Linux system calls, and
 * reads the startup page (or bootinfo) at `page`. Returns how far the image lies from where it was
 * linked for. Ends the task if anything is not as it should be. */
uint64_t rt_image_begin(const void *page);

#endif
