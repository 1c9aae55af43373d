// Debian's libxml2 headers pull in the system's ICU, whose types clash with those of Foundation's own copy. Nothing here uses
// the converter fields of xmlCharEncodingHandler that this hides.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/SAX2.h>
#include <libxml/xmlerror.h>
