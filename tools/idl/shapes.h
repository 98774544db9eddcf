/* The parameter lists of generated functions: what a word, bytes or a capability looks like to the
 * client and to the server, in and out.
 *
 *                  word          bytes                        cap
 * client in       uint64_t x    const void *x,               struct send_cap x
 *                                size_t x_length
 * client out      uint64_t *x   void *x, size_t x_capacity,  handle_t *x
 *                                size_t *x_length
 * server in       uint64_t x    const void *x,               struct received_cap *x
 *                                size_t x_length
 * server out      uint64_t *x   const void **x,              struct send_cap *x
 *                                size_t *x_length
 * deferred reply  uint64_t x    const void *x,               struct send_cap x
 *                                size_t x_length
 *
 * An optional word is a struct optional_word, and a pointer to one where the table has uint64_t *x;
 * optional bytes are bytes, NULL if they are not given. Records and lists are bytes, which
 * functions of their own write and read (values.c).
 *
 * A capability marked move or share is a handle_t where it is sent. More than one bytes result
 * comes into one space of the client's (void *rt_space, size_t rt_space_capacity), into which each
 * of them points: const void **x, size_t *x_length. */
#ifndef IDL_SHAPES_H
#define IDL_SHAPES_H

#include "tools/idl/output.h"

/* A parameter's name in C: with an underscore behind it if it is a keyword, and for results with
 * _out if a parameter has the same name. Lasts until the fourth next call. */
const char *in_name(const struct parameter *parameter);
const char *out_name(const struct method *method, const struct parameter *parameter);
/* A field of the record that a pointer of that name in generated code points to. */
const char *field_name(const struct parameter *parameter);
/* What a word is in C. */
const char *word_type(const struct parameter *parameter);
/* A method's name as the member of a struct. */
const char *member_name(const struct method *method);

/* A struct shape (servers/rt/message/shape.h) as a literal. */
void shape_list(struct list *list, const struct parameters *parameters);
/* The number of words in front of the optional ones. */
unsigned base_of(const struct parameters *parameters);

/* The head of a dispatch function, up to `end`. */
void shape_dispatch(FILE *file, const struct interface *interface, const char *end);

void shape_client_in(struct list *list, const struct method *method);
/* Where bytes of the answer go; nothing if there are none. */
void shape_client_space(struct list *list, const struct method *method);
/* With the space where one is needed, or without (finish). */
void shape_client_out(struct list *list, const struct method *method, bool with_space);
void shape_server_in(struct list *list, const struct method *method);
void shape_server_out(struct list *list, const struct method *method);
/* Results as a deferred reply takes them. */
void shape_reply(struct list *list, const struct method *method);

#endif
