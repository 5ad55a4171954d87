/* Beginning a plan, and what plans there are. Owns: plan-new, plan-list, plan-show. */
#include <string.h>

#include "daemon/serve_agree.h"
#include "daemon/serve_follow.h"
#include "daemon/serve_plan.h"

/* ---- plan-new ---- */

/* The founder's JOIN, for which plan and invite are zero, as the frame of the first entry. */
static enum cp_err found(struct cp_request *r, struct cp_signer *signer)
{
    struct cp_buf join, frame;
    const struct cp_mem *mem = r->node->mem;
    cp_buf_init(&join, mem, CP_JOIN_MAX);
    cp_buf_init(&frame, mem, CP_ENTRY_MAX);
    const char *name = cp_keeper_person(r->node->keeper, r->person)->name;
    enum cp_err err = cp_keeper_join(r->node->keeper, r->person, r->seal, cp_zero_id, cp_zero_id, NULL,
                                     cp_bytes_str(name), &join);
    if (err == CP_OK)
        err = cp_buf_err(&join);
    if (err == CP_OK) {
        cp_first_write(cp_buf_bytes(&join), &frame);
        err = cp_buf_err(&frame);
    }
    if (err == CP_OK)
        err = cp_store_found(r->node->store, signer, cp_request_device(r), cp_buf_bytes(&frame),
                             cp_node_time_ms(), r->plan);
    cp_buf_clear(&join);
    cp_buf_clear(&frame);
    return err;
}

static enum cp_err write_secret(struct cp_request *r, struct cp_signer *signer)
{
    struct cp_buf frame;
    uint8_t secret[CP_KEY_LEN], id[CP_ID_LEN];
    cp_buf_init(&frame, r->node->mem, CP_ENTRY_MAX);
    randombytes_buf(secret, sizeof secret);
    cp_secret_write(secret, &frame);
    enum cp_err err = cp_buf_err(&frame);
    if (err == CP_OK)
        err = cp_store_append(r->node->store, signer, r->plan, cp_request_device(r), CP_CONTROL,
                              cp_buf_bytes(&frame), CP_BYTES(NULL, 0), cp_node_time_ms(), id);
    sodium_memzero(secret, sizeof secret);
    if (frame.ptr != NULL)
        sodium_memzero(frame.ptr, frame.len);
    cp_buf_clear(&frame);
    return err;
}

static enum cp_err begin_plan(struct cp_request *r, struct cp_edits *e)
{
    struct cp_signer signer = cp_node_signer(r->node);
    struct cp_draft draft;
    uint8_t id[CP_ID_LEN];
    enum cp_err err = found(r, &signer);
    if (err == CP_OK)
        err = write_secret(r, &signer);
    if (err != CP_OK)
        return err;
    cp_draft_init(&draft, r->node->mem, CP_KIND_PLAN, 0, NULL);
    err = cp_edits_apply(e, NULL, &draft);
    if (err == CP_OK)
        err = cp_own_append(r, &draft, id);
    cp_draft_clear(&draft);
    return err;
}

void cp_serve_plan_new(struct cp_request *r)
{
    struct cp_edits e;
    struct cp_buf out;
    cp_edits_init(&e);
    enum cp_err err = cp_edits_text(&e, CP_FIELD_TITLE, CP_RECORD_PLAN, cp_arg(r, "title"));
    if (err == CP_OK)
        err = cp_own_begin(r);
    if (err == CP_OK)
        err = cp_own_end(r, begin_plan(r, &e));
    if (err != CP_OK) {
        cp_edits_refuse(r, &e, err);
        return;
    }
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    cp_api_object(&out, 1);
    cp_api_key(&out, "plan");
    cp_api_hex(&out, r->plan, CP_ID_LEN);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}

/* ---- plan-list, plan-show ---- */

/* Nothing stands where the title was, and its author took that back. */
static bool title_withdrawn(const struct cp_shown *s)
{
    const struct cp_shown_field *f = cp_shown_field(s, CP_FIELD_TITLE, CP_BYTES(NULL, 0), CP_BYTES(NULL, 0));
    return f != NULL && cp_shown_withdrawn(s, f);
}

