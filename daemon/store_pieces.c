/* Attachments' pieces: kept sealed, found by their entry, dropped with its words. Must not: know sessions. */
#include "daemon/store_pieces.h"

#include "daemon/store_internal.h"

/* ---- The entry ---- */

/* The entry in this plan, with its words opened into slot 1. NOT_FOUND as said in the header. */
static enum cp_err open_entry(struct cp_store *s, const struct cp_store_plan *p, const uint8_t *id,
                              struct cp_attachment *out)
{
    struct cp_known known;
    struct cp_bytes frame = {NULL, 0}, words = {NULL, 0};
    uint8_t held[CP_ID_LEN];
    uint64_t person;
    bool found = false, is_void = false;
    enum cp_err err = s->key == NULL ? CP_ERR_LOCKED : cp_known_by_id(s, p->num, id, &known, &found);
    if (err == CP_OK && !found)
        return CP_ERR_NOT_FOUND;
    if (err == CP_OK)
        err = cp_void_has(s, known.row, &is_void);
    if (err == CP_OK && (is_void || known.wanted))
        return CP_ERR_NOT_FOUND;
    if (err == CP_OK)
        err = cp_open_row(s, known.row, 1, held, &person, &frame, &words);
    if (err != CP_OK)
        return err == CP_ERR_DAMAGED_STORE ? CP_ERR_NOT_FOUND : err;
    bool said = words.ptr != NULL && cp_frame_kind(frame) == CP_KIND_ATTACHMENT &&
                cp_attachment_read(words, out) == CP_OK;
    return said ? CP_OK : CP_ERR_NOT_FOUND;
}

/* ---- The rows ---- */

struct row {
    uint64_t num; /* 0: none */
    struct cp_pieces_held held;
};

static enum cp_err row_of(struct cp_store *s, const uint8_t *id, struct row *out)
{
    sqlite3_stmt *st = NULL;
    bool found = false;
    *out = (struct row){.num = 0};
    enum cp_err err = cp_sql_one(s, CP_SQL_ATTACHMENT_GET, &st, &found, "b", id, (size_t)CP_ID_LEN);
    if (err != CP_OK || !found)
        return err;
    out->num = cp_col_u64(st, 0);
    out->held = (struct cp_pieces_held){.wished = cp_col_u64(st, 1) != 0,
                                        .bytes = cp_col_u64(st, 2),
                                        .pieces = (size_t)cp_col_u64(st, 3),
                                        .whole = cp_col_u64(st, 4) != 0};
    cp_sql_done(st);
    return CP_OK;
}

static enum cp_err row_make(struct cp_store *s, const uint8_t *id, struct row *out)
{
    enum cp_err err = row_of(s, id, out);
    if (err != CP_OK || out->num != 0)
        return err;
    err = cp_sql_run(s, CP_SQL_ATTACHMENT_ADD, "b", id, (size_t)CP_ID_LEN);
    return err == CP_OK ? row_of(s, id, out) : err;
}

/* whole_pieces: how many make it whole; 0: it is not now. */
static enum cp_err recount(struct cp_store *s, uint64_t num, size_t whole_pieces)
{
    return cp_sql_run(s, CP_SQL_ATTACHMENT_COUNT, "iiiii", num, num, num, (uint64_t)whole_pieces, num);
}

uint64_t cp_pieces_left(size_t size, const struct cp_pieces_held *held)
{
    return held->bytes < size ? size - held->bytes : 0;
}

enum cp_err cp_store_pieces_held(struct cp_store *s, const uint8_t id[static CP_ID_LEN],
                                 struct cp_pieces_held *out)
{
    struct row row;
    enum cp_err err = row_of(s, id, &row);
    *out = row.held;
    return err;
}

enum cp_err cp_pieces_drop(struct cp_store *s, const uint8_t id[static CP_ID_LEN])
{
    struct row row;
    enum cp_err err = row_of(s, id, &row);
    if (err != CP_OK || row.num == 0)
        return err;
    s->erased = true;
    err = cp_sql_run(s, CP_SQL_PIECES_CUT, "i", row.num);
    return err == CP_OK ? cp_sql_run(s, CP_SQL_ATTACHMENT_CUT, "i", row.num) : err;
}

