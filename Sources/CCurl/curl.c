#include "waybill_curl.h"

#include <dlfcn.h>
#include <pthread.h>

// The name of the library that programs are linked with; it has been the same since 2006.
#define LIBRARY "libcurl.so.4"

static struct {
  CURLcode (*global_init)(long);
  CURL *(*easy_init)(void);
  void (*easy_cleanup)(CURL *);
  void (*easy_reset)(CURL *);
  CURLcode (*easy_perform)(CURL *);
  const char *(*easy_strerror)(CURLcode);
  CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
  struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
  void (*slist_free_all)(struct curl_slist *);
} functions;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool is_ready = false;

static bool find(void *library, const char *name, void *place) {
  void *found = dlsym(library, name);
  *(void **)place = found;
  return found != NULL;
}

static void load(void) {
  // Never unloaded: handles may live as long as the process.
  void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  is_ready = find(library, "curl_global_init", &functions.global_init) && find(library, "curl_easy_init", &functions.easy_init)
    && find(library, "curl_easy_cleanup", &functions.easy_cleanup) && find(library, "curl_easy_reset", &functions.easy_reset)
    && find(library, "curl_easy_perform", &functions.easy_perform) && find(library, "curl_easy_strerror", &functions.easy_strerror)
    && find(library, "curl_easy_setopt", &functions.easy_setopt) && find(library, "curl_slist_append", &functions.slist_append)
    && find(library, "curl_slist_free_all", &functions.slist_free_all) && functions.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

bool waybill_curl_load(void) {
  pthread_once(&once, load);
  return is_ready;
}

CURL *waybill_curl_new(void) { return functions.easy_init(); }
void waybill_curl_free(CURL *curl) { functions.easy_cleanup(curl); }
void waybill_curl_reset(CURL *curl) { functions.easy_reset(curl); }
CURLcode waybill_curl_perform(CURL *curl) { return functions.easy_perform(curl); }
const char *waybill_curl_words(CURLcode code) { return functions.easy_strerror(code); }

struct curl_slist *waybill_curl_append(struct curl_slist *list, const char *text) { return functions.slist_append(list, text); }
void waybill_curl_free_list(struct curl_slist *list) { functions.slist_free_all(list); }

CURLcode waybill_curl_set_long(CURL *curl, CURLoption option, long value) { return functions.easy_setopt(curl, option, value); }
CURLcode waybill_curl_set_offset(CURL *curl, CURLoption option, curl_off_t value) { return functions.easy_setopt(curl, option, value); }
CURLcode waybill_curl_set_text(CURL *curl, CURLoption option, const char *value) { return functions.easy_setopt(curl, option, value); }
CURLcode waybill_curl_set_pointer(CURL *curl, CURLoption option, const void *value) { return functions.easy_setopt(curl, option, value); }
CURLcode waybill_curl_set_list(CURL *curl, CURLoption option, struct curl_slist *value) {
  return functions.easy_setopt(curl, option, value);
}
CURLcode waybill_curl_set_data(CURL *curl, CURLoption option, waybill_curl_data value) { return functions.easy_setopt(curl, option, value); }
CURLcode waybill_curl_set_progress(CURL *curl, waybill_curl_progress value) {
  return functions.easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, value);
}