/* Title and stage of a plan that is open; both null while the home is locked. */
static enum cp_err put_plan(struct cp_request *r, const struct cp_plan_row *rows, size_t count, size_t at,
                            struct cp_buf *out)
{
    const struct cp_plan_row *row = &rows[at];
    struct cp_desk d;
    struct cp_shown s;
    enum cp_plan_stage stage = CP_PLAN_GATHERING;
    bool withdrawn = false;
    bool locked = cp_store_locked(r->node->store), open = !locked && !row->awaited;
    enum cp_err err = CP_OK;
    cp_api_object(out, 4 + CP_FOLLOW_MEMBERS);
    cp_api_key(out, "plan");
    cp_api_hex(out, row->id, CP_ID_LEN);
    cp_api_key(out, "title");
    if (open) {
        err = cp_desk_open(&d, r->node, row->id);
        if (err != CP_OK)
            return err;
        err = cp_shown_load(&s, &d, CP_RECORD_PLAN, row->id, false);
        if (err == CP_OK) {
            cp_api_text(out, cp_record_text(&s.state, CP_FIELD_TITLE, CP_BYTES(NULL, 0)));
            withdrawn = title_withdrawn(&s);
            cp_shown_clear(&s);
            err = cp_plan_stage(&d, cp_arg(r, "on"), &stage);
        }
        cp_desk_close(&d);
    } else if (locked) {
        cp_api_null(out);
    } else {
        cp_api_cstr(out, "");
    }
    cp_api_key(out, "title_withdrawn");
    if (locked)
        cp_api_null(out);
    else
        cp_api_bool(out, withdrawn);
    cp_api_key(out, "stage");
    if (locked && !row->awaited)
        cp_api_null(out);
    else
        cp_api_cstr(out, open ? cp_plan_stage_word(stage) : "waiting");
    if (err == CP_OK)
        err = cp_follow_put(r->node, rows, count, at, out);
    return err != CP_OK ? err : cp_buf_err(out);
}

void cp_serve_plan_list(struct cp_request *r)
{
    struct cp_plan_row *rows = NULL;
    struct cp_buf out;
    size_t count = 0;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = cp_store_plans(r->node->store, &rows, &count);
    for (size_t i = 0; err == CP_OK && i < count; i++) {
        cp_buf_reset(&out);
        err = put_plan(r, rows, count, i, &out);
        if (err == CP_OK)
            cp_reply_row(r, cp_buf_bytes(&out));
    }
    cp_free(r->node->mem, rows);
    cp_buf_clear(&out);
    if (err == CP_OK)
        cp_reply_done(r, CP_BYTES(NULL, 0), 0);
    else if (err == CP_ERR_BAD_VALUE)
        cp_reply_about(r, err, cp_arg(r, "on"));
    else
        cp_reply_error(r, err, NULL, NULL);
}

static enum cp_err is_awaited(const struct cp_request *r, bool *awaited)
{
    struct cp_plan_row *rows = NULL;
    size_t count = 0;
    *awaited = false;
    enum cp_err err = cp_store_plans(r->node->store, &rows, &count);
    for (size_t i = 0; err == CP_OK && i < count; i++)
        if (memcmp(rows[i].id, r->plan, CP_ID_LEN) == 0)
            *awaited = rows[i].awaited;
    cp_free(r->node->mem, rows);
    return err;
}

void cp_serve_plan_show(struct cp_request *r)
{
    struct cp_desk d;
    struct cp_shown s;
    struct cp_buf out;
    bool awaited = false;
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    enum cp_err err = is_awaited(r, &awaited);
    if (err == CP_OK)
        err = cp_desk_open(&d, r->node, r->plan);
    if (err == CP_OK) {
        err = cp_shown_load(&s, &d, CP_RECORD_PLAN, r->plan, false);
        if (err == CP_OK) {
            cp_api_object(&out, 6);
            cp_api_key(&out, "plan");
            cp_api_hex(&out, r->plan, CP_ID_LEN);
            cp_api_key(&out, "title");
            cp_api_text(&out, cp_record_text(&s.state, CP_FIELD_TITLE, CP_BYTES(NULL, 0)));
            cp_api_key(&out, "fields");
            cp_put_fields(&s, &out);
            cp_api_key(&out, "wordings");
            cp_put_all_wordings(&d, &s, &out);
            cp_api_key(&out, "withdrawn");
            cp_put_withdrawn(&s, &out);
            cp_api_key(&out, "awaited");
            cp_api_bool(&out, awaited);
            cp_shown_clear(&s);
        }
        cp_desk_close(&d);
    }
    if (err == CP_OK)
        cp_reply_buf(r, &out);
    else
        cp_reply_error(r, err, NULL, NULL);
    cp_buf_clear(&out);
}
