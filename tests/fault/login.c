/* Start-up and authentication: trust, clear text, MD5, SCRAM-SHA-256, and the ways in which they go wrong. */
#include "tests/fault/modes.h"
#include "tests/fault/session.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    CODE_V3 = 3 << 16,
    CODE_CANCEL = 80877102,
    CODE_SSL = 80877103,
    CODE_GSS = 80877104,
};

enum {
    AUTH_OK = 0,
    AUTH_ASK_CLEARTEXT = 3,
    AUTH_ASK_MD5 = 5,
    AUTH_SASL = 10,
    AUTH_SASL_MORE = 11,
    AUTH_SASL_END = 12
};

#define KEY_LEN 32
#define PAUSE_US 100000     /* enough for the client to read what has come */

static uint32_t int_at(const struct buf *b, size_t at)
{
    const unsigned char *s = (const unsigned char *)b->data + at;
    return (uint32_t)s[0] << 24 | (uint32_t)s[1] << 16 | (uint32_t)s[2] << 8 | s[3];
}

static void read_startup_parameters(struct session *s, const struct buf *body)
{
    for (size_t at = 4; at + 1 < body->len;) {
        const char *name = body->data + at;
        const char *value = name + strlen(name) + 1;
        if (value >= body->data + body->len)
            break;
        if (strcmp(name, "user") == 0)
            snprintf(s->user, sizeof(s->user), "%.63s", value);
        if (strcmp(name, "database") == 0)
            snprintf(s->database, sizeof(s->database), "%.63s", value);
        at = (size_t)(value + strlen(value) + 1 - body->data);
    }
}

/* libpq 18 may ask for a newer minor version; we speak 3.0. */
static void negotiate(struct session *s, uint32_t asked)
{
    if (asked == CODE_V3)
        return;
    link_begin(&s->link, 'v');
    link_int32(&s->link, CODE_V3);
    link_int32(&s->link, 0);
    link_end(&s->link);
}

static void flush_head(struct session *s, size_t n)
{
    struct buf rest = {0};
    buf_add(&rest, s->link.out.data + n, s->link.out.len - n);
    link_flush_part(&s->link, n);
    usleep(PAUSE_US);
    link_raw(&s->link, rest.data, rest.len);
    buf_free(&rest);
}

static void put_cleartext(struct session *s)
{
    link_begin(&s->link, 'R');
    link_int32(&s->link, AUTH_ASK_CLEARTEXT);
    link_end(&s->link);
}

static void read_startup(struct session *s)
{
    struct buf body = {0};
    for (;;) {
        link_read(&s->link, false, &body);
        uint32_t code = body.len >= 4 ? int_at(&body, 0) : 0;
        if (code == CODE_SSL || code == CODE_GSS) {
            link_raw(&s->link, "N", 1);
            if (s->options->auth == AUTH_AFTER_N)
                put_cleartext(s);
            link_flush(&s->link);
        } else if (code == CODE_CANCEL) {
            session_log(s, "cancel", "");
            link_close(&s->link);
        } else if (code >> 16 != 3) {
            link_close(&s->link);
        } else {
            negotiate(s, code);
            break;
        }
    }
    read_startup_parameters(s, &body);
    buf_free(&body);
    session_log(s, "startup", s->user);
}

static void ask(struct session *s, int kind, const void *bytes, size_t n)
{
    link_begin(&s->link, 'R');
    link_int32(&s->link, kind);
    link_bytes(&s->link, bytes, n);
    link_end(&s->link);
    link_flush(&s->link);
}

static NORETURN void refuse_login(struct session *s)
{
    char text[160];
    snprintf(text, sizeof(text), "password authentication failed for user \"%s\"", s->user);
    session_log(s, "refused", text);
    error_send(&s->link, "FATAL", "28P01", text, NULL);
    link_flush(&s->link);
    link_close(&s->link);
}

static void read_password(struct session *s, struct buf *body)
{
    if (link_read(&s->link, true, body) != 'p')
        refuse_login(s);
    session_log(s, "password", buf_text(body));
}

