/* The parser of interface descriptions.
 *
 *      file      = "interface" name number { method }
 *      method    = "method" name number list "->" list | "oneway" name number list
 *      list      = "(" [ parameter { "," parameter } ] ")"
 *      parameter = name ":" type
 *      type      = "word" | "bytes" | { "move" | "share" } "cap"
 *      name      = lower-case letter, then lower-case letters, digits, "_"; at most 31
 *      number    = decimal, 1 to 65535
 *
 * A comment goes from # to the end of the line; those right before an item are its documentation.
 */
#ifndef IDL_PARSE_H
#define IDL_PARSE_H

#include <stddef.h>
#include "tools/idl/model.h"

/* Parses and checks (check.h) one description. Returns an interface to be freed with
 * interface_free(), or NULL with *error filled in. `text` need not be terminated and may hold
 * anything. */
struct interface *idl_parse(const char *text, size_t length, const char *file,
                            struct idl_error *error);

#endif