/* ---- Settings ---- */

#define PICTURES "pictures."
#define KEY_LEN  (sizeof PICTURES + 2 * CP_ID_LEN)

static const char *setting_key(const uint8_t *plan, char out[static KEY_LEN])
{
    memcpy(out, PICTURES, sizeof PICTURES);
    cp_hex_encode(plan, CP_ID_LEN, out + sizeof PICTURES - 1);
    return out;
}

enum cp_err cp_store_pictures_get(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                  struct cp_pictures_setting *out)
{
    char key[KEY_LEN];
    struct cp_buf note;
    *out = (struct cp_pictures_setting){.room_mib = CP_PICTURES_ROOM_MIB};
    cp_buf_init(&note, &s->mem, 64);
    enum cp_err err = cp_store_note_get(s, setting_key(plan, key), &note);
    if (err == CP_OK) {
        struct cp_cursor c;
        cp_cursor_init(&c, cp_buf_bytes(&note), 8);
        (void)cp_get_array(&c, 2, 2);
        bool all = cp_get_uint(&c, 1) == 1;
        uint64_t room = cp_get_uint(&c, CP_PICTURES_ROOM_MIB_MAX);
        if (cp_cursor_end(&c) == CP_OK)
            *out = (struct cp_pictures_setting){.all = all, .room_mib = room};
    }
    cp_buf_clear(&note);
    return err == CP_ERR_NOT_FOUND ? CP_OK : err;
}

enum cp_err cp_store_pictures_set(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                  const struct cp_pictures_setting *setting)
{
    char key[KEY_LEN];
    struct cp_buf note;
    cp_buf_init(&note, &s->mem, 64);
    cp_put_array(&note, 2);
    cp_put_uint(&note, setting->all);
    cp_put_uint(&note, setting->room_mib);
    enum cp_err err = cp_buf_err(&note);
    if (err == CP_OK)
        err = cp_store_note_set(s, setting_key(plan, key), cp_buf_bytes(&note));
    cp_buf_clear(&note);
    return err;
}

static enum cp_err used_by(struct cp_store *s, uint64_t plan, uint64_t *bytes)
{
    sqlite3_stmt *st = NULL;
    bool found = false;
    *bytes = 0;
    enum cp_err err =
        cp_sql_one(s, CP_SQL_PIECES_USED, &st, &found, "ii", plan, (uint64_t)CP_KIND_ATTACHMENT);
    if (err == CP_OK && found) {
        *bytes = cp_col_u64(st, 0);
        cp_sql_done(st);
    }
    return err;
}

enum cp_err cp_store_pictures_room(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                   struct cp_pictures_room *out)
{
    struct cp_store_plan p;
    *out = (struct cp_pictures_room){.used = 0};
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = cp_store_pictures_get(s, plan, &out->setting);
    if (err == CP_OK)
        err = used_by(s, p.num, &out->used);
    uint64_t room = out->setting.room_mib * 1024 * 1024;
    out->left = room > out->used ? room - out->used : 0;
    return err;
}

bool cp_store_pieces_any(struct cp_store *s)
{
    bool found = false;
    return cp_sql_has(s, CP_SQL_LISTED_ANY, &found, "i", (uint64_t)CP_KIND_ATTACHMENT) == CP_OK && found;
}

/* ---- Pieces ---- */

static void piece_name(const struct cp_attachment *a, const uint8_t *id, uint64_t number,
                       uint8_t out[static CP_ID_LEN])
{
    struct cp_hasher h;
    cp_hash_init(&h, CP_TAG_STORE_PIECE, CP_ID_LEN);
    cp_hash_add(&h, a->salt, CP_SALT_LEN);
    cp_hash_add(&h, id, CP_ID_LEN);
    cp_hash_add_u64(&h, number);
    cp_hash_end(&h, out, CP_ID_LEN);
}

