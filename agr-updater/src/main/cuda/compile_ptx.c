// Compiles a CUDA source with NVRTC, which needs no GPU, and prints the PTX:
//   compile_ptx LIBNVRTC SOURCE OPTION...
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Program *Program;

static void *library;

static void *function(const char *name) {
  void *f = dlsym(library, name);
  if (f == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    exit(1);
  }
  return f;
}

static char *read_all(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    exit(1);
  }
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  char *text = calloc(size + 1, 1);
  if (fread(text, 1, size, file) != (size_t)size) {
    perror(path);
    exit(1);
  }
  fclose(file);
  return text;
}

int main(int argc, char **argv) {
  library = argc < 3 ? NULL : dlopen(argv[1], RTLD_NOW);
  if (library == NULL) {
    fprintf(stderr, "%s\n", argc < 3 ? "compile_ptx LIBNVRTC SOURCE OPTION..." : dlerror());
    return 1;
  }
  const char *(*text_of)(int) = function("nvrtcGetErrorString");
  int (*create)(Program *, const char *, const char *, int, const char **, const char **) =
      function("nvrtcCreateProgram");
  int (*compile)(Program, int, const char **) = function("nvrtcCompileProgram");
  int (*log_size)(Program, size_t *) = function("nvrtcGetProgramLogSize");
  int (*get_log)(Program, char *) = function("nvrtcGetProgramLog");
  int (*ptx_size)(Program, size_t *) = function("nvrtcGetPTXSize");
  int (*get_ptx)(Program, char *) = function("nvrtcGetPTX");

  Program program;
  int result = create(&program, read_all(argv[2]), argv[2], 0, NULL, NULL);
  if (result == 0) {
    result = compile(program, argc - 3, (const char **)argv + 3);
    size_t size = 0;
    log_size(program, &size);
    char *log = calloc(size + 1, 1);
    get_log(program, log);
    fputs(log, stderr);
  }
  size_t size = 0;
  if (result == 0) result = ptx_size(program, &size);
  char *ptx = calloc(size + 1, 1);
  if (result == 0) result = get_ptx(program, ptx);
  if (result != 0) {
    fprintf(stderr, "NVRTC: %s\n", text_of(result));
    return 1;
  }
  fputs(ptx, stdout);
  return 0;
}
