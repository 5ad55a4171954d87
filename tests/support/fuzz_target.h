/*
 * What every file in tests/fuzz defines. libFuzzer calls it in the preset fuzz; in the other presets
 * replay_main.c calls it with each file of tests/fuzz/corpus/NAME, so that what was once found stays found.
 *
 * The bytes belong to the caller and are gone after the call. Returns 0 always.
 */
#ifndef CP_TESTS_FUZZ_TARGET_H
#define CP_TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
