#ifndef WAYBILL_ZIP_SHIM_H
#define WAYBILL_ZIP_SHIM_H

#include <zip.h>

#endif
