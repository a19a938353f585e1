#include "pjrt.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef void *(*call)(void *args);  // a function of the table: it returns an error, or NULL

static void *invoke(const pjrt_api *api, int place, void *args) { return ((call)api->functions[place])(args); }

// succeeds calls a function whose error is of no interest.
static int succeeds(const pjrt_api *api, int place, void *args) {
  void *error = invoke(api, place, args);
  if (error != NULL) {
    struct { size_t size; void *extensions, *error; } destroy = {sizeof destroy, NULL, error};
    invoke(api, PJRT_ERROR_DESTROY, &destroy);
  }
  return error == NULL;
}

pjrt_api *pjrt_open(const char *path) {
  void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
  pjrt_api *(*get)(void) = library == NULL ? NULL : (pjrt_api * (*)(void)) dlsym(library, "GetPjrtApi");
  pjrt_api *api = get == NULL ? NULL : get();
  if (api == NULL || api->version.major != 0 || api->size < sizeof(pjrt_api) + PJRT_FUNCTIONS * sizeof(void *)) return NULL;
  return api;
}

pjrt_api *pjrt_with(const pjrt_api *api, void *compile) {
  pjrt_api *copy = malloc(api->size);
  memcpy(copy, api, api->size);
  copy->functions[PJRT_CLIENT_COMPILE] = compile;
  return copy;
}

void *pjrt_compile(const pjrt_api *api, pjrt_compile_args *args) { return invoke(api, PJRT_CLIENT_COMPILE, args); }

int pjrt_load(const pjrt_api *api, pjrt_compile_args *args, const void *bytes, size_t size) {
  struct {
    size_t size;
    void *extensions, *client;
    const void *bytes;
    size_t bytes_size;
    void *executable;
    const char *options;
    size_t options_size;
  } load = {sizeof load, NULL, args->client, bytes, size, NULL, NULL, 0};
  if (!succeeds(api, PJRT_EXECUTABLE_DESERIALIZE_AND_LOAD, &load)) return 0;
  args->executable = load.executable;
  return 1;
}

serialized pjrt_serialize(const pjrt_api *api, const pjrt_compile_args *args) {
  serialized none = {NULL, 0, NULL, NULL};
  struct { size_t size; void *extensions, *loaded, *executable; } get = {sizeof get, NULL, args->executable, NULL};
  if (!succeeds(api, PJRT_LOADED_EXECUTABLE_GET_EXECUTABLE, &get)) return none;
  struct {
    size_t size;
    void *extensions, *executable;
    serialized out;
  } serialize = {sizeof serialize, NULL, get.executable, none};
  if (!succeeds(api, PJRT_EXECUTABLE_SERIALIZE, &serialize)) serialize.out = none;
  struct { size_t size; void *extensions, *executable; } destroy = {sizeof destroy, NULL, get.executable};
  succeeds(api, PJRT_EXECUTABLE_DESTROY, &destroy);
  return serialize.out;
}

void pjrt_release(serialized s) {
  if (s.release != NULL) s.release(s.owner);
}
