/* Needs and strengths side by side (capability 6). Owns: these rows. Must not: judge (proto/check_shared.c), or write. */
#include <stdlib.h>
#include <string.h>

#include "daemon/check_json.h"
#include "daemon/serve_check.h"

/* Whom needs and strengths are about: a group, or a person; without either whoever says it. */
struct subject {
    struct cp_bytes group; /* empty: a person */
    const uint8_t *person;
};

static struct subject subject_of(const struct cp_model_item *item)
{
    struct subject s = {.group = cp_model_text(&item->r, CP_M_ABOUT_GROUP)};
    s.person = cp_model_link(&item->r, CP_M_ABOUT_PERSON);
    if (s.person == NULL)
        s.person = cp_model_owner(item);
    return s;
}

/* People by id, then groups by their words. */
static int by_subject(const void *a, const void *b)
{
    const struct subject *x = a, *y = b;
    if (x->group.len > 0 || y->group.len > 0)
        return cp_bytes_cmp(x->group, y->group);
    return memcmp(x->person, y->person, CP_ID_LEN);
}

static bool is_listed(const struct cp_model_item *item)
{
    enum cp_record kind = item->r.kind;
    return (kind == CP_RECORD_NEED || kind == CP_RECORD_STRENGTH || kind == CP_RECORD_RESOURCE) &&
           !cp_model_state_in(item, "set aside|taken back");
}

struct beside {
    struct subject about;
    const struct cp_model_item *item;
};

/* One subject's stand together, in the plan's order. */
static int by_place(const void *a, const void *b)
{
    const struct beside *x = a, *y = b;
    int order = by_subject(&x->about, &y->about);
    return order != 0 ? order : (x->item->place > y->item->place) - (x->item->place < y->item->place);
}

static void put_list(const char *key, bool needs, const struct beside *rows, size_t count, struct cp_buf *out)
{
    size_t listed = 0;
    for (size_t i = 0; i < count; i++)
        listed += (rows[i].item->r.kind == CP_RECORD_NEED) == needs ? 1 : 0;
    cp_api_key(out, key);
    cp_api_list(out, listed);
    for (size_t i = 0; i < count; i++) {
        if ((rows[i].item->r.kind == CP_RECORD_NEED) != needs)
            continue;
        cp_api_object(out, 3);
        cp_put_item(out, "id", rows[i].item);
        cp_api_key(out, "kind");
        cp_api_cstr(out, cp_record_word(rows[i].item->r.kind));
    }
}

static void send_subject(struct cp_looking *k, const struct beside *rows, size_t count)
{
    const struct subject *about = &rows[0].about;
    struct cp_buf *out = &k->row;
    bool group = about->group.len > 0;
    cp_api_object(out, 5);
    cp_put_id(out, "person", group ? NULL : about->person);
    cp_put_said(out, "name", group ? CP_BYTES(NULL, 0) : cp_model_name(&k->l.m, about->person));
    cp_put_said(out, "group", about->group);
    put_list("needs", true, rows, count, out);
    put_list("strengths", false, rows, count, out);
    cp_looking_send(k);
}

void cp_serve_strengths(struct cp_request *r)
{
    struct cp_looking k;
    size_t count = 0;
    if (!cp_looking_begin(&k, r))
        return;
    struct beside *rows = cp_alloc_array(r->node->mem, k.l.m.items_count + 1, sizeof *rows);
    k.err = rows == NULL ? CP_ERR_NO_MEMORY : k.err;
    for (size_t i = 0; k.err == CP_OK && i < k.l.m.items_count; i++)
        if (is_listed(&k.l.m.items[i]))
            rows[count++] = (struct beside){subject_of(&k.l.m.items[i]), &k.l.m.items[i]};
    if (count > 1)
        qsort(rows, count, sizeof *rows, by_place);
    for (size_t i = 0, next = 0; k.err == CP_OK && i < count; i = next) {
        while (next < count && by_subject(&rows[i].about, &rows[next].about) == 0)
            next++;
        send_subject(&k, &rows[i], next - i);
    }
    cp_free(r->node->mem, rows);
    cp_looking_end(&k);
}
