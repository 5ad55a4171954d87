/* Invitations in words: any text in, any answer in. What is read as words is written as the same words; a forged answer finds
 * nothing, and one byte changed in a right one closes it. */
#include <stdlib.h>
#include <string.h>

#include "proto/spoken.h"
#include "tests/support/fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t secret[CP_SPOKEN_LEN], again[CP_SPOKEN_LEN], stretched[CP_KEY_LEN] = {0};
    uint8_t ask[CP_BEACON_LEN] = {0}, packet[CP_BEACON_LEN] = {0};
    char text[CP_SPOKEN_TEXT_LEN];
    struct cp_bytes wrong;
    struct cp_spoken_keys keys;
    struct cp_spoken_place place = {.port = 1}, found;
    bool is = cp_spoken_is(CP_BYTES(data, size));
    enum cp_err err = cp_spoken_read(CP_BYTES(data, size), secret, &wrong);
    if ((err == CP_ERR_WORD_UNKNOWN) != (wrong.len > 0) || (err == CP_OK && !is))
        abort();
    if (err != CP_OK) /* any bytes are a secret */
        memcpy(secret, data, size < sizeof secret ? size : sizeof secret);
    cp_spoken_write(secret, text);
    if (cp_spoken_read(cp_bytes_str(text), again, &wrong) != CP_OK ||
        memcmp(again, secret, sizeof again) != 0)
        abort();
    memcpy(stretched, secret, sizeof secret);
    memcpy(ask, data, size < sizeof ask ? size : sizeof ask);
    cp_spoken_derive(stretched, &keys);
    const uint8_t(*slots)[CP_KEY_LEN] = (const uint8_t(*)[CP_KEY_LEN])keys.slots;
    if (cp_spoken_found(ask, CP_BYTES(data, size), slots, &found))
        abort(); /* a forged seal */
    cp_spoken_answer(ask, slots, &place, packet);
    if (size > 1)
        packet[data[0] % CP_BEACON_LEN] ^= data[1];
    if (cp_spoken_found(ask, CP_BYTES(packet, sizeof packet), slots, &found) != (size <= 1 || data[1] == 0))
        abort();
    return 0;
}