static void hex_md5(const void *a, size_t na, const void *b, size_t nb, char *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_DigestInit_ex(context, EVP_md5(), NULL);
    EVP_DigestUpdate(context, a, na);
    EVP_DigestUpdate(context, b, nb);
    EVP_DigestFinal_ex(context, digest, NULL);
    EVP_MD_CTX_free(context);
    for (int i = 0; i < 16; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

static void login_md5(struct session *s)
{
    struct buf body = {0};
    char inner[33], want[36] = "md5";
    ask(s, AUTH_ASK_MD5, "salt", 4);
    read_password(s, &body);
    const char *password = s->options->password;
    if (password) {
        hex_md5(password, strlen(password), s->user, strlen(s->user), inner);
        hex_md5(inner, 32, "salt", 4, want + 3);
        if (strcmp(buf_text(&body), want) != 0)
            refuse_login(s);
    }
    buf_free(&body);
}

/* Two requests in one breath: who answers as they come sends both. In the second half of a split one, none is at the
 * head of what comes. */
static void login_hidden(struct session *s, bool split)
{
    struct buf body = {0};
    link_begin(&s->link, 'R');
    link_int32(&s->link, AUTH_ASK_MD5);
    link_bytes(&s->link, "salt", 4);
    link_end(&s->link);
    put_cleartext(s);
    if (split)
        flush_head(s, 9);
    link_flush(&s->link);
    read_password(s, &body);
    read_password(s, &body);
    buf_free(&body);
}

/* What was put behind the N is answered when anything more comes. */
static void login_after_n(struct session *s)
{
    struct buf body = {0};
    usleep(PAUSE_US);
    link_raw(&s->link, "S", 1);
    link_flush(&s->link);
    read_password(s, &body);
    buf_free(&body);
}

static void login_cleartext(struct session *s)
{
    struct buf body = {0};
    ask(s, AUTH_ASK_CLEARTEXT, NULL, 0);
    read_password(s, &body);
    if (s->options->password && strcmp(buf_text(&body), s->options->password) != 0)
        refuse_login(s);
    buf_free(&body);
}

/* ---- SCRAM-SHA-256, RFC 5802 and 7677 ---- */

static void hmac(const void *key, const char *text, unsigned char *out)
{
    unsigned n = KEY_LEN;
    HMAC(EVP_sha256(), key, KEY_LEN, (const unsigned char *)text, strlen(text), out, &n);
}

static void base64(const unsigned char *bytes, int n, char *out)
{
    EVP_EncodeBlock((unsigned char *)out, bytes, n);
}

struct scram {
    char client_first_bare[256], server_first[256], client_final_bare[256];
    char proof[64];             /* base64, as the client sent it */
    unsigned char salted[KEY_LEN];
};

/* "n,,n=,r=NONCE": what follows the two commas, after the mechanism's name and the length. */
static void scram_client_first(struct session *s, struct scram *scram)
{
    struct buf body = {0};
    read_password(s, &body);
    size_t at = strlen(buf_text(&body)) + 5;
    const char *first = body.len > at ? body.data + at : "";
    const char *bare = strchr(first, ',') ? strchr(strchr(first, ',') + 1, ',') : NULL;
    snprintf(scram->client_first_bare, sizeof(scram->client_first_bare), "%s", bare ? bare + 1 : "");
    buf_free(&body);
    if (!strstr(scram->client_first_bare, "r="))
        refuse_login(s);
}

static void scram_server_first(struct session *s, struct scram *scram, int iterations)
{
    unsigned char nonce[18];
    char text[32], salt[32];
    RAND_bytes(nonce, sizeof(nonce));
    base64(nonce, sizeof(nonce), text);
    base64((const unsigned char *)"pepper and salt.", 16, salt);
    snprintf(scram->server_first, sizeof(scram->server_first), "r=%.100s%s,s=%s,i=%d",
             strstr(scram->client_first_bare, "r=") + 2, text, salt, iterations);
    ask(s, AUTH_SASL_MORE, scram->server_first, strlen(scram->server_first));
}

static void scram_client_final(struct session *s, struct scram *scram)
{
    struct buf body = {0};
    read_password(s, &body);
    char *proof = strstr(buf_text(&body), ",p=");
    if (!proof)
        refuse_login(s);
    snprintf(scram->client_final_bare, sizeof(scram->client_final_bare), "%.*s", (int)(proof - body.data),
             body.data);
    snprintf(scram->proof, sizeof(scram->proof), "%s", proof + 3);
    buf_free(&body);
}

/* The proof is the client's key, hidden by its signature of the whole exchange. */
static bool scram_proof_fits(const struct scram *scram, const char *exchange)
{
    unsigned char client_key[KEY_LEN], stored[KEY_LEN], signature[KEY_LEN];
    char want[64];
    hmac(scram->salted, "Client Key", client_key);
    EVP_Digest(client_key, KEY_LEN, stored, NULL, EVP_sha256(), NULL);
    hmac(stored, exchange, signature);
    for (int i = 0; i < KEY_LEN; i++)
        client_key[i] ^= signature[i];
    base64(client_key, KEY_LEN, want);
    return strcmp(want, scram->proof) == 0;
}

static void login_scram(struct session *s, int iterations)
{
    struct scram scram;
    const char *password = s->options->password ? s->options->password : "secret";
    ask(s, AUTH_SASL, "SCRAM-SHA-256\0", 15);
    scram_client_first(s, &scram);
    scram_server_first(s, &scram, iterations);
    scram_client_final(s, &scram);
    PKCS5_PBKDF2_HMAC(password, (int)strlen(password), (const unsigned char *)"pepper and salt.", 16,
                      iterations, EVP_sha256(), KEY_LEN, scram.salted);
    char exchange[800], reply[64] = "v=";
    snprintf(exchange, sizeof(exchange), "%s,%s,%s", scram.client_first_bare, scram.server_first,
             scram.client_final_bare);
    if (!scram_proof_fits(&scram, exchange))
        refuse_login(s);
    unsigned char server_key[KEY_LEN], signature[KEY_LEN];
    hmac(scram.salted, "Server Key", server_key);
    hmac(server_key, exchange, signature);
    base64(signature, KEY_LEN, reply + 2);
    link_begin(&s->link, 'R');
    link_int32(&s->link, AUTH_SASL_END);
    link_bytes(&s->link, reply, strlen(reply));
    link_end(&s->link);
    if (s->options->auth == AUTH_HIDDEN_SCRAM)
        login_cleartext(s);
    link_flush(&s->link);
}

static void authenticate(struct session *s)
{
    switch (s->options->auth) {
    case AUTH_TRUST:
        break;
    case AUTH_CLEARTEXT:
        login_cleartext(s);
        break;
    case AUTH_MD5:
        login_md5(s);
        break;
    case AUTH_SCRAM:
    case AUTH_HIDDEN_SCRAM:
        login_scram(s, s->options->scram_iterations);
        break;
    case AUTH_HIDDEN:
    case AUTH_HIDDEN_SPLIT:
        login_hidden(s, s->options->auth == AUTH_HIDDEN_SPLIT);
        break;
    case AUTH_AFTER_N:
        login_after_n(s);
        break;
    }
}

static void tell_parameter(struct session *s, const char *name, const char *value)
{
    link_begin(&s->link, 'S');
    link_string(&s->link, name);
    link_string(&s->link, value);
    link_end(&s->link);
}

/* What a real server behind says of itself, else what a healthy one would say. */
static void tell_parameters(struct session *s)
{
    const struct {
        const char *name, *value;
    } all[] = {
        {"server_version", s->options->version}, {"server_encoding", "UTF8"},     {"client_encoding", "UTF8"},
        {"DateStyle", "ISO, MDY"},               {"IntervalStyle", "postgres"},   {"TimeZone", "UTC"},
        {"integer_datetimes", "on"},             {"in_hot_standby", "off"},       {"is_superuser", "off"},
        {"standard_conforming_strings", "on"},   {"session_authorization", s->user},
        {"application_name", ""},                {"default_transaction_read_only", "off"},
    };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        const char *real = s->upstream ? PQparameterStatus(s->upstream, all[i].name) : NULL;
        tell_parameter(s, all[i].name, real ? real : all[i].value);
    }
}

static void open_upstream(struct session *s)
{
    if (!s->options->behind)
        return;
    s->upstream = PQconnectdb(s->options->behind);
    if (PQstatus(s->upstream) == CONNECTION_OK)
        return;
    session_log(s, "behind", PQerrorMessage(s->upstream));
    error_send(&s->link, "FATAL", "57P03", "the server behind does not answer", PQerrorMessage(s->upstream));
    link_flush(&s->link);
    link_close(&s->link);
}

void session_login(struct session *s)
{
    const struct mode *mode = s->options->mode;
    bool sick = session_sick(s);
    if (sick && mode->on_accept)
        mode->on_accept(s);
    read_startup(s);
    if (sick && mode->on_login)
        mode->on_login(s);
    if (sick && mode->scram_iterations)
        login_scram(s, mode->scram_iterations);
    else
        authenticate(s);
    open_upstream(s);
    ask(s, AUTH_OK, NULL, 0);
    tell_parameters(s);
    link_begin(&s->link, 'K');
    link_int32(&s->link, getpid());
    link_int32(&s->link, 12345);
    link_end(&s->link);
    session_log(s, "login", s->user);
    if (sick && mode->on_ready)
        mode->on_ready(s);
    session_ready(s);
}
