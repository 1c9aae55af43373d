#ifndef WAYBILL_DEFLATE_SHIM_H
#define WAYBILL_DEFLATE_SHIM_H

#include <libdeflate.h>

#endif
