/* What the editor's test files share: an editor with a history on a terminal, keys to type, and
 * what is to be seen then. */
#ifndef TEST_SHELL_EDITING_H
#define TEST_SHELL_EDITING_H

#include "servers/shell/editor.h"
#include "tests/unit/shell/terminal.h"
#include "tests/unit/shell/test_shell.h"

#define LEFT    "\x1b[D"
#define RIGHT   "\x1b[C"
#define UP      "\x1b[A"
#define DOWN    "\x1b[B"
#define SEARCH  "\x12"
#define ABANDON "\x07"
#define LOST    "\xef\xbf\xbd"

extern struct editor editor;
extern struct history history;

/* The fixture: an empty line behind the prompt "n1> ", 24 columns, and no history. */
void editing_start(void);
void editing_end(void);

/* Types bytes; each must leave the line unfinished. */
void type_bytes(const char *bytes, size_t count);
void type(const char *bytes);
void type_often(char byte, size_t times);

/* Types a line and ends it; the next one is begun. */
void enter(const char *line);

/* Checks the row without the marks of double cells, the line without its losses, and the cursor's
 * column. */
void see(const char *expected_row, const char *line, size_t column);

#endif
