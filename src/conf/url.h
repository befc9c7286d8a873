/* What can be said of an application's URL before anybody fetches it. */
#ifndef CONF_URL_H
#define CONF_URL_H

#include "base/err.h"

#define URL_MAX  2048
#define URL_HOST 128

/* http or https, a host, and nothing that does not belong into a URL. */
bool url_check(const char *url, struct err *err) MUST_CHECK;
bool url_is_tls(const char *url);
/* Its host and port, for a name; of a URL that is fine. The port is empty where it is not said. */
void url_place(const char *url, char host[URL_HOST], char port[URL_HOST]);
/* It has a user and a password, or a query, which may be a token. */
bool url_has_secret(const char *url);

#endif
