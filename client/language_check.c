/* What is believed of a catalogue. Owns: looking at its bytes, and at a translation. Must not: read a file, or print. */
#include "client/language.h"

/* ------------------------------------------------------------------------------------------- a sentence */

enum {
    PLACES = 4
};

/* What matters of a sentence with places: how often each stands free and in brackets. False: brackets do not fit. */
static bool read_places(const char *text, bool free_standing[static PLACES], bool bracketed[static PLACES])
{
    bool inside = false;

    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '[' || *p == ']') {
            if (inside == (*p == '['))
                return false;
            inside = !inside;
        } else if (*p == '{' && p[1] >= '1' && p[1] <= '0' + PLACES && p[2] == '}') {
            (inside ? bracketed : free_standing)[p[1] - '1'] = true;
        }
    }
    return !inside;
}

static bool same_places(const char *english, const char *other)
{
    bool free_standing[2][PLACES] = {{false}};
    bool bracketed[2][PLACES] = {{false}};

    return read_places(english, free_standing[0], bracketed[0]) &&
           read_places(other, free_standing[1], bracketed[1]) &&
           memcmp(free_standing[0], free_standing[1], sizeof free_standing[0]) == 0 &&
           memcmp(bracketed[0], bracketed[1], sizeof bracketed[0]) == 0;
}

/* The length of "--name" at p; 0 when none begins there. */
static size_t option_at(const char *p)
{
    return p[0] == '-' && p[1] == '-' && p[2] >= 'a' && p[2] <= 'z'
               ? 2 + strspn(p + 2, "abcdefghijklmnopqrstuvwxyz-")
               : 0;
}

/* True when every --option of a stands in b as well. */
static bool has_options(const char *a, const char *b)
{
    for (; *a != '\0'; a++) {
        size_t len = option_at(a);
        const char *q = b;

        if (len == 0)
            continue;
        while (*q != '\0' && (option_at(q) != len || strncmp(a, q, len) != 0))
            q++;
        if (*q == '\0')
            return false;
        a += len - 1;
    }
    return true;
}

static bool has_control(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
        if ((*p < 0x20 && *p != '\n') || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0))
            return true;
    return false;
}

bool cp_language_fits(const char *context, const char *english, const char *other)
{
    size_t len = strnlen(other, CP_LANGUAGE_SENTENCE_MAX);
    size_t english_len = strlen(english);

    if (len == 0 || len == CP_LANGUAGE_SENTENCE_MAX || english_len == 0)
        return false;
    if (!cp_utf8_ok(cp_bytes_str(other)) || has_control(other))
        return false;
    if ((other[len - 1] == '\n') != (english[english_len - 1] == '\n'))
        return false;
    if (strncmp(context, "page", 4) == 0 && strpbrk(other, "<>&\"\\") != NULL)
        return false;
    if (!has_options(english, other) || !has_options(other, english))
        return false;
    /* How a command is typed is shown as it is: its brackets may lie within each other. */
    return strcmp(context, "usage") == 0 || same_places(english, other);
}

/* ------------------------------------------------------------------------------------------- a file */

/* A .mo file as the GNU gettext manual lays it out ("The Format of GNU MO Files"). */
#define MO_MAGIC       0x950412deU
#define MO_SWAPPED     0xde120495U
#define MO_HEADER      28U
#define MO_STRINGS_MAX 65536U

struct mo {
    struct cp_bytes file;
    bool swapped; /* most significant byte first */
    uint32_t count;
};

/* The number at a place that is known to lie in the file. */
static uint32_t number_at(const struct mo *mo, size_t at)
{
    const uint8_t *p = mo->file.ptr + at;

    return mo->swapped ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3]
                       : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | (uint32_t)p[0];
}

/* True when a table of `count` elements of `size` bytes lies in the file, where numbers may be read as such. */
static bool table_fits(const struct mo *mo, uint32_t at, uint32_t count, size_t size)
{
    return at % 4 == 0 && at >= MO_HEADER && at <= mo->file.len && count <= (mo->file.len - at) / size;
}

/* The string of one row of a table; NULL when it does not lie in the file, or is not ended. */
static const char *string_at(const struct mo *mo, uint32_t table, uint32_t row)
{
    uint32_t len = number_at(mo, table + 8 * (size_t)row);
    uint32_t at = number_at(mo, table + 8 * (size_t)row + 4);

    if (at >= mo->file.len || len >= mo->file.len - at || mo->file.ptr[at + len] != 0)
        return NULL;
    return (const char *)mo->file.ptr + at;
}

static bool strings_fit(const struct mo *mo, uint32_t originals, uint32_t translations)
{
    const char *last = NULL;

    for (uint32_t i = 0; i < mo->count; i++) {
        const char *original = string_at(mo, originals, i);

        /* In order, or the search among them goes astray. */
        if (original == NULL || string_at(mo, translations, i) == NULL ||
            (last != NULL && strcmp(last, original) >= 0))
            return false;
        last = original;
    }
    return true;
}

static bool is_prime(uint32_t number)
{
    for (uint32_t i = 2; i * i <= number; i++)
        if (number % i == 0)
            return false;
    return number >= 2;
}

/* gettext walks the hash table in steps until it meets an empty slot: there has to be one, and every walk has to come
 * by it, as it does where the size is prime. */
static bool hash_fits(const struct mo *mo, uint32_t size, uint32_t at)
{
    bool empty = false;

    if (size <= 2) /* gettext does without */
        return true;
    if (size > 4 * MO_STRINGS_MAX || !is_prime(size) || !table_fits(mo, at, size, 4))
        return false;
    for (uint32_t i = 0; i < size; i++) {
        uint32_t slot = number_at(mo, at + 4 * (size_t)i);

        if (slot > mo->count)
            return false;
        empty = empty || slot == 0;
    }
    return empty;
}

bool cp_language_file_ok(struct cp_bytes file)
{
    struct mo mo = {.file = file};
    uint32_t originals = 0;
    uint32_t translations = 0;

    if (file.len < MO_HEADER || file.len > CP_LANGUAGE_FILE_MAX)
        return false;
    mo.swapped = number_at(&mo, 0) == MO_SWAPPED;
    mo.count = number_at(&mo, 8);
    originals = number_at(&mo, 12);
    translations = number_at(&mo, 16);
    /* Revision 0 alone: later ones have strings that depend on the machine, and we write none. The first string is
     * the header; a catalogue with nothing else says nothing. */
    return (mo.swapped || number_at(&mo, 0) == MO_MAGIC) && number_at(&mo, 4) == 0 && mo.count >= 2 &&
           mo.count <= MO_STRINGS_MAX && table_fits(&mo, originals, mo.count, 8) &&
           table_fits(&mo, translations, mo.count, 8) && strings_fit(&mo, originals, translations) &&
           string_at(&mo, originals, 0)[0] == '\0' && hash_fits(&mo, number_at(&mo, 20), number_at(&mo, 24));
}
