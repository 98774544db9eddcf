/* What is made of interface descriptions. All writers assume checked interfaces (check.h). */
#ifndef IDL_GENERATE_H
#define IDL_GENERATE_H

#include <stdio.h>
#include "tools/idl/model.h"

/* NAME.h: numbers, client stubs, the server's table of handlers. Client stubs and server parts have
 * the shapes that servers/README.md describes. */
void header_write(FILE *file, const struct interface *interface);

/* What NAME.h says of enums and records. */
void values_declare(FILE *file, const struct interface *interface);

/* NAME_values.c: they need no kernel, which NAME.c calls. */
void values_write(FILE *file, const struct interface *interface);

/* NAME.c, in two parts. */
void source_write(FILE *file, const struct interface *interface);
void client_write(FILE *file, const struct interface *interface);
void server_write(FILE *file, const struct interface *interface);

/* names.h and names.c: numbers and names of all interfaces, without need of the runtime. */
void names_header_write(FILE *file);
void names_source_write(FILE *file, struct interface *const *interfaces, unsigned count);

/* The reference page: Markdown. */
void reference_write(FILE *file, struct interface *const *interfaces, unsigned count);

#endif
