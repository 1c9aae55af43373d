#ifndef WAYBILL_ZLIB_SHIM_H
#define WAYBILL_ZLIB_SHIM_H

#include <zlib.h>

#endif