/* What is read from the disk must be what the entry names: false for anything else. Appends to `out` what was opened. */
static enum cp_err open_piece(struct cp_store *s, const struct cp_attachment *a, const uint8_t *id,
                              uint64_t num, uint64_t number, struct cp_buf *out, bool *found, bool *good)
{
    sqlite3_stmt *st = NULL;
    uint8_t name[CP_ID_LEN];
    size_t before = out->len;
    *good = false;
    enum cp_err err = cp_sql_one(s, CP_SQL_PIECE_GET, &st, found, "ii", num, number);
    if (err != CP_OK || !*found)
        return err;
    piece_name(a, id, number, name);
    err = cp_store_open_sealed(s, name, CP_COLUMN_PIECE, cp_col_blob(st, 0), out);
    cp_sql_done(st);
    if (err == CP_OK)
        *good = cp_piece_fits(a, number, CP_BYTES(out->ptr + before, out->len - before));
    return err == CP_ERR_DAMAGED_STORE ? CP_OK : err;
}

static enum cp_err drop_piece(struct cp_store *s, uint64_t num, uint64_t number)
{
    bool own;
    enum cp_err err = cp_store_enter(s, &own);
    if (err != CP_OK)
        return err;
    err = cp_sql_run(s, CP_SQL_PIECE_CUT, "ii", num, number);
    if (err == CP_OK)
        err = recount(s, num, 0);
    return cp_store_leave(s, own, err);
}

static enum cp_err keep(struct cp_store *s, const struct cp_store_plan *p, const uint8_t *id, uint64_t number,
                        struct cp_bytes bytes)
{
    struct cp_attachment a;
    struct row row;
    struct cp_pictures_room room;
    uint8_t name[CP_ID_LEN];
    enum cp_err err = open_entry(s, p, id, &a);
    if (err == CP_OK && !cp_piece_fits(&a, number, bytes))
        err = CP_ERR_BAD_PIECE;
    if (err == CP_OK) {
        piece_name(&a, id, number, name);
        err = cp_store_pictures_room(s, p->id, &room);
    }
    if (err == CP_OK && bytes.len > room.left)
        err = CP_ERR_PICTURES_FULL;
    if (err == CP_OK)
        err = row_make(s, id, &row);
    cp_buf_reset(&s->sealed);
    if (err == CP_OK)
        err = cp_store_seal(s, name, CP_COLUMN_PIECE, bytes, &s->sealed);
    if (err == CP_OK)
        err = cp_sql_run(s, CP_SQL_PIECE_ADD, "iib", row.num, number, s->sealed.ptr, s->sealed.len);
    return err == CP_OK ? recount(s, row.num, a.pieces) : err;
}

enum cp_err cp_store_piece_keep(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                const uint8_t id[static CP_ID_LEN], uint64_t number, struct cp_bytes bytes)
{
    struct cp_store_plan p;
    bool own = false;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = cp_store_enter(s, &own);
    return err == CP_OK ? cp_store_leave(s, own, keep(s, &p, id, number, bytes)) : err;
}

enum cp_err cp_store_piece_read(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                const uint8_t id[static CP_ID_LEN], uint64_t number, struct cp_buf *out,
                                bool *found)
{
    struct cp_store_plan p;
    struct cp_attachment a;
    struct row row;
    bool good = false;
    *found = false;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = open_entry(s, &p, id, &a);
    if (err == CP_OK)
        err = row_of(s, id, &row);
    if (err != CP_OK || row.num == 0)
        return err;
    size_t before = out->len;
    err = open_piece(s, &a, id, row.num, number, out, found, &good);
    if (err == CP_OK && *found && !good) {
        out->len = before;
        *found = false;
        err = drop_piece(s, row.num, number);
    }
    return err;
}

enum cp_err cp_store_piece_wish(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                const uint8_t id[static CP_ID_LEN])
{
    struct cp_store_plan p;
    struct cp_attachment a;
    struct row row;
    bool own = false;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = cp_store_enter(s, &own);
    if (err != CP_OK)
        return err;
    err = open_entry(s, &p, id, &a);
    if (err == CP_OK)
        err = row_make(s, id, &row);
    if (err == CP_OK)
        err = cp_sql_run(s, CP_SQL_ATTACHMENT_WISH, "i", row.num);
    return cp_store_leave(s, own, err);
}

