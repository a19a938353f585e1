// The part of PJRT's C interface that Register needs. PJRT keeps the place of each function within a major version and
// adds new ones at the end; each struct of arguments begins with its own size.

#include <stddef.h>

typedef struct {
  size_t size;
  void *extensions;
  struct {
    size_t size;
    void *extensions;
    int major, minor;
  } version;
  void *functions[];
} pjrt_api;

enum {  // places in functions
  PJRT_ERROR_DESTROY = 0,
  PJRT_CLIENT_COMPILE = 20,
  PJRT_EXECUTABLE_DESTROY = 40,
  PJRT_EXECUTABLE_SERIALIZE = 49,
  PJRT_LOADED_EXECUTABLE_GET_EXECUTABLE = 51,
  PJRT_EXECUTABLE_DESERIALIZE_AND_LOAD = 56,
  PJRT_FUNCTIONS = 57  // that must be there
};

typedef struct {
  size_t size;
  void *extensions;
  const char *code;
  size_t code_size;
  const char *format;
  size_t format_size;
} pjrt_program;

typedef struct {
  size_t size;
  void *extensions;
  void *client;
  const pjrt_program *program;
  const char *options;
  size_t options_size;
  void *executable;  // out
} pjrt_compile_args;

typedef struct {
  const char *bytes;
  size_t size;
  void *owner;
  void (*release)(void *owner);
} serialized;

// pjrt_open is the table of functions of the plugin at path, or NULL where it is not one that we understand.
pjrt_api *pjrt_open(const char *path);
// pjrt_with is a copy of api that compiles by compile.
pjrt_api *pjrt_with(const pjrt_api *api, void *compile);
// pjrt_compile lets the plugin compile. It returns PJRT's error.
void *pjrt_compile(const pjrt_api *api, pjrt_compile_args *args);
// pjrt_load puts a serialized executable into args; it returns 0 where the plugin refuses it.
int pjrt_load(const pjrt_api *api, pjrt_compile_args *args, const void *bytes, size_t size);
// pjrt_serialize is the executable in args; its bytes are NULL where the plugin cannot. Its owner is to be released.
serialized pjrt_serialize(const pjrt_api *api, const pjrt_compile_args *args);
void pjrt_release(serialized s);
