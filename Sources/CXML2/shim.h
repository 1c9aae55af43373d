#ifndef WAYBILL_XML2_SHIM_H
#define WAYBILL_XML2_SHIM_H

// Debian's libxml2 headers pull in the system's ICU, whose types clash with those of Foundation's own copy. Nothing here uses
// the converter fields of xmlCharEncodingHandler that this hides.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/SAX2.h>
#include <libxml/xmlerror.h>
#include <libxml/globals.h>
#include <iconv.h>
#include <string.h>

// Swift cannot name a variadic function pointer, so what takes one is written here.
static inline void waybill_xml_discard(void *context, const char *format, ...) {
  (void)context;
  (void)format;
}

// Sends messages that belong to no parser (out of memory) nowhere instead of to stderr, for this and every later thread.
static inline void waybill_xml_silence(void) {
  xmlThrDefSetGenericErrorFunc(NULL, waybill_xml_discard);
  xmlSetGenericErrorFunc(NULL, waybill_xml_discard);
}

// What the callbacks of one parse share: the Swift object behind them and the first fatal error.
typedef struct {
  void *builder;
  xmlParserCtxtPtr context;
  int code;
  size_t offset;
  char message[320];
} waybill_xml_sink;

// Keeps the first fatal error with the offset it was found at.
static inline void waybill_xml_note(void *data, const char *format, ...) {
  waybill_xml_sink *sink = (waybill_xml_sink *)data;
  (void)format;
  if (sink == NULL || sink->context == NULL || sink->code != 0) return;
  const xmlError *error = &sink->context->lastError;
  if (error->level != XML_ERR_FATAL || error->code == 0) return;
  sink->code = error->code;
  const xmlParserInput *input = sink->context->input;
  sink->offset = input == NULL ? 0 : (size_t)(input->consumed + (unsigned long)(input->cur - input->base));
  size_t length = error->message == NULL ? 0 : strnlen(error->message, sizeof sink->message - 1);
  if (length > 0) memcpy(sink->message, error->message, length);
  sink->message[length] = 0;
}

// Sets the error callbacks of a handler to the function above.
static inline void waybill_xml_listen(xmlSAXHandler *handler) {
  handler->error = waybill_xml_note;
  handler->fatalError = waybill_xml_note;
}

// iconv_open reports failure as (iconv_t)-1, a cast Swift has no word for.
static inline int waybill_iconv_failed(iconv_t converter) {
  return converter == (iconv_t)-1;
}

#endif
