/* The text screen. It scrolls by moving the start address through the 32 KiB of text memory; only
 * at the end of that memory the screen is copied to its front. */
#include "kernel/arch/x86_64/console.h"
#include "kernel/arch/x86_64/instructions.h"
#include "kernel/arch/x86_64/layout.h"
#include "kernel/arch/mmu.h"
#include "kernel/lib/string.h"

enum {
        TEXT_MEMORY = 0xb8000,
        COLUMNS = 80,
        ROWS = 25,
        MEMORY_ROWS = 32768 / 2 / COLUMNS,
        CELL_BLANK = 0x0720, /* grey on black, a space */
        CELL_COLOUR = 0x0700,

        CRTC_INDEX = 0x3d4, /* VGA: the CRT controller's registers */
        CRTC_DATA = 0x3d5,
        CRTC_START_HIGH = 0x0c,
        CRTC_CURSOR_HIGH = 0x0e,
};

static struct {
        unsigned top, row, column; /* in rows of the text memory; `row` is within the screen */
} screen;

static volatile uint16_t *cell(unsigned row, unsigned column)
{
        return (volatile uint16_t *)direct(TEXT_MEMORY) + row * COLUMNS + column;
}

static void crtc_write(uint8_t high_register, unsigned value)
{
        out8(CRTC_INDEX, high_register);
        out8(CRTC_DATA, (uint8_t)(value >> 8));
        out8(CRTC_INDEX, high_register + 1);
        out8(CRTC_DATA, (uint8_t)value);
}

static void row_clear(unsigned row)
{
        for (unsigned i = 0; i < COLUMNS; i++)
                *cell(row, i) = CELL_BLANK;
}

void screen_clear(void)
{
        screen.top = screen.row = screen.column = 0;
        for (unsigned i = 0; i < ROWS; i++)
                row_clear(i);
        crtc_write(CRTC_START_HIGH, 0);
}

static void line_next(void)
{
        screen.column = 0;
        if (++screen.row < ROWS)
                return;
        screen.row = ROWS - 1;
        if (screen.top + ROWS == MEMORY_ROWS) {
                for (unsigned i = 0; i < (ROWS - 1) * COLUMNS; i++)
                        *cell(0, i) = *cell(screen.top + 1, i);
                screen.top = 0;
        } else {
                screen.top++;
        }
        row_clear(screen.top + screen.row);
        crtc_write(CRTC_START_HIGH, screen.top * COLUMNS);
}

static void screen_put(char c)
{
        if (c == '\n') {
                line_next();
        } else if (c == '\r') {
                screen.column = 0;
        } else {
                if (screen.column == COLUMNS)
                        line_next();
                *cell(screen.top + screen.row, screen.column++) = CELL_COLOUR | (uint8_t)c;
        }
}

void screen_write(const char *text, size_t bytes)
{
        for (size_t i = 0; i < bytes; i++)
                screen_put(text[i]);
        crtc_write(CRTC_CURSOR_HIGH, (screen.top + screen.row) * COLUMNS + screen.column);
}
