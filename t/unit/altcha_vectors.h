/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: The mod_clinicportal authors */
/* Challenges and solutions that altcha-lib 2.8.0 made: by the two modes of the
 * protocol, and with an odd prefix and characters to escape. */
#ifndef CP_T_ALTCHA_VECTORS_H
#define CP_T_ALTCHA_VECTORS_H

#define VECTOR_SECRET "test-signature-secret-0123456789abcdef"
#define VECTOR_KEY_SECRET "test-key-secret-fedcba9876543210"
#define VECTOR_EXPIRES_AT 4102444800 /* of all three */

typedef struct vector_t {
    const char *parameters, *signature, *key, *payload;
    const char *algorithm, *data; /* NULL: none */
    int counter, cost, prefix_digits, is_rederived;
} vector_t;

static const vector_t vectors[] = {
    {.parameters =
         "{\"algorithm\":\"PBKDF2/SHA-256\",\"cost\":100,\"data\":{\"clinic\":"
         "\"demo\",\"form\":\"login\"},\"expiresAt\":4102444800,\"keyLength\":"
         "32,\"keyPrefix\":\"9bc897f55a4596e6ba36e0aee05b338d\",\"keySignature"
         "\":\"89a53402bb8b3543c549ca1fbf5cbf9315dcc5c3a287b534dc72aec36dd62e5"
         "3\",\"nonce\":\"5ae4c432cad4356729bcfdae6a78310c\",\"salt\":\"b4024d"
         "364027c8b5a21d0132db6e3d8f\"}",
     .signature =
         "7de8777ca8eab3e3a2d03b58ef808b5a75fa5cb57b9ff0c644da53ecd1fbf576",
     .counter = 37,
     .key = "9bc897f55a4596e6ba36e0aee05b338d911af58ef25da138b482e28f8e1d7aad",
     .payload =
         "eyJjaGFsbGVuZ2UiOnsicGFyYW1ldGVycyI6eyJhbGdvcml0aG0iOiJQQktERjIvU0hB"
         "LTI1NiIsImNvc3QiOjEwMCwiZGF0YSI6eyJjbGluaWMiOiJkZW1vIiwiZm9ybSI6Imxv"
         "Z2luIn0sImV4cGlyZXNBdCI6NDEwMjQ0NDgwMCwia2V5TGVuZ3RoIjozMiwia2V5UHJl"
         "Zml4IjoiOWJjODk3ZjU1YTQ1OTZlNmJhMzZlMGFlZTA1YjMzOGQiLCJrZXlTaWduYXR1"
         "cmUiOiI4OWE1MzQwMmJiOGIzNTQzYzU0OWNhMWZiZjVjYmY5MzE1ZGNjNWMzYTI4N2I1"
         "MzRkYzcyYWVjMzZkZDYyZTUzIiwibm9uY2UiOiI1YWU0YzQzMmNhZDQzNTY3MjliY2Zk"
         "YWU2YTc4MzEwYyIsInNhbHQiOiJiNDAyNGQzNjQwMjdjOGI1YTIxZDAxMzJkYjZlM2Q4"
         "ZiJ9LCJzaWduYXR1cmUiOiI3ZGU4Nzc3Y2E4ZWFiM2UzYTJkMDNiNThlZjgwOGI1YTc1"
         "ZmE1Y2I1N2I5ZmYwYzY0NGRhNTNlY2QxZmJmNTc2In0sInNvbHV0aW9uIjp7ImNvdW50"
         "ZXIiOjM3LCJkZXJpdmVkS2V5IjoiOWJjODk3ZjU1YTQ1OTZlNmJhMzZlMGFlZTA1YjMz"
         "OGQ5MTFhZjU4ZWYyNWRhMTM4YjQ4MmUyOGY4ZTFkN2FhZCIsInRpbWUiOjEyLjN9fQ==",
     .data = "{\"clinic\":\"demo\",\"form\":\"login\"}",
     .algorithm = "PBKDF2/SHA-256",
     .cost = 100,
     .prefix_digits = 32,
     .is_rederived = 0},
    {.parameters =
         "{\"algorithm\":\"PBKDF2/SHA-256\",\"cost\":50,\"expiresAt\":41024448"
         "00,\"keyLength\":32,\"keyPrefix\":\"00\",\"nonce\":\"a90a9fa998c2186"
         "f111f7ca40f64aaab\",\"salt\":\"20e9bf73f74f0892da10ee46b2b8a8e7\"}",
     .signature =
         "fea1d9d7cf835fad3153e1d8dec2ff9805b8b4e68bf1feeb8ec25bac7656e5b1",
     .counter = 21,
     .key = "0064c76cc67832aca6c551108da53af7bca4a082157cbb49874cc81b95ad1969",
     .payload =
         "eyJjaGFsbGVuZ2UiOnsicGFyYW1ldGVycyI6eyJhbGdvcml0aG0iOiJQQktERjIvU0hB"
         "LTI1NiIsImNvc3QiOjUwLCJleHBpcmVzQXQiOjQxMDI0NDQ4MDAsImtleUxlbmd0aCI6"
         "MzIsImtleVByZWZpeCI6IjAwIiwibm9uY2UiOiJhOTBhOWZhOTk4YzIxODZmMTExZjdj"
         "YTQwZjY0YWFhYiIsInNhbHQiOiIyMGU5YmY3M2Y3NGYwODkyZGExMGVlNDZiMmI4YThl"
         "NyJ9LCJzaWduYXR1cmUiOiJmZWExZDlkN2NmODM1ZmFkMzE1M2UxZDhkZWMyZmY5ODA1"
         "YjhiNGU2OGJmMWZlZWI4ZWMyNWJhYzc2NTZlNWIxIn0sInNvbHV0aW9uIjp7ImNvdW50"
         "ZXIiOjIxLCJkZXJpdmVkS2V5IjoiMDA2NGM3NmNjNjc4MzJhY2E2YzU1MTEwOGRhNTNh"
         "ZjdiY2E0YTA4MjE1N2NiYjQ5ODc0Y2M4MWI5NWFkMTk2OSIsInRpbWUiOjEyLjN9fQ==",
     .algorithm = "PBKDF2/SHA-256",
     .cost = 50,
     .prefix_digits = 2,
     .is_rederived = 1},
    {.parameters =
         "{\"algorithm\":\"SHA-256\",\"cost\":20,\"data\":{\"clinic\":\"st-a/1"
         "\",\"note\":\"a \\\"q\\\" \\\\ b\"},\"expiresAt\":4102444800,\"keyLe"
         "ngth\":32,\"keyPrefix\":\"abc\",\"nonce\":\"a30867f5a3a1d5aa68bad3ba"
         "38e35008\",\"salt\":\"913f36405664fbee30560a6f6a8be404\"}",
     .signature =
         "efcd8e0dc3f00bdc2ba9d92936f703feb1d0a9eb6cfb77313e11f8986a30ccc9",
     .counter = 103,
     .key = "abc2530b28c93e1153b64593ee6795dcca48d633bcd3c01e444594fb33f023be",
     .payload =
         "eyJjaGFsbGVuZ2UiOnsicGFyYW1ldGVycyI6eyJhbGdvcml0aG0iOiJTSEEtMjU2Iiwi"
         "Y29zdCI6MjAsImRhdGEiOnsiY2xpbmljIjoic3QtYS8xIiwibm90ZSI6ImEgXCJxXCIg"
         "XFwgYiJ9LCJleHBpcmVzQXQiOjQxMDI0NDQ4MDAsImtleUxlbmd0aCI6MzIsImtleVBy"
         "ZWZpeCI6ImFiYyIsIm5vbmNlIjoiYTMwODY3ZjVhM2ExZDVhYTY4YmFkM2JhMzhlMzUw"
         "MDgiLCJzYWx0IjoiOTEzZjM2NDA1NjY0ZmJlZTMwNTYwYTZmNmE4YmU0MDQifSwic2ln"
         "bmF0dXJlIjoiZWZjZDhlMGRjM2YwMGJkYzJiYTlkOTI5MzZmNzAzZmViMWQwYTllYjZj"
         "ZmI3NzMxM2UxMWY4OTg2YTMwY2NjOSJ9LCJzb2x1dGlvbiI6eyJjb3VudGVyIjoxMDMs"
         "ImRlcml2ZWRLZXkiOiJhYmMyNTMwYjI4YzkzZTExNTNiNjQ1OTNlZTY3OTVkY2NhNDhk"
         "NjMzYmNkM2MwMWU0NDQ1OTRmYjMzZjAyM2JlIiwidGltZSI6MTIuM319",
     .data = "{\"clinic\":\"st-a/1\",\"note\":\"a \\\"q\\\" \\\\ b\"}",
     .algorithm = "SHA-256",
     .cost = 20,
     .prefix_digits = 3,
     .is_rederived = 1},
};
#define V1 (&vectors[0])
#define V2 (&vectors[1])

#endif
