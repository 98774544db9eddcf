/* What an interface description must keep to beyond its grammar: what fits a message
 * (kernel/abi/message.h), numbers and names used once, names that C code can be made of. */
#ifndef IDL_CHECK_H
#define IDL_CHECK_H

#include <stdbool.h>
#include "tools/idl/model.h"

/* The first number of services of one's own; below are those of servers/proto, servers/examples and
 * tests. A description says by its path, as seen from the top, where it belongs. */
enum { INTERFACE_OWN = 48 };

/* False with *error filled in if the interface breaks a rule. */
bool interface_check(const struct interface *interface, struct idl_error *error);

/* The same for all interfaces together: names and numbers. *which: the interface at fault. */
bool interfaces_check(struct interface *const *interfaces, unsigned count, unsigned *which,
                      struct idl_error *error);

/* Whether a name is a keyword of C, and so needs an underscore behind it in generated code. */
bool is_keyword(const char *name);

#endif
