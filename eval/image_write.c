/* Pictures written as JPEG. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "core/file.h"
#include "eval/image.h"

/* libjpeg reports faults through a callback that must not return. */
struct jpeg_fault {
    struct jpeg_error_mgr base;
    jmp_buf escape;
    char message[JMSG_LENGTH_MAX];
};

static void jpeg_escape(j_common_ptr codec)
{
    struct jpeg_fault *fault = (struct jpeg_fault *)codec->err;
    fault->base.format_message(codec, fault->message);
    longjmp(fault->escape, 1);
}

/* Compresses into `bytes`, *size of them; *size gets what was used. The room given must do for any
 * picture: libjpeg then never moves it. */
static pld_status compress(const char *path, const struct pld_image *image, int quality,
                           unsigned char *bytes, unsigned long *size)
{
    struct jpeg_compress_struct codec;
    struct jpeg_fault fault;
    codec.err = jpeg_std_error(&fault.base);
    fault.base.error_exit = jpeg_escape;
    if (setjmp(fault.escape)) {
        jpeg_destroy_compress(&codec);
        return pld_fail(PLD_EFAIL, path, "cannot compress: %s", fault.message);
    }
    jpeg_create_compress(&codec);
    jpeg_mem_dest(&codec, &bytes, size);
    codec.image_width = (JDIMENSION)image->width;
    codec.image_height = (JDIMENSION)image->height;
    codec.input_components = 3;
    codec.in_color_space = JCS_RGB;
    jpeg_set_defaults(&codec);
    jpeg_set_quality(&codec, quality, TRUE);
    codec.dct_method = JDCT_ISLOW;
    jpeg_start_compress(&codec, TRUE);
    while (codec.next_scanline < codec.image_height) {
        JSAMPROW row = image->rgb + (size_t)codec.next_scanline * (size_t)image->width * 3;
        jpeg_write_scanlines(&codec, &row, 1);
    }
    jpeg_finish_compress(&codec);
    jpeg_destroy_compress(&codec);
    return PLD_OK;
}

pld_status pld_image_encode_jpeg(struct pld_bytes *out, const struct pld_image *image, int quality,
                                 const char *name)
{
    unsigned long size =
        4096 + 6ul * (unsigned long)(image->width + 16) * (unsigned long)(image->height + 16);
    *out = (struct pld_bytes){.data = malloc(size)};
    if (!out->data) return pld_fail_memory("JPEG file");
    pld_status status = compress(name, image, quality, out->data, &size);
    if (status == PLD_OK)
        out->size = size;
    else
        pld_bytes_release(out);
    return status;
}

pld_status pld_image_write_jpeg(const char *path, const struct pld_image *image, int quality)
{
    struct pld_bytes bytes;
    PLD_TRY(pld_image_encode_jpeg(&bytes, image, quality, path));
    pld_status status = pld_file_write(path, bytes.data, bytes.size);
    pld_bytes_release(&bytes);
    return status;
}
