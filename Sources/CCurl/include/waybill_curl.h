#ifndef WAYBILL_CURL_H
#define WAYBILL_CURL_H

#include <curl/curl.h>
#include <stdbool.h>

// What is used of libcurl. The library is loaded when the first request is made: with the thirty libraries behind it, it would double the time
// that every other command takes to start.

typedef size_t (*waybill_curl_data)(char *, size_t, size_t, void *);
typedef int (*waybill_curl_progress)(void *, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

// Loads the library and prepares it, once; false when it is not there. Everything else may only be called after that.
bool waybill_curl_load(void);

CURL *waybill_curl_new(void);
void waybill_curl_free(CURL *curl);
void waybill_curl_reset(CURL *curl);
CURLcode waybill_curl_perform(CURL *curl);
const char *waybill_curl_words(CURLcode code);

struct curl_slist *waybill_curl_append(struct curl_slist *list, const char *text);
void waybill_curl_free_list(struct curl_slist *list);

// libcurl's options are variadic, which Swift cannot call; each kind of argument has a function of its own.
CURLcode waybill_curl_set_long(CURL *curl, CURLoption option, long value);
CURLcode waybill_curl_set_offset(CURL *curl, CURLoption option, curl_off_t value);
CURLcode waybill_curl_set_text(CURL *curl, CURLoption option, const char *value);
CURLcode waybill_curl_set_pointer(CURL *curl, CURLoption option, const void *value);
CURLcode waybill_curl_set_list(CURL *curl, CURLoption option, struct curl_slist *value);
CURLcode waybill_curl_set_data(CURL *curl, CURLoption option, waybill_curl_data value);
CURLcode waybill_curl_set_progress(CURL *curl, waybill_curl_progress value);

#endif
