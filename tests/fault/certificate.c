/* Making certificates by libcrypto. */
#include "tests/fault/certificate.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define DAY_S 86400

static FILE *open_file(const char *dir, const char *name, const char *ending, const char *how)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/%s.%s", dir, name, ending);
    FILE *f = fopen(path, how);
    if (f && how[0] == 'w')
        fchmod(fileno(f), 0600);
    if (!f)
        perror(path);
    return f;
}

/* A certificate and its key; NULL where there is none. */
static void load_both(const char *dir, const char *name, X509 **x, EVP_PKEY **key)
{
    FILE *crt = open_file(dir, name, "crt", "re"), *secret = open_file(dir, name, "key", "re");
    *x = crt ? PEM_read_X509(crt, NULL, NULL, NULL) : NULL;
    *key = secret ? PEM_read_PrivateKey(secret, NULL, NULL, NULL) : NULL;
    if (crt)
        fclose(crt);
    if (secret)
        fclose(secret);
}

static bool extend(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool done = e && X509_add_ext(x, e, -1) == 1;
    X509_EXTENSION_free(e);
    return done;
}

static X509 *fill(const char *name, EVP_PKEY *key, X509 *issuer, const char *san)
{
    static long serial;
    X509 *x = X509_new();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(x), -DAY_S);
    X509_gmtime_adj(X509_getm_notAfter(x), DAY_S);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
    bool done = san ? extend(x, issuer ? issuer : x, NID_subject_alt_name, san)
                    : extend(x, x, NID_basic_constraints, "critical,CA:TRUE");
    if (done)
        return x;
    X509_free(x);
    return NULL;
}

static bool write_both(const char *dir, const char *name, X509 *x, EVP_PKEY *key)
{
    FILE *crt = open_file(dir, name, "crt", "we"), *secret = open_file(dir, name, "key", "we");
    bool done = crt && secret && PEM_write_X509(crt, x) == 1 &&
                PEM_write_PrivateKey(secret, key, NULL, NULL, 0, NULL, NULL) == 1;
    if (crt)
        done = fclose(crt) == 0 && done;
    if (secret)
        done = fclose(secret) == 0 && done;
    return done;
}

bool certificate_make(const char *dir, const char *name, const char *issuer, const char *san)
{
    EVP_PKEY *key = EVP_EC_gen("P-256"), *signer = key;
    X509 *by = NULL;
    if (issuer)
        load_both(dir, issuer, &by, &signer);
    X509 *x = key ? fill(name, key, by, san) : NULL;
    bool done = x && signer && (!issuer || by) && X509_sign(x, signer, EVP_sha256()) > 0 && write_both(dir, name, x, key);
    if (!done)
        ERR_print_errors_fp(stderr);
    X509_free(x);
    X509_free(by);
    if (signer != key)
        EVP_PKEY_free(signer);
    EVP_PKEY_free(key);
    return done;
}
