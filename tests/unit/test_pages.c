/* Stored version texts and who stands on them: a flood of broken ones, and a name that only its person can settle. */
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/serve_agree.h"
#include "tests/support/group.h"
#include "tests/support/heap.h"

struct table {
    const char *folder;
    struct someone asha, ben;
    struct cp_node node;
    struct cp_store *store;
    uint8_t plan[CP_ID_LEN];
};

static void table_lay(struct table *t)
{
    memset(t, 0, sizeof *t);
    t->folder = folder_make();
    someone_make(&t->asha, 1);
    someone_make(&t->ben, 2);
    t->store = store_at(in_folder(t->folder, "plan.db"), 1, NULL);
    group_found(t->store, &t->asha, t->plan);
    group_add(t->store, &t->asha, t->plan, &t->ben, 1);
    t->node.mem = test_mem();
    t->node.store = t->store;
}

static void write_version(struct table *t, const uint8_t *version, uint8_t (*parts)[CP_ID_LEN], size_t count,
                          uint8_t entry[CP_ID_LEN])
{
    struct cp_draft d;
    cp_draft_init(&d, test_mem(), CP_KIND_VERSION, CP_STAGE_AGREEMENT, NULL);
    (void)cp_draft_name(&d, version);
    for (size_t i = 0; i < count; i++)
        (void)cp_draft_name(&d, parts[i]);
    cr_assert_eq(group_write(t->store, &t->ben, t->plan, &d, entry), CP_OK);
}

static void write_part(struct table *t, struct cp_bytes bytes, uint8_t id[CP_ID_LEN])
{
    struct cp_draft d;
    cp_draft_init(&d, test_mem(), CP_KIND_PART, 0, NULL);
    cp_draft_value(&d, bytes, false);
    cr_assert_eq(group_write(t->store, &t->ben, t->plan, &d, id), CP_OK);
}

static size_t pages(struct table *t)
{
    struct cp_desk d;
    struct cp_pages p;
    cr_assert_eq(cp_desk_open(&d, &t->node, t->plan), CP_OK);
    cr_assert_eq(cp_pages_list(&p, &d, CP_BYTES(NULL, 0)), CP_OK);
    size_t count = p.count;
    cp_pages_clear(&p);
    cp_desk_close(&d);
    return count;
}

/* The key under which a broken page is remembered, as this machine's note. */
static bool remembered(struct table *t, const uint8_t entry[CP_ID_LEN])
{
    char key[12 + 2 * CP_ID_LEN + 1] = "broken page ";
    struct cp_buf note;
    cp_hex_encode(entry, CP_ID_LEN, key + 12);
    cp_buf_init(&note, test_mem(), 64);
    bool found = cp_store_note_get(t->store, key, &note) == CP_OK;
    cp_buf_clear(&note);
    return found;
}

Test(pages, one_that_can_never_be_whole_is_joined_once)
{
    struct table t;
    uint8_t part[1][CP_ID_LEN], entry[CP_ID_LEN], elsewhere[CP_ID_LEN], version[CP_ID_LEN], missing[1][CP_ID_LEN];
    table_lay(&t);
    write_part(&t, cp_bytes_str("not a page\n"), part[0]);
    memset(version, 9, sizeof version); /* no SHA-256 of these bytes */
    write_version(&t, version, part, 1, entry);
    memset(missing[0], 7, CP_ID_LEN); /* a part that may still come: nothing is decided */
    write_version(&t, version, missing, 1, elsewhere);
    cr_expect_eq(pages(&t), 0);
    cr_expect(remembered(&t, entry));
    cr_expect(!remembered(&t, elsewhere));
    cr_expect_eq(pages(&t), 0);
    cp_version_id(cp_bytes_str("not a page\n"), version); /* the right id: whole, though no page that counts */
    write_version(&t, version, part, 1, entry);
    cr_expect_eq(pages(&t), 1);
    cr_expect(!remembered(&t, entry));
    cp_store_close(t.store);
    folder_remove(t.folder);
}

static void call_oneself(struct table *t, struct someone *who, const char *name)
{
    struct cp_draft d;
    uint8_t entry[CP_ID_LEN];
    cp_draft_init(&d, test_mem(), CP_KIND_PERSON, 0, who->person);
    cp_draft_text(&d, CP_FIELD_NAME, CP_BYTES(NULL, 0), cp_bytes_str(name));
    cr_assert_eq(group_write(t->store, who, t->plan, &d, entry), CP_OK);
}

Test(pages, a_name_in_dispute_keeps_nobody_from_freezing)
{
    struct table t;
    struct cp_desk d;
    struct cp_gathered g;
    struct cp_buf name, joined;
    table_lay(&t);
    cp_buf_init(&name, test_mem(), CP_NAME_MAX);
    cp_buf_init(&joined, test_mem(), CP_NAME_MAX);
    cr_assert_eq(cp_node_name(&t.node, t.plan, t.ben.person, &joined), CP_OK);
    call_oneself(&t, &t.ben, "Benny");
    cr_assert_eq(cp_node_name(&t.node, t.plan, t.ben.person, &name), CP_OK);
    cr_expect(cp_bytes_eq(cp_buf_bytes(&name), cp_bytes_str("Benny")));
    call_oneself(&t, &t.ben, "Benjamin"); /* names no write as replaced, as on two machines apart */
    cp_buf_reset(&name);
    cr_assert_eq(cp_node_name(&t.node, t.plan, t.ben.person, &name), CP_OK);
    cr_expect(cp_bytes_eq(cp_buf_bytes(&name), cp_buf_bytes(&joined)), "the JOIN's name until Ben chooses");
    cr_assert_eq(cp_desk_open(&d, &t.node, t.plan), CP_OK);
    cr_assert_eq(cp_gather(&g, &d, CP_STAGE_AGREEMENT, false), CP_OK);
    cr_expect_eq(g.wordings, 0);
    cp_gathered_clear(&g);
    cp_desk_close(&d);
    cp_buf_clear(&name);
    cp_buf_clear(&joined);
    cp_store_close(t.store);
    folder_remove(t.folder);
}
