// libcurl's variadic functions and macros, one typed wrapper each: Swift imports neither.
#ifndef PARCELD_CCURL_H
#define PARCELD_CCURL_H

#include <curl/curl.h>

typedef size_t (*parceld_data)(char *, size_t, size_t, void *);

static inline CURLcode parceld_set_long(CURL *handle, CURLoption option, long value) {
    return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode parceld_set_text(CURL *handle, CURLoption option, const char *value) {
    return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode parceld_set_pointer(CURL *handle, CURLoption option, void *value) {
    return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode parceld_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode parceld_set_share(CURL *handle, CURLSH *value) {
    return (curl_easy_setopt)(handle, CURLOPT_SHARE, value);
}
static inline CURLcode parceld_set_function(CURL *handle, CURLoption option, parceld_data value) {
    return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode parceld_get_long(CURL *handle, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(handle, info, value);
}
static inline CURLcode parceld_get_pointer(CURL *handle, CURLINFO info, void **value) {
    return (curl_easy_getinfo)(handle, info, value);
}
static inline CURLMcode parceld_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return (curl_multi_setopt)(multi, option, value);
}
static inline CURLSHcode parceld_share_session(CURLSH *share) {
    return (curl_share_setopt)(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}
static inline CURLcode parceld_message_result(const CURLMsg *message) { return message->data.result; }

#endif
