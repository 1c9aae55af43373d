#ifndef WAYBILL_MACHINE_NUMBERS_H
#define WAYBILL_MACHINE_NUMBERS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Lists of short numbers, read and written many bytes at a time.

// How the digits of a number lie, by the marks among its first eight bytes.
typedef struct {
  // Which byte goes to each of eight places: four for the whole part, four for the fraction; 0x80 where there is none.
  uint8_t places[8];
  // How many bytes the number takes.
  uint8_t length;
  // The smallest first byte: none is large enough where the marks are of no short number.
  uint8_t least;
  uint8_t spare[6];
} waybill_number_form;

// Whether numbers can be read so here.
static inline int waybill_reads_numbers(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("ssse3") != 0;
#else
  return 0;
#endif
}

// Reads numbers of up to four digits on each side of the point, each before a comma or a bracket that closes. Moves `from` behind
// the last one that was read, stops before any other text, and returns how many there were. `forms` has a form for each of the 256
// marks. Needs 72 bytes before `end` and room for 32 numbers; with less it reads nothing.
#if defined(__x86_64__)
__attribute__((target("ssse3")))
#endif
static size_t
waybill_read_numbers(const uint8_t **from, const uint8_t *end, double *out, size_t room, const waybill_number_form *forms) {
  const uint8_t *behind = *from;
  double *const first = out;
#if defined(__x86_64__)
  const __m128i to_top = _mm_set1_epi8(0x46), below_digits = _mm_set1_epi8(0x75), zero = _mm_set1_epi8('0'), dot = _mm_set1_epi8('.');
  const __m128i tens = _mm_set1_epi16(0x010A), hundreds = _mm_set1_epi32(0x00010064), ten_thousands = _mm_set1_epi32(0x00012710);
  const uint8_t *p = behind;
  while (end - p >= 72 && room - (size_t)(out - first) >= 32) {
    // A bit for each of 64 bytes: digits are the largest bytes once they are moved to the top of the signed ones.
    uint64_t digits = 0, dots = 0;
    for (int part = 0; part < 4; part++) {
      __m128i bytes = _mm_loadu_si128((const __m128i *)(p + 16 * part));
      __m128i moved = _mm_add_epi8(bytes, to_top);
      digits |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpgt_epi8(moved, below_digits)) << (16 * part);
      dots |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, dot)) << (16 * part);
    }
    uint64_t marks = ~digits, ends = marks & ~dots;
    size_t at = 0;
    while (at <= 56) {
      // The marks up to the first that is no point.
      uint64_t rest = ends >> at;
      const waybill_number_form *form = &forms[(uint8_t)((marks >> at) & (rest ^ (rest - 1)))];
      const uint8_t *start = p + at;
      if (*start < form->least) goto done;
      const uint8_t *stop = start + form->length;
      // Digits to their places, then tens, hundreds and ten thousands together: the number in ten thousandths.
      __m128i word = _mm_sub_epi8(_mm_loadl_epi64((const __m128i *)start), zero);
      word = _mm_shuffle_epi8(word, _mm_loadl_epi64((const __m128i *)form->places));
      __m128i sum = _mm_madd_epi16(_mm_maddubs_epi16(word, tens), hundreds);
      sum = _mm_madd_epi16(_mm_packs_epi32(sum, sum), ten_thousands);
      // Both are exact, so one division rounds correctly.
      *out = (double)_mm_cvtsi128_si32(sum) / 10000.0;
      if (*stop != ',') {
        if (*stop == ']') {
          out++;
          behind = stop;
        }
        goto done;
      }
      out++;
      behind = stop;
      at += (size_t)form->length + 1;
      if (p[at] <= ' ') {
        if (p[at] != ' ') goto done;
        at++;
      }
    }
    p += at;
  }
done:
#endif
  *from = behind;
  return (size_t)(out - first);
}

typedef double waybill_doubles2 __attribute__((vector_size(16)));
typedef int64_t waybill_signed2 __attribute__((vector_size(16)));
typedef uint64_t waybill_unsigned2 __attribute__((vector_size(16)));

// Writes hundredths as text with a comma behind, by tables whose entries hold up to seven characters and, highest, their count.
static inline __attribute__((always_inline)) uint8_t *
waybill_write_hundredths(uint8_t *out, uint32_t hundredths, const uint64_t *wholes, const uint64_t *fractions) {
  uint32_t whole = hundredths / 100;
  uint64_t text = wholes[whole];
  memcpy(out, &text, 8);
  out += text >> 56;
  text = fractions[hundredths - whole * 100];
  memcpy(out, &text, 8);
  return out + (text >> 56);
}

// Writes numbers from 0 to 9999.99 that have at most two decimals, each with a comma behind it, up to the first that is another,
// and returns how many. `to` moves behind what was written, at most eight bytes a number; eight bytes more are touched. `wholes` has
// an entry for each number below 10,000, `fractions` one for each hundredth, with its comma.
static inline size_t waybill_write_numbers(
    uint8_t **to, const double *numbers, size_t count, const uint64_t *wholes, const uint64_t *fractions) {
  // Sums with 2^52 keep no fraction and have the whole number in their last bits.
  const waybill_doubles2 base = {4503599627370496.0, 4503599627370496.0};
  uint8_t *out = *to;
  size_t at = 0;
  while (at < count) {
    waybill_doubles2 pair = {numbers[at], at + 1 < count ? numbers[at + 1] : 0.0};
    waybill_doubles2 sum = pair * 100.0 + base;
    // The division tells whether the hundredths are exact; the sign is looked at by itself for the negative zero.
    waybill_signed2 good = ((sum - base) / 100.0 == pair) & (pair < 9999.995) & ((waybill_signed2)pair >= 0);
    if ((good[0] & good[1]) == 0) break;
    waybill_unsigned2 bits = (waybill_unsigned2)sum;
    out = waybill_write_hundredths(out, (uint32_t)bits[0], wholes, fractions);
    at++;
    if (at == count) break;
    out = waybill_write_hundredths(out, (uint32_t)bits[1], wholes, fractions);
    at++;
  }
  *to = out;
  return at;
}

#endif
