/*
 * Version texts: how they are written, and their id. Reading is version_read.c.
 * Owns: the layout below (docs/protocol-texts.md has it with an example). Must not: choose what is said.
 *
 * The text is UTF-8, every line ends in LF, and blocks are parted by one empty line. VALUE is escaped
 * (escape.c); HEX64 is an id in lower-case hex. In this order:
 *
 *   coplan version 1, for agreement          or: for comment
 *   (empty line)
 *   plan HEX64
 *     FACT ...
 *   (empty line)
 *   KIND HEX64                               one block for each item; no id twice; KIND as in kinds.h
 *     FACT ...
 *   (empty line)
 *   left open                                only where something was not ready
 *     reason: VALUE                          one or more
 *     why: VALUE                             one, not empty
 *   (empty line)
 *   rule RULE                                as in rule.h
 *   (empty line)
 *   must answer HEX64                        one block for each person, by id, none twice
 *     name: VALUE
 *     key: ssh-ed25519 BASE64                or: none
 *     fingerprint: SHA256:BASE64             only with a key
 *     perspective: VALUE                     only under each-perspective, and who must answer; in byte order
 *   (empty line)
 *   kept informed HEX64                      the same, and nobody who must answer
 *     ...
 *   (empty line)
 *   parent HEX64                             none or more, by id, none twice
 *   end
 *
 * FACT is two spaces, a label, a colon, and, unless the value is empty, a space and the value:
 *   FIELD: VALUE         FIELD in LANG: VALUE         column VALUE: VALUE (a colon in the name is \:)
 *   links: HEX64, and where there is a name a space and the name;  costs: NUMBER of HEX64
 * Facts stand in the order of the table of fields. A field that is no list stands once for each language: first
 * without one, then by language in byte order.
 */
#include "proto/version.h"

#include <assert.h>
#include <string.h>

#include "proto/sshsig.h"
#include "proto/text_lines.h"
#include "proto/version_text.h"

/* ": VALUE" or, when it is empty, ":" */
static void put_value(struct cp_buf *out, struct cp_bytes value)
{
    cp_buf_put_byte(out, ':');
    if (value.len > 0)
        cp_buf_put_byte(out, ' ');
    cp_text_put(out, value, 0);
    cp_buf_put_byte(out, '\n');
}

static void put_fact(struct cp_buf *out, const struct cp_fact *fact)
{
    const struct cp_field *f = cp_field_by_code(fact->field);
    assert(f != NULL);
    cp_buf_put_str(out, CP_VT_INDENT);
    if (f->type == CP_TYPE_COLUMN) {
        cp_buf_put_str(out, CP_VT_COLUMN);
        cp_text_put(out, fact->column, ':');
    } else {
        cp_buf_put_str(out, f->name);
    }
    if (fact->lang.len > 0) {
        cp_buf_put_str(out, CP_VT_IN);
        cp_buf_put_bytes(out, fact->lang);
    }
    if (!cp_field_is_link(f)) {
        put_value(out, fact->value);
        return;
    }
    cp_buf_put_str(out, ": ");
    if (f->type == CP_TYPE_COST) {
        cp_buf_put_bytes(out, fact->also);
        cp_buf_put_str(out, CP_VT_OF);
    }
    cp_buf_put_bytes(out, fact->value);
    if (f->type != CP_TYPE_COST && fact->also.len > 0) {
        cp_buf_put_byte(out, ' ');
        cp_text_put(out, fact->also, 0);
    }
    cp_buf_put_byte(out, '\n');
}

/* "WORD HEX64" */
static void put_head(struct cp_buf *out, const char *word, const uint8_t *id)
{
    cp_buf_put_str(out, word);
    cp_buf_put_byte(out, ' ');
    cp_buf_put_hex(out, CP_BYTES(id, CP_ID_LEN));
    cp_buf_put_byte(out, '\n');
}

static void put_facts(struct cp_buf *out, const struct cp_fact *facts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_fact(out, &facts[i]);
    cp_buf_put_byte(out, '\n');
}

static void put_line(struct cp_buf *out, const char *label, struct cp_bytes value)
{
    cp_buf_put_str(out, CP_VT_INDENT);
    cp_buf_put_str(out, label);
    put_value(out, value);
}

bool cp_version_no_key(const uint8_t key[static CP_KEY_LEN])
{
    return sodium_is_zero(key, CP_KEY_LEN) == 1;
}

