/* What the formats of imports share. Owns: batches, progress, refusals. Must not: know a format. */
#include "client/import.h"

#include <sodium.h>
#include <unistd.h>

#include "client/connect.h"
#include "client/show.h"
#include "client/value.h"
#include "proto/utf8.h"

/* One request adds so many rows or so many bytes, whichever comes first: one transaction each, and each may be
 * repeated, because the daemon knows the rows that it has by import and number. */
#define BATCH_ROWS  1000U
#define BATCH_BYTES (2U * 1024U * 1024U)

void cp_import_progress(struct cp_import *im, size_t done, size_t of)
{
    struct cp_cli *cli = im->cli;
    bool last = done == of;

    if (cli->json || !isatty(fileno(cli->err)) || of <= BATCH_ROWS)
        return;
    fprintf(cli->err, last ? "\r                                        \r" : "\r%s %zu / %zu",
            cp_words_screen(CP_SAY_IMPORTING), done, of);
    fflush(cli->err);
}

/* What one row costs on the wire, roughly and not too little. */
static size_t row_bytes(json_t *row)
{
    size_t bytes = 64 + json_string_length(json_object_get(row, "text"));
    json_t *field = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(row, "fields"), i, field) bytes +=
        32 + json_string_length(json_object_get(field, "name")) +
        json_string_length(json_object_get(field, "value"));
    return bytes;
}

/* The import id: the file's own hash, so that the same file is the same import. */
static void import_id(struct cp_bytes file, char out[static 2 * CP_ID_LEN + 1])
{
    uint8_t hash[CP_ID_LEN];

    crypto_generichash(hash, sizeof hash, file.ptr, file.len, NULL, 0);
    cp_hex_encode(hash, sizeof hash, out);
}

bool cp_import_rows(struct cp_import *im, json_t *columns, json_t *rows, json_t **sums)
{
    struct cp_cli *cli = im->cli;
    char import[2 * CP_ID_LEN + 1];
    size_t count = json_array_size(rows);
    json_int_t added = 0;
    json_int_t known = 0;
    json_t *ids = json_array();

    import_id(im->file, import);
    for (size_t at = 0; at < count && !cli->failed;) {
        json_t *batch = json_array();
        json_t *answer = NULL;
        size_t bytes = 0;

        while (at < count && json_array_size(batch) < BATCH_ROWS && bytes < BATCH_BYTES) {
            bytes += row_bytes(json_array_get(rows, at));
            json_array_append(batch, json_array_get(rows, at++));
        }
        answer = cp_ask(cli, "add-many",
                        json_pack("{s:s,s:O,s:o,s:b}", "import", import, "columns", columns, "rows", batch,
                                  "dry", im->dry),
                        0);
        added += cp_json_number(answer, "added");
        known += cp_json_number(answer, "known");
        json_array_extend(ids, json_object_get(answer, "ids"));
        json_decref(answer);
        cp_import_progress(im, at, count);
    }
    *sums = json_pack("{s:I,s:I,s:o}", "added", added, "known", known, "ids", ids);
    return !cli->failed;
}

/* True when the row shows this already, so that the same import twice writes it once. */
static bool stands(json_t *row, json_t *field)
{
    json_t *value = json_object_get(json_object_get(row, "fields"), cp_json_text(field, "name"));
    const char *wanted = cp_json_text(field, "value");
    size_t len = strcspn(wanted, ":");
    json_t *element = NULL;
    size_t i = 0;

    if (strcmp(cp_json_text(field, "name"), "state") == 0)
        return strcmp(cp_json_text(row, "state"), wanted) == 0;
    json_array_foreach(value, i, element)
    {
        const char *id = json_is_object(element) ? cp_json_text(element, "id") : json_string_value(element);

        if (id != NULL && (strcmp(id, wanted) == 0 ||
                           (json_is_object(element) && strlen(id) == len && strncmp(id, wanted, len) == 0)))
            return true;
    }
    return json_is_string(value) && strcmp(json_string_value(value), wanted) == 0;
}

void cp_import_set(struct cp_import *im, const char *id, json_t *fields, json_t *row)
{
    struct cp_cli *cli = im->cli;
    size_t count = json_array_size(fields);

    for (size_t at = 0; at < count && !cli->failed;) {
        json_t *some = json_array();
        size_t bytes = 0;

        for (; at < count && json_array_size(some) < 48 && bytes < 40000; at++) {
            json_t *field = json_array_get(fields, at);

            /* What is set aside has to have been seen whole: it goes alone. */
            if (strcmp(cp_json_text(field, "name"), "state") == 0 && json_array_size(some) > 0)
                break;
            if (stands(row, field))
                continue;
            bytes += json_string_length(json_object_get(field, "value"));
            json_array_append(some, field);
        }
        if (json_array_size(some) > 0)
            json_decref(cp_ask(cli, "set", json_pack("{s:s,s:O}", "id", id, "fields", some), 0));
        json_decref(some);
    }
}

json_t *cp_import_index(struct cp_import *im)
{
    json_t *rows = cp_ask(im->cli, "list", json_pack("{s:s,s:b}", "kind", "", "all", 1), CP_ASK_ROWS);
    json_t *index = rows != NULL ? json_object() : NULL;
    json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(rows, i, row) json_object_set(index, cp_json_text(row, "id"), row);
    json_decref(rows);
    return index;
}

void cp_import_refuse(struct cp_import *im, enum cp_err err, enum cp_screen sentence,
                      const char *const args[static 4])
{
    struct cp_buf text;

    cp_buf_init(&text, im->cli->mem, SIZE_MAX / 2);
    cp_words_fill(cp_words_screen(sentence), args, &text);
    cp_buf_put_byte(&text, 0);
    cp_fail(im->cli, err, cp_buf_err(&text) == CP_OK ? (const char *)text.ptr : NULL, NULL);
    cp_buf_clear(&text);
}

const char *cp_import_begin(const char *text)
{
    static char buffers[8][64];
    static size_t next;
    char *out = buffers[next = (next + 1) % 8];
    size_t len = 0;

    cp_utf8_keep(CP_BYTES((const uint8_t *)text, strcspn(text, "\r\n")), out, 57);
    len = strlen(out);
    if (text[len] != '\0')
        memcpy(out + len, "...", sizeof "...");
    return out;
}

void cp_import_show_dry(struct cp_cli *cli, json_t *value)
{
    int64_t known = cp_json_number(value, "known");
    int64_t empty = cp_json_number(value, "empty");

    cp_show(cli->out, CP_SAY_DRY_RUN, cp_show_number(cp_json_number(value, "added")),
            known > 0 ? cp_show_number(known) : NULL, empty > 0 ? cp_show_number(empty) : NULL, NULL);
}
