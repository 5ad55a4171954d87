/*
 * Taking one's own words back: withdraw-words. Owns: whose words may go, and what is said when they may not.
 * Must not: erase (the store does, for whoever takes the WITHDRAW in), or sign (the keeper does).
 */
#include <string.h>

#include "daemon/serve_plan.h"

/* Own words, of an entry that may lose them. *again: they are gone already. */
static enum cp_err judge(const struct cp_request *r, const uint8_t *id, bool *again)
{
    struct cp_loaded l;
    enum cp_err err = cp_store_entry(r->node->store, r->plan, id, &l);
    if (err != CP_OK)
        return err;
    const struct cp_entry_info *info = &l.info[0];
    const struct cp_keeper_person *own = cp_keeper_person(r->node->keeper, r->person);
    *again = info->withdrawn;
    if (info->class == CP_CONTROL)
        err = CP_ERR_NO_WORDS;
    else if (!cp_withdraw_kind(info->kind))
        err = CP_ERR_FROZEN;
    else if (memcmp(info->person, own->person, CP_ID_LEN) != 0)
        err = CP_ERR_NOT_AUTHOR;
    else if (info->words.ptr != NULL && info->words.len == 0)
        err = CP_ERR_NO_WORDS;
    cp_loaded_clear(&l);
    return err;
}

/* A page's id is no entry, but people see it as one. */
static enum cp_err find(const struct cp_request *r, struct cp_bytes typed, uint8_t id[static CP_ID_LEN])
{
    uint8_t version[CP_ID_LEN];
    enum cp_err err = cp_node_find_entry(r->node, r->plan, typed, id);
    if (err == CP_ERR_NOT_FOUND && cp_node_find_version(r->node, r->plan, typed, version) == CP_OK)
        return CP_ERR_FROZEN;
    return err;
}

static enum cp_err withdraw(struct cp_request *r, const uint8_t id[static CP_ID_LEN],
                            uint8_t by[static CP_ID_LEN])
{
    struct cp_buf text, frame;
    uint8_t sig[CP_SIG_LEN], ids[1][CP_ID_LEN];
    memcpy(ids[0], id, CP_ID_LEN);
    cp_buf_init(&text, r->node->mem, CP_STATEMENT_MAX);
    cp_buf_init(&frame, r->node->mem, CP_ENTRY_MAX);
    enum cp_err err = cp_keeper_withdraw(r->node->keeper, r->person, r->seal, r->plan,
                                         (const uint8_t(*)[CP_ID_LEN])ids, 1, &text, sig);
    if (err == CP_OK) {
        cp_statement_frame_write(CP_KIND_WITHDRAW, (const uint8_t(*)[CP_ID_LEN])ids, 1, cp_buf_bytes(&text),
                                 sig, &frame);
        err = cp_buf_err(&frame);
    }
    if (err == CP_OK)
        err = cp_node_write_control(r, cp_buf_bytes(&frame), by);
    cp_buf_clear(&text);
    cp_buf_clear(&frame);
    return err;
}

void cp_serve_withdraw_words(struct cp_request *r)
{
    struct cp_bytes typed = cp_arg(r, "entry");
    struct cp_buf out;
    uint8_t id[CP_ID_LEN], by[CP_ID_LEN];
    bool again = false;
    enum cp_err err = find(r, typed, id);
    if (err == CP_OK)
        err = judge(r, id, &again);
    if (err == CP_OK && !again)
        err = withdraw(r, id, by);
    if (err != CP_OK) {
        cp_reply_about(r, err, typed);
        return;
    }
    cp_buf_init(&out, r->node->mem, CP_API_MESSAGE_MAX);
    cp_api_object(&out, 2);
    cp_api_key(&out, "entry");
    cp_api_hex(&out, id, CP_ID_LEN);
    cp_api_key(&out, "statement");
    if (again)
        cp_api_null(&out);
    else
        cp_api_hex(&out, by, CP_ID_LEN);
    cp_reply_buf(r, &out);
    cp_buf_clear(&out);
}
