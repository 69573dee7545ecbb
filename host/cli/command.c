#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#define PLD_COMMAND(name, help) extern const struct pld_command pld_cmd_##name;
#include "cli/command.def"
#undef PLD_COMMAND

static const struct pld_command_row rows[] = {
#define PLD_COMMAND(name, help) {#name, help, &pld_cmd_##name},
#include "cli/command.def"
#undef PLD_COMMAND
};

static const char *const protocols[] = {
    "coco", "voc07", "voc12", "ultralytics", "ultralytics-8.3", "ultralytics-8.4", NULL};
static const char *const precisions[] = {"auto", "fp32", "fp16", NULL};

static const char *const channel_orders[] = {"rgb", "bgr", NULL};

#define SESSION(field) offsetof(struct pld_common, session.field)
#define COMMON(field)  offsetof(struct pld_common, field)

const struct pld_option pld_image_options[] = {
    {.name = "images",
     .type = PLD_OPT_STRING,
     .offset = SESSION(images_dir),
     .value = "DIR",
     .help = "folder of the images, where it is not beside the annotations"},
    {.name = "max-images",
     .type = PLD_OPT_INT,
     .offset = SESSION(max_images),
     .initial = "0",
     .max = 1e9,
     .help = "only the first N images by id; 0 is all"},
    {.name = "imgsz",
     .type = PLD_OPT_INTS,
     .offset = SESSION(imgsz),
     .min = 1,
     .max = 16384,
     .value = "N|H,W",
     .help = "input size of a model whose height and width are dynamic"},
    {.name = "head",
     .type = PLD_OPT_STRING,
     .offset = SESSION(head),
     .value = "NAME",
     .help = "how to decode the outputs, instead of what the model looks like"},
    {.name = "preprocess",
     .type = PLD_OPT_STRING,
     .offset = SESSION(preprocess),
     .value = "NAME",
     .help = "how to prepare the images, instead of what belongs to the head"},
    {.name = "fit",
     .type = PLD_OPT_CHOICE,
     .offset = SESSION(fit),
     .choices = pld_fit_names,
     .help = "how an image fills the input, over what --preprocess says"},
    {.name = "filter",
     .type = PLD_OPT_CHOICE,
     .offset = SESSION(filter),
     .choices = pld_filter_names,
     .help = "how an image is scaled, over what --preprocess says"},
    {.name = "pad",
     .type = PLD_OPT_INTS,
     .offset = SESSION(pad),
     .max = 255,
     .value = "N",
     .help = "grey value beside the image, over what --preprocess says"},
    {.name = "channels",
     .type = PLD_OPT_CHOICE,
     .offset = SESSION(channels),
     .choices = channel_orders,
     .help = "channel order of the input, over what --preprocess says"},
    {.name = "mean",
     .type = PLD_OPT_REALS,
     .offset = SESSION(mean),
     .value = "M|M,M,M",
     .help = "taken from pixels of 0 to 255, in the input's channel order"},
    {.name = "std",
     .type = PLD_OPT_REALS,
     .offset = SESSION(std),
     .value = "S|S,S,S",
     .help = "divides pixels after --mean; 255 gives 0 to 1"},
    {.name = "anchors",
     .type = PLD_OPT_REALS,
     .offset = SESSION(anchors),
     .value = "W,H,...",
     .help = "anchors of raw YOLO maps in pixels, finest level first"},
    {.name = "conf",
     .type = PLD_OPT_REAL,
     .offset = SESSION(conf),
     .max = 1,
     .help = "keep detections with a higher score; by default as the head was published"},
    {.name = "iou",
     .type = PLD_OPT_REAL,
     .offset = SESSION(iou),
     .max = 1,
     .help = "overlap above which a weaker box is dropped (NMS); default: the head's"},
    {.name = "max-det",
     .type = PLD_OPT_INT,
     .offset = SESSION(max_det),
     .min = 1,
     .max = 100000,
     .help = "detections kept an image; default: the head's"},
    {.name = "protocol",
     .type = PLD_OPT_CHOICE,
     .offset = SESSION(protocol),
     .initial = "coco",
     .choices = protocols,
     .help = "rules of the metric; ultralytics is ultralytics-8.3"},
    {.name = NULL},
};

