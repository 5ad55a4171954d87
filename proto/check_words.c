/*
 * Check words: four short words that stand for a version's id when people compare pages aloud.
 * Owns: the list and its order, which are protocol: a word is never changed or moved.
 * Must not: stand for the id where a machine compares; 32 bits catch mistakes, not someone who tries for days.
 *
 * 256 common words that a ten-year-old reads, no two of which differ in one letter or begin one another.
 */
#include "proto/hash.h"
#include "proto/version.h"

#include <string.h>

/* clang-format off */
static const char *const check_words[] = {
    "acorn", "album", "amber", "anchor", "animal", "answer", "apple", "april", "armchair", "arrow", "artist",
    "attic", "august", "autumn", "badger", "bagel", "bakery", "balcony", "balloon", "bamboo", "banana",
    "banjo", "barn", "basket", "bedroom", "beetle", "bench", "bicycle", "biscuit", "blanket", "blossom",
    "bonfire", "bottle", "bracelet", "branch", "bread", "breeze", "bridge", "brush", "bubble", "bucket",
    "buffalo", "butter", "button", "cabbage", "cabin", "cactus", "calendar", "camel", "camera", "canal",
    "candle", "canoe", "captain", "carpet", "castle", "celery", "cheese", "cherry", "chimney", "chocolate",
    "circle", "clock", "coconut", "coffee", "copper", "corner", "cottage", "crayon", "cricket", "cupboard",
    "curtain", "cushion", "daffodil", "daisy", "dancer", "december", "denim", "desert", "diamond", "dinner",
    "doctor", "dolphin", "donkey", "doorbell", "dragon", "drawer", "drum", "duck", "eagle", "echo", "elbow",
    "elephant", "eleven", "engine", "envelope", "evening", "falcon", "family", "farmer", "feather", "fence",
    "fireplace", "flag", "flute", "forest", "friend", "frog", "garage", "garden", "garlic", "giraffe",
    "glove", "goat", "golden", "grape", "grass", "guitar", "hammer", "hamster", "harbour", "harvest",
    "hedgehog", "helmet", "holiday", "honey", "hotel", "igloo", "insect", "island", "jacket", "january",
    "jelly", "jigsaw", "journal", "jungle", "kangaroo", "kennel", "kettle", "kitchen", "kitten", "ladder",
    "lantern", "laptop", "lavender", "lemon", "letter", "lettuce", "library", "lizard", "machine", "magnet",
    "mango", "marble", "market", "meadow", "melon", "mermaid", "midnight", "mirror", "morning", "motor",
    "mountain", "mushroom", "needle", "november", "number", "october", "octopus", "olive", "onion", "orange",
    "orchard", "panda", "paper", "parade", "parcel", "parrot", "pasta", "pencil", "penguin", "pepper",
    "piano", "picnic", "pillow", "pirate", "planet", "plastic", "pocket", "poem", "pony", "postcard",
    "potato", "puddle", "pumpkin", "puppet", "puzzle", "rabbit", "radio", "railway", "rainbow", "ribbon",
    "river", "robin", "robot", "rooster", "ruby", "sailor", "salad", "salmon", "sandal", "scarf", "school",
    "scooter", "shadow", "shelf", "silver", "singer", "sofa", "spider", "sponge", "squirrel", "station",
    "stone", "summer", "sunset", "table", "teapot", "tennis", "thunder", "ticket", "tiger", "tomato",
    "tortoise", "towel", "tractor", "trumpet", "tulip", "tunnel", "turtle", "uncle", "valley", "velvet",
    "village", "violin", "volcano", "waffle", "wallet", "walnut", "water", "whistle", "window", "winter",
    "yellow", "yogurt", "zebra",
};
/* clang-format on */
_Static_assert(sizeof check_words / sizeof check_words[0] == 256, "one word for each value of a byte");

#define WORDS_MOST 8

/* `count` words of 32 bytes, as many bytes of whose hash choose them. */
static void put_words(enum cp_tag tag, const uint8_t *of, size_t count, char *out)
{
    uint8_t hash[WORDS_MOST];
    size_t len = 0;
    cp_hash2(tag, CP_BYTES(of, CP_ID_LEN), CP_BYTES(NULL, 0), hash, count);
    for (size_t i = 0; i < count; i++) {
        const char *word = check_words[hash[i]];
        if (i > 0)
            out[len++] = ' ';
        memcpy(out + len, word, strlen(word));
        len += strlen(word);
    }
    out[len] = '\0';
}

void cp_check_words(const uint8_t id[static CP_ID_LEN], char out[static 64])
{
    put_words(CP_TAG_CHECK_WORDS, id, 4, out);
}

void cp_key_words(const uint8_t key[static CP_KEY_LEN], char out[static 128])
{
    put_words(CP_TAG_KEY_WORDS, key, WORDS_MOST, out);
}

bool cp_is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_letter(uint8_t typed, char want)
{
    return typed == (uint8_t)want || (typed >= 'A' && typed <= 'Z' && typed - 'A' + 'a' == want);
}

const char *cp_word_of(uint8_t byte)
{
    return check_words[byte];
}

bool cp_word_byte(struct cp_bytes typed, uint8_t *byte)
{
    for (size_t w = 0; w < sizeof check_words / sizeof check_words[0]; w++) {
        size_t i = 0;
        while (i < typed.len && check_words[w][i] != '\0' && is_letter(typed.ptr[i], check_words[w][i]))
            i++;
        if (i == typed.len && i > 0 && check_words[w][i] == '\0') {
            *byte = (uint8_t)w;
            return true;
        }
    }
    return false;
}

bool cp_words_typed(struct cp_bytes typed, const char *words)
{
    for (size_t i = 0;;) {
        while (i < typed.len && cp_is_blank(typed.ptr[i]))
            i++;
        words += strspn(words, " ");
        if (i == typed.len || *words == '\0')
            return i == typed.len && *words == '\0';
        for (; i < typed.len && !cp_is_blank(typed.ptr[i]) && is_letter(typed.ptr[i], *words); i++)
            words++;
        if ((i < typed.len && !cp_is_blank(typed.ptr[i])) || (*words != ' ' && *words != '\0'))
            return false;
    }
}
