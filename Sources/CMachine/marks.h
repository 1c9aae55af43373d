#ifndef WAYBILL_MACHINE_MARKS_H
#define WAYBILL_MACHINE_MARKS_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// A bit for each of 64 bytes that is 0x20 or below, the first byte lowest.
static inline __attribute__((always_inline)) uint64_t waybill_control_marks(const void *start) {
  const uint8_t *p = (const uint8_t *)start;
  uint64_t marks = 0;
#if defined(__SSE2__)
  const __m128i space = _mm_set1_epi8(0x20);
  for (int part = 0; part < 4; part++) {
    __m128i bytes = _mm_loadu_si128((const __m128i *)(p + 16 * part));
    // The smaller of a byte and the space is the byte itself where it is no larger.
    uint32_t found = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(bytes, space), bytes));
    marks |= (uint64_t)found << (16 * part);
  }
#else
  for (int part = 0; part < 8; part++) {
    uint64_t word;
    memcpy(&word, p + 8 * part, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    uint64_t above = ((word & 0x7F7F7F7F7F7F7F7Fu) + 0x5F5F5F5F5F5F5F5Fu) | word;
    // The highest bit of each byte goes to one of the eight highest bits.
    uint64_t found = (((~above & 0x8080808080808080u) >> 7) * 0x0102040810204080u) >> 56;
    marks |= found << (8 * part);
  }
#endif
  return marks;
}

#endif
