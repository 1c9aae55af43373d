#ifndef WAYBILL_CURL_SHIM_H
#define WAYBILL_CURL_SHIM_H

#include <curl/curl.h>

// libcurl's options are variadic, which Swift cannot call; each kind of argument has a function of its own.

typedef size_t (*waybill_curl_data)(char *, size_t, size_t, void *);
typedef int (*waybill_curl_progress)(void *, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

static inline CURLcode waybill_curl_set_long(CURL *curl, CURLoption option, long value) {
  return curl_easy_setopt(curl, option, value);
}

static inline CURLcode waybill_curl_set_offset(CURL *curl, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(curl, option, value);
}

static inline CURLcode waybill_curl_set_text(CURL *curl, CURLoption option, const char *value) {
  return curl_easy_setopt(curl, option, value);
}

static inline CURLcode waybill_curl_set_pointer(CURL *curl, CURLoption option, const void *value) {
  return curl_easy_setopt(curl, option, value);
}

static inline CURLcode waybill_curl_set_list(CURL *curl, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(curl, option, value);
}

static inline CURLcode waybill_curl_set_data(CURL *curl, CURLoption option, waybill_curl_data value) {
  return curl_easy_setopt(curl, option, value);
}

static inline CURLcode waybill_curl_set_progress(CURL *curl, waybill_curl_progress value) {
  return curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, value);
}

#endif
