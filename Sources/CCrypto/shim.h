#ifndef WAYBILL_CRYPTO_SHIM_H
#define WAYBILL_CRYPTO_SHIM_H

#include <openssl/evp.h>
#include <openssl/hmac.h>

#endif
