#include "CWaybillPNG.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

// Where the bytes go, and the structures to free whatever happens.
typedef struct {
  png_structp png;
  png_infop info;
  size_t room;
  int code;
  waybill_png_output *output;
} sink;

static void fail(png_structp png, png_const_charp message) {
  sink *to = (sink *)png_get_error_ptr(png);
  if (to->code == WAYBILL_PNG_OK) to->code = WAYBILL_PNG_DAMAGED;
  size_t length = message == NULL ? 0 : strnlen(message, sizeof to->output->message - 1);
  if (length > 0) memcpy(to->output->message, message, length);
  to->output->message[length] = 0;
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void give(png_structp png, png_bytep bytes, size_t count) {
  sink *to = (sink *)png_get_io_ptr(png);
  waybill_png_output *output = to->output;
  if (to->room - output->count < count) {
    size_t room = to->room < 4096 ? 4096 : to->room;
    while (room - output->count < count && room <= SIZE_MAX / 2) room *= 2;
    void *moved = room - output->count < count ? NULL : realloc(output->bytes, room);
    if (moved == NULL) {
      to->code = WAYBILL_PNG_NO_MEMORY;
      png_error(png, "there is no memory for the picture");
    }
    output->bytes = moved;
    to->room = room;
  }
  memcpy((uint8_t *)output->bytes + output->count, bytes, count);
  output->count += count;
}

static void flush(png_structp png) {
  (void)png;
}

static int write_all(
  sink *to, const void *pixels, size_t stride, uint32_t width, uint32_t height, int color_type, int bit_depth,
  const uint8_t *palette, int palette_count, int level) {
  if (setjmp(png_jmpbuf(to->png))) return to->code;
  png_structp png = to->png;
  png_infop info = to->info;
  png_set_write_fn(png, to, give, flush);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  // Fixed, so that the same pixels give the same bytes: label maps compress best unfiltered, and those of one byte a pixel as runs,
  // which is both smaller and faster than looking for anything else.
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
  png_set_compression_level(png, level);
  int is_map = color_type != PNG_COLOR_TYPE_RGB && bit_depth == 8;
  png_set_compression_strategy(png, is_map ? Z_RLE : Z_DEFAULT_STRATEGY);
  png_set_compression_mem_level(png, 8);
  png_set_compression_window_bits(png, 15);
  png_set_IHDR(
    png, info, width, height, bit_depth, color_type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (color_type == PNG_COLOR_TYPE_PALETTE) {
    png_color colors[256];
    for (int i = 0; i < palette_count && i < 256; i++) {
      colors[i].red = palette[3 * i];
      colors[i].green = palette[3 * i + 1];
      colors[i].blue = palette[3 * i + 2];
    }
    png_set_PLTE(png, info, colors, palette_count);
  }
  png_write_info(png, info);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  if (bit_depth == 16) png_set_swap(png);
#endif
  for (uint32_t row = 0; row < height; row++) png_write_row(png, (png_const_bytep)pixels + (size_t)row * stride);
  png_write_end(png, NULL);
  return WAYBILL_PNG_OK;
}

int waybill_png_write(
  const void *pixels, size_t stride, uint32_t width, uint32_t height, int color_type, int bit_depth, const uint8_t *palette,
  int palette_count, int level, waybill_png_output *output) {
  memset(output, 0, sizeof *output);
  sink to = {NULL, NULL, 0, WAYBILL_PNG_OK, output};
  to.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &to, fail, ignore);
  if (to.png != NULL) to.info = png_create_info_struct(to.png);
  int code = to.info == NULL ? WAYBILL_PNG_NO_MEMORY
                             : write_all(&to, pixels, stride, width, height, color_type, bit_depth, palette, palette_count, level);
  if (to.png != NULL) png_destroy_write_struct(&to.png, to.info == NULL ? NULL : &to.info);
  if (code != WAYBILL_PNG_OK) waybill_png_release(output);
  return code;
}

void waybill_png_release(waybill_png_output *output) {
  free(output->bytes);
  output->bytes = NULL;
  output->count = 0;
}
