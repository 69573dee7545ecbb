/* JPEG by libjpeg-turbo, with the settings that OpenCV decodes with: slow integer DCT and fancy
 * upsampling. Both are exact integer algorithms, so pixels equal cv2.imread() bit for bit. */
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "core/log.h"
#include "eval/image_internal.h"

/* One file being decoded. It lives outside the function that calls setjmp(), so no local variable
 * is lost when libjpeg jumps out. */
struct job {
    struct jpeg_decompress_struct cinfo;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    const char *name;
    const uint8_t *data; /* input: these bytes, or `file` */
    size_t size;
    FILE *file;
    int orientation;
    uint8_t *rgb;                  /* output */
    uint8_t *row;                  /* one row of CMYK */
    char message[JMSG_LENGTH_MAX]; /* of the error that ended a step */
    char warning[JMSG_LENGTH_MAX]; /* the first one */
    bool starved;                  /* data ended within the first row of blocks */
    bool too_large;
    bool damaged; /* decoded as far as it goes */
};

/* ---- libjpeg's callbacks ---- */

static void on_error(j_common_ptr cinfo)
{
    struct job *job = cinfo->client_data;
    cinfo->err->format_message(cinfo, job->message);
    longjmp(job->jump, 1);
}

static bool means_no_data(int code)
{
    return code == JWRN_HIT_MARKER || code == JWRN_ARITH_BAD_CODE;
}

static void on_message(j_common_ptr cinfo, int level)
{
    if (level >= 0) return; /* a trace, not a warning */
    struct job *job = cinfo->client_data;
    if (cinfo->err->num_warnings++ == 0) cinfo->err->format_message(cinfo, job->warning);
    if (means_no_data(cinfo->err->msg_code) && job->cinfo.input_scan_number <= 1 &&
        job->cinfo.input_iMCU_row == 0)
        job->starved = true;
}

static void on_output(j_common_ptr cinfo)
{
    (void)cinfo; /* libjpeg would print on stderr */
}

/* A small file can hold thousands of scans that each cost a pass over the picture. */
static void on_progress(j_common_ptr cinfo)
{
    enum { MAX_SCANS = 500 };
    struct job *job = cinfo->client_data;
    if (job->cinfo.input_scan_number <= MAX_SCANS) return;
    snprintf(job->message, sizeof job->message, "more than %d scans", MAX_SCANS);
    longjmp(job->jump, 1);
}

/* Runs a step; false when libjpeg gave up in it. */
static bool guarded(struct job *job, void (*step)(struct job *))
{
    if (setjmp(job->jump)) return false;
    step(job);
    return true;
}

/* ---- steps ---- */

static int orientation_of(j_decompress_ptr cinfo)
{
    enum { MARKER = 6 };
    for (jpeg_saved_marker_ptr m = cinfo->marker_list; m; m = m->next)
        if (m->marker == JPEG_APP0 + 1 && m->data_length > MARKER &&
            memcmp(m->data, "Exif\0\0", MARKER) == 0)
            return pld_exif_orientation(m->data, m->data_length);
    return 1;
}

static void step_header(struct job *job)
{
    j_decompress_ptr cinfo = &job->cinfo;
    jpeg_create_decompress(cinfo);
    cinfo->progress = &job->progress;
    jpeg_save_markers(cinfo, JPEG_APP0 + 1, 0xffff);
    if (job->file)
        jpeg_stdio_src(cinfo, job->file);
    else
        jpeg_mem_src(cinfo, job->data, (unsigned long)job->size);
    jpeg_read_header(cinfo, TRUE);
    job->orientation = orientation_of(cinfo);
}

/* Adobe writes CMYK inverted (255 = no ink), and OpenCV takes every CMYK file for such a one. */
static void cmyk_to_rgb(uint8_t *rgb, const uint8_t *cmyk, size_t pixels)
{
    for (size_t i = 0; i < pixels; i++, rgb += 3, cmyk += 4)
        for (int c = 0; c < 3; c++)
            rgb[c] = (uint8_t)(cmyk[3] - ((255 - cmyk[c]) * cmyk[3] >> 8));
}

