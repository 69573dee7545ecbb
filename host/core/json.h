/* Glue around yyjson: files in and out, numbers the way this program prints them. */
#ifndef PLD_CORE_JSON_H
#define PLD_CORE_JSON_H

#include <stdbool.h>

#include "core/status.h"
#include "yyjson/yyjson.h"

/* Parses a JSON file (strict RFC 8259, correctly rounded doubles). Fails with `code`, naming file,
 * line and column. Free with yyjson_doc_free(). */
pld_status pld_json_read(yyjson_doc **out, const char *path, pld_status code);

/* The shortest text of 15 to 17 digits that reads back as `value`: 0.3 stays 0.3. For numbers that
 * people wrote, such as ratios. `value` is finite. Returns out. */
char *pld_real_text(char out[32], double value);

/* A number with 17 significant digits (NaN and infinities become null). */
yyjson_mut_val *pld_json_real(yyjson_mut_doc *doc, double value);

/* Adds key: number with 17 significant digits. `key` must outlive the document. */
bool pld_json_add_real(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key, double value);

/* Serialises the document's root. `pretty` indents by two spaces. Caller frees; NULL on no memory
 * (with an error record). */
char *pld_json_text(const yyjson_mut_doc *doc, bool pretty, size_t *size);

/* Writes the document's root to a file, atomically, with a newline at the end. */
pld_status pld_json_write(const char *path, const yyjson_mut_doc *doc, bool pretty);

#endif
