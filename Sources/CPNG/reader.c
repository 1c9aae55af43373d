#include "CWaybillPNG.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

struct waybill_png_reader {
  png_structp png;
  png_infop info;
  const uint8_t *bytes;
  size_t count;
  size_t position;
  size_t chunk;
  int code;
  waybill_png_facts facts;
};

static void fail(png_structp png, png_const_charp message) {
  waybill_png_reader *reader = (waybill_png_reader *)png_get_error_ptr(png);
  if (reader->code == WAYBILL_PNG_OK) reader->code = WAYBILL_PNG_DAMAGED;
  reader->facts.offset = reader->code == WAYBILL_PNG_TRUNCATED ? reader->count : reader->chunk;
  size_t length = message == NULL ? 0 : strnlen(message, sizeof reader->facts.message - 1);
  if (length > 0) memcpy(reader->facts.message, message, length);
  reader->facts.message[length] = 0;
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void take(png_structp png, png_bytep into, size_t wanted) {
  waybill_png_reader *reader = (waybill_png_reader *)png_get_io_ptr(png);
  if ((png_get_io_state(png) & PNG_IO_MASK_LOC) == PNG_IO_CHUNK_HDR) reader->chunk = reader->position;
  if (reader->count - reader->position < wanted) {
    reader->code = WAYBILL_PNG_TRUNCATED;
    png_error(png, "the file ends too early");
  }
  memcpy(into, reader->bytes + reader->position, wanted);
  reader->position += wanted;
}

waybill_png_reader *waybill_png_open(const void *bytes, size_t count) {
  waybill_png_reader *reader = (waybill_png_reader *)calloc(1, sizeof *reader);
  if (reader == NULL) return NULL;
  reader->bytes = (const uint8_t *)bytes;
  reader->count = count;
  reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, fail, ignore);
  if (reader->png != NULL) reader->info = png_create_info_struct(reader->png);
  if (reader->info == NULL) {
    waybill_png_close(reader);
    return NULL;
  }
  return reader;
}

const waybill_png_facts *waybill_png_get(const waybill_png_reader *reader) {
  return &reader->facts;
}

void waybill_png_close(waybill_png_reader *reader) {
  if (reader == NULL) return;
  if (reader->png != NULL) png_destroy_read_struct(&reader->png, reader->info == NULL ? NULL : &reader->info, NULL);
  free(reader);
}

int waybill_png_header(waybill_png_reader *reader, uint32_t most_width, uint32_t most_height) {
  png_structp png = reader->png;
  png_infop info = reader->info;
  if (setjmp(png_jmpbuf(png))) return reader->code;
  png_set_read_fn(png, reader, take);
  // Text, profiles and the like are skipped without being unpacked; only what changes pixels is read.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_chunk_malloc_max(png, 1 << 26);
  png_set_chunk_cache_max(png, 16);
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  // Widths are checked after the header was read, so that the message can name both numbers.
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  // A damaged stream shall not pass as a picture with a warning.
  png_set_benign_errors(png, 0);
  // Of a label map the index counts, whether it has a colour or not.
  png_set_check_for_invalid_index(png, -1);
  png_read_info(png, info);
  waybill_png_facts *facts = &reader->facts;
  facts->width = png_get_image_width(png, info);
  facts->height = png_get_image_height(png, info);
  facts->bit_depth = png_get_bit_depth(png, info);
  facts->color_type = png_get_color_type(png, info);
  facts->is_interlaced = png_get_interlace_type(png, info) != PNG_INTERLACE_NONE;
  png_colorp colors = NULL;
  int count = 0;
  if (png_get_PLTE(png, info, &colors, &count) != 0 && colors != NULL && count > 0 && count <= 256) {
    facts->palette_count = (uint16_t)count;
    for (int i = 0; i < count; i++) {
      facts->palette[3 * i] = colors[i].red;
      facts->palette[3 * i + 1] = colors[i].green;
      facts->palette[3 * i + 2] = colors[i].blue;
    }
  }
  png_bytep alphas = NULL;
  png_color_16p color = NULL;
  count = 0;
  if (facts->color_type == PNG_COLOR_TYPE_PALETTE && png_get_tRNS(png, info, &alphas, &count, &color) != 0 && alphas != NULL
    && count > 0 && count <= 256) {
    facts->transparency_count = (uint16_t)count;
    memcpy(facts->transparency, alphas, (size_t)count);
  }
  if (facts->width > most_width || facts->height > most_height) {
    reader->code = WAYBILL_PNG_TOO_LARGE;
    png_error(png, "the picture is larger than allowed");
  }
  return WAYBILL_PNG_OK;
}

int waybill_png_begin(waybill_png_reader *reader, int form, size_t *row_bytes, int *passes) {
  png_structp png = reader->png;
  png_infop info = reader->info;
  if (setjmp(png_jmpbuf(png))) return reader->code;
  int depth = reader->facts.bit_depth;
  int type = reader->facts.color_type;
  switch (form) {
  case WAYBILL_PNG_STORED_8:
    if (depth < 8) png_set_packing(png);
    if (type == PNG_COLOR_TYPE_GRAY_ALPHA) png_set_strip_alpha(png);
    break;
  case WAYBILL_PNG_STORED_16:
    if (type == PNG_COLOR_TYPE_GRAY_ALPHA) png_set_strip_alpha(png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    png_set_swap(png);
#endif
    break;
  default:
    if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
    if ((type & PNG_COLOR_MASK_COLOR) == 0) {
      if (depth < 8) png_set_expand_gray_1_2_4_to_8(png);
      png_set_gray_to_rgb(png);
    }
    if (depth == 16) png_set_strip_16(png);
    if (form == WAYBILL_PNG_RGB) {
      png_set_strip_alpha(png);
    } else {
      if (png_get_valid(png, info, PNG_INFO_tRNS)) png_set_tRNS_to_alpha(png);
      else if ((type & PNG_COLOR_MASK_ALPHA) == 0) png_set_filler(png, 0xFF, PNG_FILLER_AFTER);
    }
  }
  *passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  *row_bytes = png_get_rowbytes(png, info);
  return WAYBILL_PNG_OK;
}

int waybill_png_rows(waybill_png_reader *reader, void *into, size_t stride, uint32_t rows) {
  png_structp png = reader->png;
  if (setjmp(png_jmpbuf(png))) return reader->code;
  for (uint32_t row = 0; row < rows; row++) png_read_row(png, (png_bytep)into + (size_t)row * stride, NULL);
  return WAYBILL_PNG_OK;
}

int waybill_png_finish(waybill_png_reader *reader) {
  png_structp png = reader->png;
  if (setjmp(png_jmpbuf(png))) return reader->code;
  png_read_end(png, NULL);
  return WAYBILL_PNG_OK;
}
