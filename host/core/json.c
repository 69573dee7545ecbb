#include "core/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"

pld_status pld_json_read(yyjson_doc **out, const char *path, pld_status code)
{
    *out = NULL;
    struct pld_bytes bytes;
    PLD_TRY(pld_file_read(&bytes, path, code));
    yyjson_read_err error = {0};
    yyjson_doc *doc = yyjson_read_opts((char *)bytes.data, bytes.size, 0, NULL, &error);
    pld_status status = PLD_OK;
    if (!doc) {
        size_t line = 1, column = 1;
        for (size_t i = 0; i < error.pos && i < bytes.size; i++) {
            column++;
            if (bytes.data[i] == '\n') {
                line++;
                column = 1;
            }
        }
        status = pld_fail(code, path, "invalid JSON at line %zu column %zu: %s", line, column,
                          error.msg ? error.msg : "unknown error");
    }
    pld_bytes_release(&bytes);
    *out = doc;
    return status;
}

char *pld_real_text(char out[32], double value)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, 32, "%.*g", digits, value);
        if (strtod(out, NULL) == value) break;
    }
    return out;
}

yyjson_mut_val *pld_json_real(yyjson_mut_doc *doc, double value)
{
    char text[40];
    if (!isfinite(value)) return yyjson_mut_null(doc);
    snprintf(text, sizeof text, "%.17g", value);
    return yyjson_mut_rawcpy(doc, text);
}

bool pld_json_add_real(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key, double value)
{
    return yyjson_mut_obj_add_val(doc, object, key, pld_json_real(doc, value));
}

char *pld_json_text(const yyjson_mut_doc *doc, bool pretty, size_t *size)
{
    yyjson_write_flag flags = pretty ? YYJSON_WRITE_PRETTY_TWO_SPACES : 0;
    char *text = yyjson_mut_write_opts(doc, flags, NULL, size, NULL);
    if (!text) pld_fail_memory("JSON text");
    return text;
}

pld_status pld_json_write(const char *path, const yyjson_mut_doc *doc, bool pretty)
{
    size_t size;
    char *text = pld_json_text(doc, pretty, &size);
    if (!text) return PLD_EDEVICE;
    text[size++] = '\n'; /* over the terminating zero: the size says where the text ends */
    pld_status status = pld_file_write(path, text, size);
    free(text);
    return status;
}
