/* The program's own image in memory: made ready before anything else of it runs. */
#ifndef RT_IMAGE_H
#define RT_IMAGE_H

#include <stdint.h>

/* Relocates the image to where it lies, and takes the right to write from what was writable for
 * that alone. Returns how far it lies from where it was linked for. An image that is damaged
 * ends by a fault in here. */
uint64_t image_begin(void);

#endif
