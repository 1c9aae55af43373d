#ifndef WAYBILL_LIBPNG_SHIM_H
#define WAYBILL_LIBPNG_SHIM_H

#include <png.h>

#endif
