/* What stands on a node's screen: for a node that stops before it has a console, while its firmware
 * or iPXE is at work. Reads VGA text memory through QEMU's monitor (QMP). */
#ifndef PTL_SCREEN_H
#define PTL_SCREEN_H

#include "tools/ptl/lines.h"

/* Adds the screen's lines, without empty ones, to the tail. Adds none if the monitor does not
 * answer within a second or the screen is not in text mode. */
void screen_read(unsigned node, struct tail *tail);

/* Turns VGA text memory (two bytes a cell: character, attribute) into lines; for screen_read and
 * its test. */
enum { SCREEN_COLUMNS = 80, SCREEN_ROWS = 25, SCREEN_BYTES = 2 * SCREEN_COLUMNS * SCREEN_ROWS };
void screen_lines(const unsigned char cells[SCREEN_BYTES], struct tail *tail);

#endif
