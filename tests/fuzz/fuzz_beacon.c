/* Answers of strangers: any bytes in. What opens has a port, and is what a member sealed; what a member seals opens. */
#include <stdlib.h>
#include <string.h>

#include "proto/beacon.h"
#include "tests/support/fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t machine[CP_KEY_LEN] = {1};
    uint8_t keys[CP_BEACON_SLOTS][CP_KEY_LEN] = {{0}}, ask[CP_BEACON_LEN] = {0}, packet[CP_BEACON_LEN] = {0};
    struct cp_beacon_found found[CP_BEACON_SLOTS];
    for (uint8_t i = 0; i < CP_BEACON_SLOTS; i++) {
        uint8_t secret[CP_KEY_LEN] = {i, size > 0 ? data[0] : 0};
        cp_beacon_key(secret, keys[i]);
    }
    const uint8_t(*tried)[CP_KEY_LEN] = (const uint8_t(*)[CP_KEY_LEN])keys;
    memcpy(ask, data, size < sizeof ask ? size : sizeof ask);
    if (cp_beacon_read(ask, CP_BYTES(data, size), tried, CP_BEACON_SLOTS, found) != 0)
        abort(); /* a forged seal */
    /* One that opens, with the input laid over it: only slots that it left alone open. */
    size_t count = size == 0 ? 0 : data[size - 1] % (CP_BEACON_SLOTS + 1U);
    cp_beacon_answer(ask, tried, count, 1U + (size > 1 ? data[1] : 0U), machine, packet);
    if (cp_beacon_read(ask, CP_BYTES(packet, sizeof packet), tried, CP_BEACON_SLOTS, found) != count)
        abort();
    if (size > 4) {
        size_t at = (size_t)data[2] % CP_BEACON_LEN;
        packet[at] ^= data[3];
        size_t left = cp_beacon_read(ask, CP_BYTES(packet, sizeof packet), tried, CP_BEACON_SLOTS, found);
        size_t slot =
            at < CP_BEACON_NONCE_LEN ? CP_BEACON_SLOTS : (at - CP_BEACON_NONCE_LEN) / CP_BEACON_SLOT_LEN;
        size_t want = data[3] == 0 ? count : slot == CP_BEACON_SLOTS ? 0 : count - (slot < count ? 1U : 0U);
        if (left != want)
            abort();
        for (size_t i = 0; i < left; i++)
            if (found[i].port == 0 || memcmp(found[i].machine, machine, sizeof machine) != 0)
                abort();
    }
    return 0;
}
