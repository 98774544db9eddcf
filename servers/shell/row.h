/* The row of the terminal that has the line that is edited: which piece of it is shown, and where
 * the cursor stands. For the editor alone (editor.h has the model and the invariants). Pure. */
#ifndef SHELL_ROW_H
#define SHELL_ROW_H

#include "servers/shell/editor.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Sends text to the terminal as it is. */
void row_put(struct editor *editor, const char *text);

/* Shows line[from, to) without letting it act on the terminal; each character keeps its columns. */
void row_put_line(struct editor *editor, size_t from, size_t to);

/* The prompt, the search's while one goes on, as far as the row has room for it. */
const char *row_prompt(const struct editor *editor);

/* Columns that line[from, to) takes; that the line may take. */
size_t row_columns(const struct editor *editor, size_t from, size_t to);
size_t row_room(const struct editor *editor);

/* Where the characters before line[at] begin that together take at most so many columns. */
size_t row_columns_back(const struct editor *editor, size_t at, size_t columns);

/* Scrolls if the cursor is not in the row, or too little of what stands before it; then so far that
 * the next keys need not scroll again. */
void row_scroll(struct editor *editor);

/* Draws the whole row again, scrolled as it must be. */
void row_draw(struct editor *editor);

#endif