static void step_pixels(struct job *job)
{
    j_decompress_ptr cinfo = &job->cinfo;
    bool cmyk = cinfo->num_components == 4;
    cinfo->out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
    cinfo->dct_method = JDCT_ISLOW;
    cinfo->do_fancy_upsampling = TRUE;
    jpeg_start_decompress(cinfo);
    size_t width = cinfo->output_width;
    job->rgb = malloc(width * cinfo->output_height * 3);
    job->row = cmyk ? malloc(width * 4) : NULL;
    if (!job->rgb || (cmyk && !job->row)) ERREXIT1(cinfo, JERR_OUT_OF_MEMORY, 0);
    while (cinfo->output_scanline < cinfo->output_height) {
        uint8_t *out = job->rgb + (size_t)cinfo->output_scanline * width * 3;
        JSAMPROW into = cmyk ? job->row : out;
        jpeg_read_scanlines(cinfo, &into, 1);
        if (cmyk) cmyk_to_rgb(out, job->row, width);
    }
}

static void step_finish(struct job *job)
{
    jpeg_finish_decompress(&job->cinfo);
}

/* ---- around the steps ---- */

static void job_init(struct job *job, const char *name)
{
    *job = (struct job){.name = name, .orientation = 1};
    job->cinfo.err = jpeg_std_error(&job->errors);
    job->cinfo.client_data = job;
    job->errors.error_exit = on_error;
    job->errors.emit_message = on_message;
    job->errors.output_message = on_output;
    job->progress.progress_monitor = on_progress;
}

static void job_release(struct job *job)
{
    jpeg_destroy_decompress(&job->cinfo);
    free(job->row);
    free(job->rgb);
}

static pld_status read_header(struct job *job)
{
    if (!guarded(job, step_header))
        return pld_fail(PLD_EDATA, job->name, "not a readable JPEG: %s", job->message);
    return pld_image_check_size(job->name, (long)job->cinfo.image_width,
                                (long)job->cinfo.image_height);
}

static pld_status decode(struct job *job)
{
    PLD_TRY(read_header(job));
    if (!guarded(job, step_pixels))
        return pld_fail(PLD_EDATA, job->name, "cannot decode JPEG: %s", job->message);
    if (job->starved)
        return pld_fail(PLD_EDATA, job->name, "JPEG has no picture data: %s", job->warning);
    /* All rows are there, so what is wrong after them is worth no more than a warning. */
    const char *warning = guarded(job, step_finish) ? job->warning : job->message;
    job->damaged = warning[0] != '\0';
    if (job->damaged)
        pld_log(PLD_LOG_WARN, "%s: damaged JPEG, decoded as far as it goes: %s", job->name,
                warning);
    return PLD_OK;
}

pld_status pld_jpeg_decode(struct pld_image *out, int *orientation, const uint8_t *data,
                           size_t size, const char *name)
{
    struct job job;
    job_init(&job, name);
    job.data = data;
    job.size = size;
    pld_status status = decode(&job);
    if (status == PLD_OK) {
        *out = (struct pld_image){.rgb = job.rgb,
                                  .width = (int)job.cinfo.output_width,
                                  .height = (int)job.cinfo.output_height,
                                  .damaged = job.damaged};
        *orientation = job.orientation;
        job.rgb = NULL;
    }
    job_release(&job);
    return status;
}

pld_status pld_jpeg_size(int *width, int *height, int *orientation, FILE *file, const char *name)
{
    struct job job;
    job_init(&job, name);
    job.file = file;
    pld_status status = read_header(&job);
    if (status == PLD_OK) {
        *width = (int)job.cinfo.image_width;
        *height = (int)job.cinfo.image_height;
        *orientation = job.orientation;
    }
    job_release(&job);
    return status;
}