enum cp_err cp_store_pieces_copy(struct cp_store *s, const uint8_t from_plan[static CP_ID_LEN],
                                 const uint8_t from[static CP_ID_LEN], const uint8_t plan[static CP_ID_LEN],
                                 const uint8_t id[static CP_ID_LEN])
{
    struct cp_pieces_held held;
    struct cp_buf piece;
    enum cp_err err = cp_store_pieces_held(s, from, &held);
    if (err == CP_OK && held.wished)
        err = cp_store_piece_wish(s, plan, id);
    cp_buf_init(&piece, &s->mem, CP_PIECE_LEN);
    for (uint64_t i = 0; i < CP_PIECES_MAX && held.pieces > 0 && err == CP_OK; i++) {
        bool found = false;
        cp_buf_reset(&piece);
        err = cp_store_piece_read(s, from_plan, from, i, &piece, &found);
        if (err == CP_OK && found)
            err = cp_store_piece_keep(s, plan, id, i, cp_buf_bytes(&piece));
    }
    if (piece.ptr != NULL)
        sodium_memzero(piece.ptr, piece.cap);
    cp_buf_clear(&piece);
    return err == CP_ERR_PICTURES_FULL || err == CP_ERR_NOT_FOUND ? CP_OK : err;
}

enum cp_err cp_store_piece_use(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                               const uint8_t id[static CP_ID_LEN], uint64_t number, enum cp_piece_use *out)
{
    struct cp_store_plan p;
    struct cp_attachment a;
    struct row row;
    struct cp_pictures_room room;
    bool here = false;
    *out = CP_PIECE_UNASKED;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = open_entry(s, &p, id, &a);
    if (err == CP_OK)
        err = row_of(s, id, &row);
    if (err == CP_OK)
        err = cp_store_pictures_room(s, plan, &room);
    if (err == CP_OK && row.num != 0)
        err = cp_sql_has(s, CP_SQL_PIECE_GET, &here, "ii", row.num, number);
    if (err != CP_OK)
        return err;
    bool fits = cp_pieces_left(a.size, &row.held) <= room.left;
    *out = here                                    ? CP_PIECE_HERE
           : !row.held.wished && !room.setting.all ? CP_PIECE_UNASKED
           : !fits                                 ? CP_PIECE_NO_ROOM
                                                   : CP_PIECE_WANTED;
    return CP_OK;
}

enum cp_err cp_store_pieces_here(struct cp_store *s, const uint8_t plan[static CP_ID_LEN],
                                 uint8_t (**ids)[CP_ID_LEN], size_t *count)
{
    struct cp_store_plan p;
    sqlite3_stmt *st = NULL;
    void *list = NULL;
    size_t cap = 0;
    bool row = true;
    *count = 0;
    enum cp_err err = cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = cp_sql_open(s, CP_SQL_PIECES_HERE, &st, "ii", p.num, (uint64_t)CP_KIND_ATTACHMENT);
    while (err == CP_OK && row) {
        err = cp_sql_step(s, st, &row);
        if (err == CP_OK && row)
            err = cp_grow(&s->mem, &list, &cap, *count + 1, SIZE_MAX / CP_ID_LEN, CP_ID_LEN);
        if (err == CP_OK && row && !cp_col_fixed(st, 0, ((uint8_t(*)[CP_ID_LEN])list)[(*count)++], CP_ID_LEN))
            err = CP_ERR_DAMAGED_STORE;
    }
    if (row)
        cp_sql_done(st);
    if (err != CP_OK) {
        cp_free(&s->mem, list);
        list = NULL;
        *count = 0;
    }
    *ids = list;
    return err;
}

/* ---- The scrub ---- */

struct place {
    uint64_t num, number;
    uint8_t id[CP_ID_LEN];
};

static enum cp_err next_place(struct cp_store *s, struct place *at, bool *found)
{
    sqlite3_stmt *st = NULL;
    enum cp_err err = cp_sql_one(s, CP_SQL_PIECE_NEXT, &st, found, "ii", at->num, at->number);
    if (err != CP_OK || !*found)
        return err;
    at->num = cp_col_u64(st, 0);
    at->number = cp_col_u64(st, 1);
    err = cp_col_fixed(st, 2, at->id, CP_ID_LEN) ? CP_OK : CP_ERR_DAMAGED_STORE;
    cp_sql_done(st);
    return err;
}

