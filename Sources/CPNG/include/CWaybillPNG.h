#ifndef WAYBILL_PNG_H
#define WAYBILL_PNG_H

#include <stddef.h>
#include <stdint.h>

// libpng reports errors by longjmp, which must not cross a Swift frame. Each function here catches its own and returns a code;
// none calls back into Swift.

enum {
  WAYBILL_PNG_OK = 0,
  WAYBILL_PNG_DAMAGED = 1,
  WAYBILL_PNG_TRUNCATED = 2,
  WAYBILL_PNG_TOO_LARGE = 3,
  WAYBILL_PNG_NO_MEMORY = 4,
};

// What a reader found out, and what went wrong last.
typedef struct {
  uint32_t width;
  uint32_t height;
  uint8_t bit_depth;
  uint8_t color_type;
  uint8_t is_interlaced;
  uint16_t palette_count;
  uint16_t transparency_count;
  uint8_t palette[768];
  uint8_t transparency[256];
  // Where the chunk that failed begins, or where the bytes end.
  size_t offset;
  char message[160];
} waybill_png_facts;

enum {
  WAYBILL_PNG_STORED_8 = 0,
  WAYBILL_PNG_STORED_16 = 1,
  WAYBILL_PNG_RGB = 2,
  WAYBILL_PNG_RGBA = 3,
};

typedef struct waybill_png_reader waybill_png_reader;

// NULL when there is no memory. The bytes must stay while the reader does.
waybill_png_reader *waybill_png_open(const void *bytes, size_t count);
const waybill_png_facts *waybill_png_get(const waybill_png_reader *reader);
// Reads everything before the pixels.
int waybill_png_header(waybill_png_reader *reader, uint32_t most_width, uint32_t most_height);
// Decides what rows shall look like; gives the bytes of a row and how often each row is visited.
int waybill_png_begin(waybill_png_reader *reader, int form, size_t *row_bytes, int *passes);
// Reads rows one after the other to where `into` points, `stride` bytes apart.
int waybill_png_rows(waybill_png_reader *reader, void *into, size_t stride, uint32_t rows);
// Reads what follows the pixels.
int waybill_png_finish(waybill_png_reader *reader);
void waybill_png_close(waybill_png_reader *reader);

typedef struct {
  void *bytes;
  size_t count;
  char message[160];
} waybill_png_output;

// Writes a whole picture. `color_type` is 0 grey, 2 RGB, 3 palette; `bit_depth` 8 or 16 (big-endian samples are made here).
// On success `output->bytes` is the caller's to release with waybill_png_release.
int waybill_png_write(
  const void *pixels, size_t stride, uint32_t width, uint32_t height, int color_type, int bit_depth, const uint8_t *palette,
  int palette_count, int level, waybill_png_output *output);
void waybill_png_release(waybill_png_output *output);

#endif
