#ifndef WAYBILL_MACHINE_SHIM_H
#define WAYBILL_MACHINE_SHIM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// What the processor can do and Swift has no word for.

// The hint that memory will be read soon.
static inline __attribute__((always_inline)) void waybill_prefetch(const void *start, size_t count) {
  const char *p = (const char *)start;
  const char *end = p + count;
  for (; p < end; p += 64) __builtin_prefetch(p, 0, 3);
}

typedef uint8_t waybill_bytes16 __attribute__((vector_size(16)));
typedef uint64_t waybill_words2 __attribute__((vector_size(16)));

// How many bytes, a multiple of 64, are neither quotes nor from 0x40 to 0x7F or above 0xBF, where brackets lie.
static inline size_t waybill_skip_unmarked(const void *start, size_t count) {
  const uint8_t *p = (const uint8_t *)start;
  size_t at = 0;
  for (; count - at >= 64; at += 64) {
    waybill_bytes16 a, b, c, d;
    memcpy(&a, p + at, 16);
    memcpy(&b, p + at + 16, 16);
    memcpy(&c, p + at + 32, 16);
    memcpy(&d, p + at + 48, 16);
    // Bit 6 moves to the top; comparing sets all bits of a byte.
    waybill_bytes16 marks = (a + a) | (b + b) | (c + c) | (d + d) | (waybill_bytes16)(a == '"') | (waybill_bytes16)(b == '"') |
                            (waybill_bytes16)(c == '"') | (waybill_bytes16)(d == '"');
    waybill_words2 words = (waybill_words2)marks;
    if ((words[0] | words[1]) & 0x8080808080808080u) break;
  }
  return at;
}

#endif