const struct pld_option pld_common_options[] = {
    {.name = "device",
     .type = PLD_OPT_STRING,
     .offset = SESSION(device),
     .initial = "auto",
     .value = "NAME",
     .help = "auto, cpu, cuda or cuda:i"},
    {.name = "precision",
     .type = PLD_OPT_CHOICE,
     .offset = SESSION(precision),
     .initial = "auto",
     .choices = precisions,
     .help = "how activations are stored; auto is fp16 on a GPU and fp32 on a CPU"},
    {.name = "strict-device",
     .type = PLD_OPT_FLAG,
     .offset = SESSION(strict_device),
     .help = "fail where the device lacks an operator, instead of computing it on the CPU"},
    {.name = "threads",
     .type = PLD_OPT_INT,
     .offset = SESSION(threads),
     .initial = "0",
     .max = 1024,
     .help = "worker threads; 0 is one for each processor"},
    {.name = "batch",
     .type = PLD_OPT_INT,
     .offset = SESSION(batch),
     .initial = "0",
     .max = 4096,
     .help = "images a forward pass; 0 lets the device choose"},
    {.name = "seed",
     .type = PLD_OPT_U64,
     .offset = SESSION(seed),
     .initial = "0",
     .help = "seed of everything random"},
    {.name = "config",
     .type = PLD_OPT_STRING,
     .offset = COMMON(config),
     .value = "F.yaml",
     .help = "file with the same keys as the options; the command line wins"},
    {.name = "json",
     .type = PLD_OPT_FLAG,
     .offset = COMMON(json),
     .help = "one JSON document on stdout, also for errors"},
    {.name = "quiet",
     .letter = 'q',
     .type = PLD_OPT_FLAG,
     .offset = COMMON(quiet),
     .help = "warnings and errors only, no progress"},
    {.name = "verbose",
     .letter = 'v',
     .type = PLD_OPT_FLAG,
     .offset = COMMON(verbose),
     .help = "more detail"},
    {.name = "help",
     .letter = 'h',
     .type = PLD_OPT_FLAG,
     .offset = COMMON(help),
     .help = "this text"},
    {.name = NULL},
};

const struct pld_command_row *pld_command_list(int *count)
{
    *count = (int)(sizeof rows / sizeof rows[0]);
    return rows;
}

const struct pld_command_row *pld_command_find(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, name) == 0) return &rows[i];
    return NULL;
}

void pld_command_options(struct pld_options *options, const struct pld_command_row *row, void *args,
                         struct pld_common *common, char *name, size_t name_size)
{
    static const struct pld_option none[] = {{.name = NULL}};
    snprintf(name, name_size, "pollard %s", row->name);
    *options = (struct pld_options){
        .groups = {{"Options", row->command->options ? row->command->options : none, args},
                   {"Images, head and metric", pld_image_options, common},
                   {"Common options", pld_common_options, common}},
        .positionals = row->command->positionals,
        .positional_target = args,
        .command = name,
    };
}

static bool needs_quotes(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "%+,-./:=@_";
    return !*word || word[strspn(word, plain)];
}

void pld_command_line(struct pld_str *out, const struct pld_call *call)
{
    for (int i = 0; i < call->argc; i++) {
        const char *word = i ? call->argv[i] : "pollard";
        if (i) pld_str_append(out, " ");
        if (!needs_quotes(word)) {
            pld_str_append(out, word);
            continue;
        }
        pld_str_append(out, "'");
        for (; *word; word++) {
            if (*word == '\'')
                pld_str_append(out, "'\\''");
            else
                pld_str_append_n(out, word, 1);
        }
        pld_str_append(out, "'");
    }
}