/* An entry stands in every plan that holds it; any of them says what its pieces are. NOT_FOUND: none does. */
static enum cp_err open_anywhere(struct cp_store *s, const uint8_t *id, struct cp_attachment *out)
{
    struct cp_rows rows = {0};
    sqlite3_stmt *st = NULL;
    enum cp_err found = CP_ERR_NOT_FOUND;
    enum cp_err err = cp_sql_open(s, CP_SQL_ENTRY_ROWS, &st, "b", id, (size_t)CP_ID_LEN);
    if (err == CP_OK)
        err = cp_rows_of(s, st, &rows);
    for (size_t i = 0; i < rows.count && err == CP_OK && found != CP_OK; i++) {
        struct cp_bytes frame, words;
        uint8_t held[CP_ID_LEN];
        uint64_t person;
        err = cp_open_row(s, rows.at[i], 1, held, &person, &frame, &words);
        if (err == CP_OK && words.ptr != NULL && cp_attachment_read(words, out) == CP_OK)
            found = CP_OK;
        err = err == CP_ERR_DAMAGED_STORE ? CP_OK : err;
    }
    cp_rows_clear(s, &rows);
    return err != CP_OK ? err : found;
}

static enum cp_err scrub_one(struct cp_store *s, const struct place *at, struct cp_buf *plain, bool *bad)
{
    struct cp_attachment a;
    bool found = false, good = false;
    *bad = false;
    enum cp_err err = open_anywhere(s, at->id, &a);
    if (err == CP_ERR_NOT_FOUND) /* a damaged entry comes home by itself, and its pieces may be good */
        return CP_OK;
    cp_buf_reset(plain);
    if (err == CP_OK)
        err = open_piece(s, &a, at->id, at->num, at->number, plain, &found, &good);
    *bad = err == CP_OK && found && !good;
    return *bad ? drop_piece(s, at->num, at->number) : err;
}

enum cp_err cp_store_pieces_scrub(struct cp_store *s, size_t most, size_t *damaged)
{
    struct place at = {.num = s->scrub_attachment, .number = s->scrub_piece};
    struct cp_buf plain;
    bool found = true, own;
    *damaged = 0;
    if (s->key == NULL)
        return CP_ERR_LOCKED;
    enum cp_err err = cp_store_enter(s, &own);
    if (err != CP_OK)
        return err;
    cp_buf_init(&plain, &s->mem, CP_PIECE_LEN);
    for (size_t i = 0; i < most && err == CP_OK && found; i++) {
        bool bad = false;
        err = next_place(s, &at, &found);
        if (err == CP_OK && found)
            err = scrub_one(s, &at, &plain, &bad);
        *damaged += bad ? 1 : 0;
    }
    if (plain.ptr != NULL)
        sodium_memzero(plain.ptr, plain.cap);
    cp_buf_clear(&plain);
    s->scrub_attachment = found ? at.num : 0; /* round again */
    s->scrub_piece = found ? at.number : 0;
    return cp_store_leave(s, own, err);
}

/* ---- For sessions ---- */

/* The first missing piece from `number` on; a->pieces when there is none. */
static enum cp_err first_missing(struct cp_store *s, uint64_t num, uint64_t number, uint64_t *out)
{
    struct cp_rows here = {0};
    sqlite3_stmt *st = NULL;
    enum cp_err err = cp_sql_open(s, CP_SQL_PIECE_NUMBERS, &st, "ii", num, number);
    if (err == CP_OK)
        err = cp_rows_of(s, st, &here);
    *out = number;
    for (size_t i = 0; i < here.count && here.at[i] == *out; i++)
        (*out)++;
    cp_rows_clear(s, &here);
    return err;
}

