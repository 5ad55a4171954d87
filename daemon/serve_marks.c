/* What has to be seen on actions: marks. Owns: these rows. Must not: judge (proto/check_marks.c), or write. */
#include <string.h>

#include "daemon/check_json.h"
#include "daemon/serve_check.h"

/* Leads or helps it, and is a person of this home. */
static bool is_mine(const struct cp_looking *k, const struct cp_model_item *action)
{
    const struct cp_keeper *keeper = k->r->node->keeper;
    for (size_t i = 0; i < cp_keeper_count(keeper); i++) {
        const uint8_t *me = cp_keeper_person(keeper, i)->person;
        if (cp_model_links(&action->r, CP_FIELD_LEAD, me) || cp_model_links(&action->r, CP_FIELD_HELPERS, me))
            return true;
    }
    return false;
}

static void put_people(const struct cp_looking *k, const struct cp_model_item *action, uint16_t field,
                       struct cp_buf *out)
{
    size_t count = 0;
    const struct cp_model_fact *f = cp_model_get(&action->r, field);
    for (const struct cp_model_fact *at = f; at != NULL; at = cp_model_next(&action->r, at))
        count += at->link != NULL ? 1 : 0;
    cp_api_list(out, count);
    for (; f != NULL; f = cp_model_next(&action->r, f)) {
        if (f->link == NULL)
            continue;
        cp_api_object(out, 2);
        cp_put_id(out, "person", f->link);
        cp_put_said(out, "name", cp_model_name(&k->l.m, f->link));
    }
}

static void send_marks(struct cp_looking *k, const struct cp_model_item *action)
{
    struct cp_checked c;
    struct cp_buf *out = &k->row;
    cp_checked_init(&c, k->d.mem);
    k->err = cp_check_marks(&c, &k->l.m, action);
    if (k->err == CP_OK && c.reasons_count > 0) {
        cp_api_object(out, 5);
        cp_put_item(out, "id", action);
        cp_put_truth(out, "mine", is_mine(k, action));
        cp_api_key(out, "helpers");
        put_people(k, action, CP_FIELD_HELPERS, out);
        cp_api_key(out, "reasons");
        cp_api_list(out, c.reasons_count);
        for (size_t i = 0; i < c.reasons_count; i++)
            cp_put_check_reason(out, &c.reasons[i]);
        cp_looking_send(k);
    }
    cp_checked_clear(&c);
}

void cp_serve_marks(struct cp_request *r)
{
    struct cp_looking k;
    if (!cp_looking_begin(&k, r))
        return;
    const struct cp_model_item *one =
        cp_arg(r, "id").len == 0 ? NULL : cp_looking_item(&k, "id", CP_RECORD_ACTION);
    bool mine = cp_api_member_true(&r->with, "mine");
    for (size_t i = 0; k.err == CP_OK && i < k.l.m.items_count; i++) {
        const struct cp_model_item *item = &k.l.m.items[i];
        if ((one == NULL || one == item) && item->r.kind == CP_RECORD_ACTION && (!mine || is_mine(&k, item)))
            send_marks(&k, item);
    }
    cp_looking_end(&k);
}