static void put_people(struct cp_buf *out, const char *word, const struct cp_version_person *people,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct cp_version_person *p = &people[i];
        put_head(out, word, p->person);
        put_line(out, CP_VT_NAME, p->name);
        if (cp_version_no_key(p->key)) {
            put_line(out, CP_VT_KEY, cp_bytes_str(CP_VT_NONE));
        } else {
            cp_buf_put_str(out, CP_VT_INDENT CP_VT_KEY ": ");
            cp_ssh_public(p->key, out);
            cp_buf_put_str(out, "\n" CP_VT_INDENT CP_VT_FINGERPRINT ": ");
            cp_ssh_fingerprint(p->key, out);
            cp_buf_put_byte(out, '\n');
        }
        for (size_t j = 0; j < p->perspectives_count; j++)
            put_line(out, CP_VT_PERSPECTIVE, p->perspectives[j]);
        cp_buf_put_byte(out, '\n');
    }
}

void cp_version_write(const struct cp_version *v, struct cp_buf *out)
{
    cp_buf_put_str(out, v->stage == CP_STAGE_AGREEMENT ? CP_VT_AGREEMENT : CP_VT_COMMENT);
    cp_buf_put_str(out, "\n\n");
    put_head(out, CP_VT_PLAN, v->plan);
    put_facts(out, v->facts, v->facts_count);
    for (size_t i = 0; i < v->items_count; i++) {
        put_head(out, cp_record_word(v->items[i].kind), v->items[i].id);
        put_facts(out, v->items[i].facts, v->items[i].facts_count);
    }
    if (v->left_open_count > 0 || v->left_open_why.len > 0) {
        cp_buf_put_str(out, CP_VT_LEFT_OPEN "\n");
        for (size_t i = 0; i < v->left_open_count; i++)
            put_line(out, CP_VT_REASON, v->left_open[i]);
        put_line(out, CP_VT_WHY, v->left_open_why);
        cp_buf_put_byte(out, '\n');
    }
    cp_buf_put_str(out, CP_VT_RULE);
    cp_text_put(out, v->rule, 0);
    cp_buf_put_str(out, "\n\n");
    put_people(out, CP_VT_MUST_ANSWER, v->must_answer, v->must_answer_count);
    put_people(out, CP_VT_KEPT_INFORMED, v->kept_informed, v->kept_informed_count);
    for (size_t i = 0; i < v->parents_count; i++)
        put_head(out, CP_VT_PARENT, v->parents[i]);
    cp_buf_put_str(out, CP_VT_END "\n");
}

void cp_version_id(struct cp_bytes text, uint8_t out[static CP_ID_LEN])
{
    static const uint8_t nothing[1];
    _Static_assert(crypto_hash_sha256_BYTES == CP_ID_LEN, "a version's id is a SHA-256");
    (void)crypto_hash_sha256(out, text.len == 0 ? nothing : text.ptr, text.len);
}

/* Takes the next line, LF and all, that is no parent's; facts are indented, so none of them looks like one. */
static bool next_word_line(struct cp_bytes *rest, struct cp_bytes *line)
{
    while (rest->len > 0) {
        const uint8_t *end = memchr(rest->ptr, '\n', rest->len);
        size_t len = end == NULL ? rest->len : (size_t)(end - rest->ptr) + 1;
        struct cp_bytes head = *line = CP_BYTES(rest->ptr, len);
        *rest = CP_BYTES(rest->ptr + len, rest->len - len);
        if (!cp_text_cut(&head, CP_VT_PARENT " "))
            return true;
    }
    return false;
}

bool cp_version_same_words(struct cp_bytes a, struct cp_bytes b)
{
    struct cp_bytes line_a = {NULL, 0}, line_b = {NULL, 0};
    for (;;) {
        bool more_a = next_word_line(&a, &line_a), more_b = next_word_line(&b, &line_b);
        if (!more_a || !more_b)
            return more_a == more_b;
        if (!cp_bytes_eq(line_a, line_b))
            return false;
    }
}

struct cp_bytes cp_version_words(const struct cp_version *v, const uint8_t item[static CP_ID_LEN])
{
    for (size_t i = 0; i < v->items_count; i++)
        for (size_t f = 0; memcmp(v->items[i].id, item, CP_ID_LEN) == 0 && f < v->items[i].facts_count; f++)
            if (v->items[i].facts[f].field == CP_FIELD_TEXT)
                return v->items[i].facts[f].value;
    return CP_BYTES(NULL, 0);
}
