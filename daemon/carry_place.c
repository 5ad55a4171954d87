/* Which carriers are used, and what is remembered of their piles. See carry.h. Must not: call anybody. */
#include <stdio.h>
#include <string.h>

#include "daemon/carry.h"
#include "daemon/home.h"

#define PLACES_NOTE  "carriers"
#define NOTE_MAX     (1024U * 1024U)
#define PLACE_VALUES 3U

enum cp_err cp_carry_places_get(struct cp_node *node, struct cp_carry_places *out)
{
    struct cp_buf note;
    struct cp_cursor c;
    memset(out, 0, sizeof *out);
    cp_buf_init(&note, node->mem, NOTE_MAX);
    enum cp_err err = cp_store_note_get(node->store, PLACES_NOTE, &note);
    if (err == CP_OK) {
        cp_cursor_init(&c, cp_buf_bytes(&note), PLACE_VALUES * CP_CARRY_PLACES_MAX + 1);
        size_t count = cp_get_array(&c, 0, (size_t)PLACE_VALUES * CP_CARRY_PLACES_MAX) / PLACE_VALUES;
        for (size_t i = 0; i < count && c.err == CP_OK; i++) {
            struct cp_carry_place *p = &out->list[i];
            cp_get_fixed(&c, p->plan, sizeof p->plan);
            cp_get_fixed(&c, p->carrier, sizeof p->carrier);
            struct cp_bytes address = cp_get_str(&c, sizeof p->address - 1);
            if (c.err == CP_OK && address.len > 0)
                memcpy(p->address, address.ptr, address.len);
            out->count += c.err == CP_OK ? 1 : 0;
        }
    }
    cp_buf_clear(&note);
    return err == CP_ERR_NOT_FOUND ? CP_OK : err;
}

enum cp_err cp_carry_places_set(struct cp_node *node, const struct cp_carry_places *places)
{
    struct cp_buf note;
    cp_buf_init(&note, node->mem, NOTE_MAX);
    cp_put_array(&note, PLACE_VALUES * places->count);
    for (size_t i = 0; i < places->count; i++) {
        cp_put_fixed(&note, places->list[i].plan, CP_ID_LEN);
        cp_put_fixed(&note, places->list[i].carrier, CP_KEY_LEN);
        cp_put_cstr(&note, places->list[i].address);
    }
    enum cp_err err = cp_buf_err(&note);
    if (err == CP_OK)
        err = cp_store_note_set(node->store, PLACES_NOTE, cp_buf_bytes(&note));
    cp_buf_clear(&note);
    return err;
}

enum cp_err cp_carry_address(struct cp_bytes typed, struct cp_carry_place *out)
{
    const uint8_t *hash = typed.len == 0 ? NULL : memchr(typed.ptr, '#', typed.len);
    size_t len = hash == NULL ? 0 : (size_t)(hash - typed.ptr);
    if (hash == NULL || len >= sizeof out->address || memchr(typed.ptr, '\0', typed.len) != NULL ||
        !cp_hex_decode(CP_BYTES(hash + 1, typed.len - len - 1), out->carrier, sizeof out->carrier))
        return CP_ERR_USAGE;
    memcpy(out->address, typed.ptr, len);
    out->address[len] = '\0';
    return cp_endpoint_ok(out->address) ? CP_OK : CP_ERR_USAGE;
}

enum cp_err cp_carry_keys_get(struct cp_node *node, const struct cp_carry_place *place,
                              struct cp_carry_keys *out)
{
    uint8_t(*secrets)[CP_KEY_LEN] = NULL;
    size_t count = 0;
    memset(out, 0, sizeof *out);
    enum cp_err err = cp_store_secrets(node->store, place->plan, &secrets, &count);
    for (size_t i = 0; err == CP_OK && i < count && i < CP_CARRY_TICKETS_MAX; i++, out->count++)
        cp_ticket_curve(secrets[i], place->carrier, out->key[i], out->secret[i]);
    if (secrets != NULL)
        sodium_memzero(secrets, count * sizeof *secrets);
    cp_free(node->mem, secrets);
    return err == CP_OK && out->count == 0 ? CP_ERR_NOT_YET : err;
}

void cp_carry_pile_id(const struct cp_carry_place *place, const uint8_t ticket[static CP_KEY_LEN],
                      uint8_t out[static CP_ID_LEN])
{
    uint8_t keys[2 * CP_KEY_LEN];
    memcpy(keys, place->carrier, CP_KEY_LEN);
    memcpy(keys + CP_KEY_LEN, ticket, CP_KEY_LEN);
    cp_hash2(CP_TAG_PILE, CP_BYTES(place->plan, CP_ID_LEN), CP_BYTES(keys, sizeof keys), out, CP_ID_LEN);
}

static void note_key(const uint8_t *pile, char out[static 80])
{
    char hex[2 * CP_ID_LEN + 1];
    cp_hex_encode(pile, CP_ID_LEN, hex);
    (void)snprintf(out, 80, "carry/%s", hex);
}

enum cp_err cp_carry_memory_get(struct cp_node *node, const uint8_t pile[static CP_ID_LEN],
                                struct cp_carried *out)
{
    char key[80];
    struct cp_buf note;
    note_key(pile, key);
    cp_carried_init(out, node->mem);
    cp_buf_init(&note, node->mem, NOTE_MAX);
    enum cp_err err = cp_store_note_get(node->store, key, &note);
    if (err == CP_OK) {
        err = cp_carried_read(cp_buf_bytes(&note), out);
        if (err != CP_OK && err != CP_ERR_NO_MEMORY)
            err = CP_OK; /* ours, and not readable: it is only a memory, and is clear now */
    }
    cp_buf_clear(&note);
    return err == CP_ERR_NOT_FOUND ? CP_OK : err;
}

enum cp_err cp_carry_memory_set(struct cp_node *node, const uint8_t pile[static CP_ID_LEN],
                                const struct cp_carried *m)
{
    char key[80];
    struct cp_buf note;
    note_key(pile, key);
    cp_buf_init(&note, node->mem, NOTE_MAX);
    cp_carried_write(m, &note);
    enum cp_err err = cp_buf_err(&note);
    if (err == CP_OK)
        err = cp_store_note_set(node->store, key, cp_buf_bytes(&note));
    cp_buf_clear(&note);
    return err;
}
