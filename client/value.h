/*
 * Values of the local API as JSON, and back.
 * Owns: the one translation between proto/api.h and jansson. Must not: know any command.
 */
#ifndef CP_CLIENT_VALUE_H
#define CP_CLIENT_VALUE_H

#include <jansson.h>

#include "proto/api.h"

/* A new reference; NULL when memory ran out or a text is not UTF-8. Members keep their order. */
json_t *cp_value_json(const struct cp_api_value *value);
/* Appends a value. False for what the API cannot say (a real number, deeper than CP_DEPTH_MAX). */
bool cp_value_put(struct cp_buf *buf, json_t *json);

/* ---- Reading JSON that may lack a member: always something to print ---- */
const char *cp_json_text(const json_t *object, const char *key); /* "" when it is no text */
int64_t cp_json_number(const json_t *object, const char *key);   /* 0 when it is no number */
bool cp_json_true(const json_t *object, const char *key);
/* Whether a row's `withdrawn` names the field: nothing is left of it but that its author took it back. */
bool cp_json_gone(const json_t *row, const char *field);
struct cp_bytes cp_json_bytes(const json_t *string); /* empty when it is no text */

#endif