/* The next attachment that is wished for and not whole, from a place on. */
static enum cp_err next_wished(struct cp_store *s, const struct cp_store_plan *p, bool all,
                               const struct cp_piece_place *from, struct cp_piece_place *at, uint8_t *id,
                               bool *found)
{
    sqlite3_stmt *st = NULL;
    enum cp_err err = cp_sql_one(s, CP_SQL_WISHED_NEXT, &st, found, "iiiii", p->num,
                                 (uint64_t)CP_KIND_ATTACHMENT, from->lamport, from->row, (uint64_t)all);
    if (err != CP_OK || !*found)
        return err;
    *at = (struct cp_piece_place){.lamport = cp_col_u64(st, 0), .row = cp_col_u64(st, 1)};
    err = cp_col_fixed(st, 2, id, CP_ID_LEN) ? CP_OK : CP_ERR_DAMAGED_STORE;
    cp_sql_done(st);
    return err;
}

/* One attachment looked at: is a piece of it to be fetched, from at->number on? One that does not fit whole is not begun. */
static enum cp_err piece_of(struct cp_store *s, const struct cp_store_plan *p, struct cp_piece_want *want,
                            bool *found)
{
    struct cp_attachment a;
    struct row row;
    struct cp_pictures_room room;
    uint64_t number = want->place.number;
    *found = false;
    enum cp_err err = open_entry(s, p, want->id, &a);
    if (err == CP_ERR_NOT_FOUND)
        return CP_OK;
    if (err == CP_OK)
        err = row_of(s, want->id, &row);
    if (err == CP_OK && row.num != 0 && number < a.pieces)
        err = first_missing(s, row.num, number, &number);
    if (err != CP_OK || number >= a.pieces)
        return err;
    want->place.number = number;
    want->len = cp_piece_len(a.size, number);
    memcpy(want->hash, a.hashes + number * CP_ID_LEN, CP_ID_LEN);
    err = cp_store_pictures_room(s, p->id, &room);
    *found = err == CP_OK && cp_pieces_left(a.size, &row.held) <= room.left;
    return err;
}

static enum cp_err pieces_next(void *ctx, const uint8_t plan[CP_ID_LEN], const struct cp_piece_place *from,
                               struct cp_piece_want *out, bool *found)
{
    struct cp_store *s = ctx;
    struct cp_store_plan p;
    struct cp_pictures_setting setting = {.all = false};
    struct cp_piece_place at = *from;
    bool row = true;
    *found = false;
    enum cp_err err = s->key == NULL ? CP_ERR_LOCKED : cp_store_plan_by_id(s, plan, &p);
    if (err == CP_OK)
        err = cp_store_pictures_get(s, plan, &setting);
    while (err == CP_OK && !*found) {
        struct cp_piece_place next;
        err = next_wished(s, &p, setting.all, &at, &next, out->id, &row);
        if (err != CP_OK || !row)
            break;
        if (next.lamport == from->lamport && next.row == from->row)
            next.number = from->number;
        out->place = next;
        err = piece_of(s, &p, out, found);
        at = (struct cp_piece_place){.lamport = next.lamport, .row = next.row + 1};
    }
    return err;
}

static enum cp_err pieces_any(void *ctx, bool *yes)
{
    struct cp_store *s = ctx;
    struct cp_rows plans = {0};
    sqlite3_stmt *st = NULL;
    *yes = false;
    enum cp_err err = cp_sql_open(s, CP_SQL_PLANS_HELD, &st, "");
    if (err == CP_OK)
        err = cp_rows_of(s, st, &plans);
    for (size_t i = 0; i < plans.count && err == CP_OK && !*yes; i++) {
        const struct cp_piece_place from = {.number = 0};
        struct cp_piece_want want;
        struct cp_store_plan p;
        err = cp_store_plan_by_num(s, plans.at[i], &p);
        if (err == CP_OK)
            err = pieces_next(s, p.id, &from, &want, yes);
    }
    cp_rows_clear(s, &plans);
    return err;
}

static enum cp_err pieces_read(void *ctx, const uint8_t plan[CP_ID_LEN], const uint8_t id[CP_ID_LEN],
                               uint64_t number, struct cp_buf *out, bool *found)
{
    enum cp_err err = cp_store_piece_read(ctx, plan, id, number, out, found);
    *found = *found && err == CP_OK;
    return err == CP_ERR_NOT_FOUND ? CP_OK : err;
}

void cp_pieces_init(struct cp_store *s)
{
    s->pieces = (struct cp_pieces){.ctx = s, .any = pieces_any, .next = pieces_next, .read = pieces_read};
}
